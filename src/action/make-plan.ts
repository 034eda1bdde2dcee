// From what is wanted and what was seen to a plan: bring unfinished ops to their end, fetch what must be sent, plan.
import { scryptSync } from "node:crypto";
import type { FetchedRelease } from "../artifact/fetch.ts";
import type { Sources } from "../artifact/sources.ts";
import type { Problem } from "../core/problem.ts";
import { isOurs } from "../plan/ownership.ts";
import { plan } from "../plan/plan.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import type { Plan } from "../plan/plan-item.ts";
import { hasChanges } from "../plan/plan-item.ts";
import { planRollback } from "../plan/plan-rollback.ts";
import { withDamaged } from "../plan/recovery.ts";
import { removalProblem } from "../plan/removal-guard.ts";
import type { AppSpec } from "../spec/app-spec.ts";
import { secretsIn } from "../spec/secrets-in.ts";
import type { Committed } from "./committed.ts";
import { committedIn } from "./committed.ts";
import type { Fetching } from "./fetch-releases.ts";
import { appsWithoutRelease, fetchReleases } from "./fetch-releases.ts";
import type { FleetSession, Observed } from "./fleet-session.ts";
import type { Inputs } from "./inputs.ts";
import { inspectRunning } from "./inspect-running.ts";
import { pastReleases } from "./past-releases.ts";
import { withoutUnfinished } from "./recover-unfinished.ts";
import { damagedReleases, lostRecords, recoveriesOf } from "./recoveries.ts";
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
  committed: Committed;
};

export async function makePlan(
  wanted: Wanted,
  session: FleetSession,
  first: Observed,
  given: {
    inputs: Inputs;
    context: RunContext;
    fetching: Fetching;
    sources: Sources;
    downloads: string;
    say: (line: string) => void;
    /** Told of each spec of an earlier commit that takes part. */
    onSpec: (spec: AppSpec) => void;
  },
): Promise<MadePlan> {
  const { inputs, context, fetching, sources, downloads, say, onSpec } = given;
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
  const committed = committedIn(wanted, owner, onSpec);
  const seen = { ...inspected, desired: wanted.desired, observed: observed.hosts, artifacts: releases };
  const past = await pastReleases(seen, { sources, downloads, say, committed });
  const passed = [...past.values()].map(({ artifact }) => artifact);
  const input: PlanInput = {
    owner,
    commit: wanted.commit,
    hosts,
    hostChanges: wanted.hostChanges,
    previous: wanted.previous,
    unobserved: observed.problems,
    ...seen,
    past,
    fingerprints: fingerprintsOf(wanted, inputs.secrets),
    recoveries: new Map(),
    ancestry: related ?? new Map(),
    retryFailed: inputs.retryFailed,
    onDrift: inputs.onDrift,
    maxRemovals: inputs.maxRemovals,
    only: inputs.apps,
    folder: wanted.folder,
    vanished: wanted.vanished,
  };
  const parts = { wanted, session, given, releases, passed, committed };
  const { input: latest, ...planned } = await withRecoveries(input, parts);
  const made = { ...planned, observed: { ...observed, hosts: [...latest.observed] }, committed };
  if (isRollback) return { ...made, refused: null };
  const isRelated = related !== null || !hasChanges(made.plan);
  const last = isRelated ? made.plan : plan({ ...latest, ancestry: await ancestryOf(wanted, recorded) });
  return { ...made, plan: last, refused: removalProblem(latest, last.items, inputs.maxRemovals) };
}

type Planned = Pick<MadePlan, "plan" | "releases" | "passed"> & { input: PlanInput };

/** The plan; where it starts what lies damaged on a host, or is gone from there, with what is to be sent again. */
async function withRecoveries(
  first: PlanInput,
  made: {
    wanted: Wanted;
    session: FleetSession;
    given: { inputs: Inputs; fetching: Fetching; sources: Sources; downloads: string };
    releases: MadePlan["releases"];
    passed: MadePlan["passed"];
    committed: Committed;
  },
): Promise<Planned> {
  const { wanted, session, given, committed } = made;
  const { inputs, fetching, sources, downloads } = given;
  const isRollback = inputs.command === "rollback";
  const planOf = (input: PlanInput): Plan => (isRollback ? planRollback(input, inputs.version) : plan(input));
  let [input, planned, releases] = [first, planOf(first), made.releases];
  const damaged = await damagedReleases(planned, session);
  if (damaged.length > 0) {
    const observed = withDamaged(input.observed, damaged);
    const needed = isRollback ? [] : appsWithoutRelease(wanted, observed, inputs.apps);
    releases = await fetchReleases(needed, fetching);
    input = { ...input, observed, artifacts: releases };
    planned = planOf(input);
  }
  const lost = lostRecords(planned, input, inputs);
  if (lost.length === 0) return { input, plan: planned, releases, passed: made.passed };
  const again = await recoveriesOf(lost, { committed, sources, downloads });
  input = { ...input, recoveries: again.recoveries };
  return { input, plan: planOf(input), releases, passed: [...made.passed, ...again.releases] };
}

/** 48 bits of a slow digest: enough to see a change, too few and too slow to lead back to a good secret. Only those in use. */
function fingerprintsOf({ desired }: Wanted, secrets: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    secretsIn([...desired.values()].map(({ spec }) => spec)).flatMap((name) => {
      const value = secrets.get(name);
      return value === undefined ? [] : [[name, scryptSync(value, `beamline ${name}`, 6).toString("hex")] as const];
    }),
  );
}
