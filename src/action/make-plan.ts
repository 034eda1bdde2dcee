// From what is wanted and what was seen to a plan: bring unfinished ops to their end, fetch what must be sent, plan.
import { scryptSync } from "node:crypto";
import type { FetchedRelease } from "../artifact/fetch.ts";
import type { Problem } from "../core/problem.ts";
import { isOurs } from "../plan/ownership.ts";
import { plan } from "../plan/plan.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import type { Plan } from "../plan/plan-item.ts";
import { hasChanges } from "../plan/plan-item.ts";
import { planRollback } from "../plan/plan-rollback.ts";
import { removalProblem } from "../plan/removal-guard.ts";
import type { Fetching } from "./fetch-releases.ts";
import { appsWithoutRelease, fetchReleases } from "./fetch-releases.ts";
import type { FleetSession, Observed } from "./fleet-session.ts";
import type { Inputs } from "./inputs.ts";
import { inspectRunning } from "./inspect-running.ts";
import { pastReleases } from "./past-releases.ts";
import { withoutUnfinished } from "./recover-unfinished.ts";
import type { RunContext } from "./run-context.ts";
import type { Wanted } from "./wanted.ts";
import { ancestryOf } from "./wanted.ts";

export type MadePlan = {
  plan: Plan;
  /** Why it is not carried out as a whole, whatever its items say. */
  refused: Problem | null;
  observed: Observed;
  /** Those that are wanted, by app, and those that hot upgrades go through. */
  releases: ReadonlyMap<string, FetchedRelease>;
  passed: readonly FetchedRelease[];
};

export async function makePlan(
  wanted: Wanted,
  session: FleetSession,
  first: Observed,
  given: {
    inputs: Inputs;
    context: RunContext;
    fetching: Fetching;
    downloads: string;
    say: (line: string) => void;
  },
): Promise<MadePlan> {
  const { inputs, context, fetching, downloads, say } = given;
  const { hosts } = wanted.fleet;
  const names = [...wanted.desired.keys()];
  const observed =
    inputs.command !== "plan"
      ? await withoutUnfinished(first, hosts, names, session, { say, waitMs: inputs.lockTimeoutMs })
      : first;

  // A rollback takes what lies on the hosts.
  const isRollback = inputs.command === "rollback";
  const needed = isRollback ? [] : appsWithoutRelease(wanted, observed.hosts, inputs.apps);
  const owner = { repository: `${context.owner}/${context.repo}`, environment: inputs.environment };
  // What others have on record is none of our commits.
  const recorded = observed.hosts.flatMap(({ apps }) =>
    apps.flatMap((app) => (app.recorded !== null && isOurs(app.recorded.owner, owner) ? app.recorded.commit : [])),
  );
  // Which of two commits is older decides only whether something may be done; where there is nothing to do, nobody asks git.
  // Where something must be fetched there is something to do.
  const [releases, related] = await Promise.all([
    fetchReleases(needed, fetching),
    needed.length > 0 ? ancestryOf(wanted, recorded) : null,
  ]);
  const inspected = await inspectRunning(wanted, session, { hosts: observed.hosts, releases });
  const { workspace } = context;
  const seen = { ...inspected, desired: wanted.desired, observed: observed.hosts, artifacts: releases };
  const past = await pastReleases(seen, { workspace, downloads, say });
  const passed = [...past.values()].map(({ artifact }) => artifact);
  const input: PlanInput = {
    owner,
    commit: wanted.commit,
    hosts,
    previous: wanted.previous,
    unobserved: observed.problems,
    ...seen,
    past,
    fingerprints: fingerprintsOf(wanted, inputs.secrets),
    ancestry: related ?? new Map(),
    retryFailed: inputs.retryFailed,
    onDrift: inputs.onDrift,
    maxRemovals: inputs.maxRemovals,
    only: inputs.apps,
    folder: wanted.folder,
    vanished: wanted.vanished,
  };
  if (isRollback) return { observed, releases, passed, refused: null, plan: planRollback(input, inputs.version) };
  const planned = plan(input);
  const isRelated = related !== null || !hasChanges(planned);
  const made = isRelated ? planned : plan({ ...input, ancestry: await ancestryOf(wanted, recorded) });
  return {
    observed,
    releases,
    passed,
    refused: removalProblem(input, made.items, inputs.maxRemovals),
    plan: made,
  };
}

/** 48 bits of a slow digest: enough to see a change, too few and too slow to lead back to a good secret. Only those in use. */
function fingerprintsOf({ desired }: Wanted, secrets: ReadonlyMap<string, string>): Map<string, string> {
  const used = [...desired.values()].flatMap(({ spec }) =>
    Object.values(spec.os_env).flatMap((value) => ("secret" in value ? [value.secret] : [])),
  );
  return new Map(
    [...new Set(used)].flatMap((name) => {
      const value = secrets.get(name);
      return value === undefined ? [] : [[name, scryptSync(value, `beamline ${name}`, 6).toString("hex")] as const];
    }),
  );
}
