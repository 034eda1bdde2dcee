// What one wanted app means to one host: unchanged, blocked, or an action with its transaction.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { ObservedApp, Recorded, Supervisor } from "../runtime/observed.ts";
import type { Present, Target } from "../runtime/runtime.ts";
import { runtimeOf } from "../runtime/runtimes.ts";
import type { Host } from "../spec/host.ts";
import type { SourcedSpec } from "../spec/parse-app.ts";
import { specDigest } from "../spec/spec-digest.ts";
import { expanded, specOn } from "../spec/variables.ts";
import { configName, isSameConfig } from "./config-name.ts";
import { fieldChanges, runAsChange } from "./field-changes.ts";
import { foreignOwner } from "./ownership.ts";
import type { PlanInput } from "./plan-input.ts";
import type { Cause, PlanItem } from "./plan-item.ts";
import { releaseOnHost } from "./release-target.ts";
import { warningsOf } from "./warnings.ts";

export function itemOf(input: PlanInput, app: SourcedSpec, host: Host, present: ObservedApp | undefined): PlanItem {
  const spec = specOn(app.spec, host.name);
  const where = { in: "host", host: host.name, app: spec.name } as const;
  const recorded = present?.recorded ?? null;
  const item: PlanItem = {
    app: spec.name,
    host: host.name,
    action: "none",
    cause: null,
    strategy: spec.strategy.type,
    from: recorded?.version ?? null,
    to: spec.version,
    changes: [],
    interruption: "none",
    sendBytes: 0,
    warnings: [],
    blocked: null,
    unmet: null,
    wave: 0,
    transaction: null,
  };
  const blocked = (by: Problem): PlanItem => ({ ...item, blocked: by });

  if (input.unobserved.has(host.name)) return blocked(problem("incomplete_observation", where, { host: host.name }));
  const owner = foreignOwner(present, input.owner);
  if (owner !== null) return blocked(problem("foreign_app", where, { app: spec.name, owner }));

  const wantedConfig = configName(spec, input.fingerprints);
  const target: Target = {
    spec,
    specDigest: specDigest(spec),
    release: releaseOnHost(spec, input.artifacts.get(spec.name), present),
    config: recorded !== null && isSameConfig(recorded.config, wantedConfig) ? recorded.config : wantedConfig,
    supervisor: supervisorOf(input, host),
    ...(host.runAs === undefined ? {} : { runAs: expanded(host.runAs, { name: spec.name }) }),
    owner: input.owner,
    commit: input.commit,
    file: app.document.file,
  };
  const difference = differenceOf(target, present);
  if (difference === null) return item;

  const cause = causeOf(input, target, host, present);
  if (present?.held?.specDigest === target.specDigest && !input.retryFailed) {
    const held = problem("held", where, { failed: present.held.code });
    // Where what is on record is what failed, there is nothing better to bring back.
    const saw = present.recorded?.specDigest === target.specDigest ? null : driftOf(present);
    if (present.recorded === null || saw === null || input.onDrift === "report") return blocked(held);
    return { ...broughtBack(item, { ...present, recorded: present.recorded }, saw), unmet: held };
  }
  if (recorded !== null && input.ancestry.get(recorded.commit) === "newer")
    return blocked(
      problem("superseded", where, { recorded: recorded.commit.slice(0, 12), head: input.commit.slice(0, 12) }),
    );
  if (cause === "drift" && input.onDrift === "report")
    return blocked(problem("drift_found", where, { detail: difference.saw ?? "" }));

  const runtime = runtimeOf(spec);
  const from = present && recorded ? ({ ...present, recorded } satisfies Present) : null;
  const transaction =
    from === null
      ? runtime.deploy(target)
      : difference.action === "reconfigure"
        ? runtime.reconfigure(target, from)
        : runtime.upgrade(target, from);
  return {
    ...item,
    action: difference.action,
    cause,
    changes:
      recorded === null
        ? []
        : [...fieldChanges(recorded.spec, { spec, document: app.document }), ...runAsChange(recorded, target, host)],
    interruption:
      present?.running != null && transaction.steps.some(({ action }) => action.verb === "stop") ? "restart" : "none",
    sendBytes: target.release.artifact?.sizeBytes ?? 0,
    warnings: warningsOf(target, host, { recorded, drift: difference.saw }),
    transaction,
  };
}

/** What is on record runs again, whatever is wanted: the wanted spec has failed, and is no reason to leave the app down. */
function broughtBack(item: PlanItem, from: Present, saw: string): PlanItem {
  return {
    ...item,
    action: from.running === null ? "deploy" : "upgrade",
    cause: "drift",
    to: from.recorded.version,
    interruption: from.running === null ? "none" : "restart",
    warnings: [`drift: ${saw}`, `${item.to} is held: what is on record is brought back`],
    transaction: runtimeOf(from.recorded.spec).restore(from),
  };
}

/** The best that the host has, unless the fleet file says that nobody shall start apps again. */
function supervisorOf({ observed }: PlanInput, host: Host): Supervisor {
  if (host.supervisor === "daemon") return "daemon";
  return observed.find((candidate) => candidate.host === host.name)?.supervisor ?? "daemon";
}

type Difference = {
  action: "deploy" | "upgrade" | "reconfigure";
  /** What was seen on the host that its own record does not explain. */
  saw: string | null;
};

/** How the host differs from the target; null where it does not. Record first, then what is really there. */
function differenceOf(target: Target, present: ObservedApp | undefined): Difference | null {
  const recorded = present?.recorded;
  if (!present || !recorded) return { action: "deploy", saw: null };
  const saw = driftOf(present);
  if (recorded.version !== target.spec.version || recorded.digest !== target.release.digest)
    return { action: "upgrade", saw };
  if (
    recorded.config !== target.config ||
    recorded.supervisor !== target.supervisor ||
    recorded.runAs !== target.runAs ||
    recorded.specDigest !== target.specDigest
  )
    return { action: "reconfigure", saw };
  return saw === null ? null : { action: present.running === null ? "deploy" : "upgrade", saw };
}

/** Where record and host disagree, in words; null where they agree. */
function driftOf({ recorded, running, current }: ObservedApp): string | null {
  if (recorded === null) return null;
  if (running === null) return "it is not running";
  if (current !== recorded.release) return `current points to ${current ?? "nothing"}, recorded is ${recorded.release}`;
  if (running.release !== recorded.release)
    return `${running.release ?? "something started by hand"} is running, recorded is ${recorded.release}`;
  if (running.config !== recorded.config) return "it runs with another configuration than the recorded one";
  if (running.runAs !== recorded.runAs)
    return `it runs as ${running.runAs ?? "the user of the login"}, recorded is ${recorded.runAs ?? "that of the login"}`;
  return null;
}

function causeOf(input: PlanInput, target: Target, host: Host, present: ObservedApp | undefined): Cause {
  if (present?.held?.specDigest === target.specDigest) return "retry";
  const recorded = present?.recorded;
  const isSameSpec = recorded?.specDigest === target.specDigest;
  // All that is wanted was done here: whatever the commits say, what differs now came by itself.
  if (isSameSpec && isOnRecord(target, recorded)) return "drift";
  const previous = input.previous.get(target.spec.name);
  if (!recorded || !previous || specDigest(specOn(previous.spec, host.name)) !== target.specDigest) return "spec";
  // What is wanted has changed all the same: a secret's value, what the url leads to, or the fleet file. Or the commits
  // agree, and the host is behind: an earlier run did not reach it.
  return isSameSpec ? "spec" : "retry";
}

/** Whether release, configuration, supervisor and user are those on record. */
const isOnRecord = ({ config, release, supervisor, runAs }: Target, recorded: Recorded): boolean =>
  config === recorded.config &&
  release.digest === recorded.digest &&
  supervisor === recorded.supervisor &&
  runAs === recorded.runAs;
