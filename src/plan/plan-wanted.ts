// What one wanted app means to one host: unchanged, blocked, or an action with its transaction.
import { problem } from "../core/problem.ts";
import type { Code, Facts } from "../core/problem-words.ts";
import { CONFIG_CHANGED } from "../runtime/hot.ts";
import type { ObservedApp, Recorded } from "../runtime/observed.ts";
import type { Present, Target } from "../runtime/runtime.ts";
import { runtimeOf } from "../runtime/runtimes.ts";
import type { Host } from "../spec/host.ts";
import { expanded } from "../spec/variables.ts";
import { isSameConfig } from "./config-name.ts";
import { nodeProblem, nodeWarnings } from "./embedded-node.ts";
import { nodeChange, runAsChange, supervisorChange } from "./field-changes.ts";
import { hotWarnings, hotWay, previewOf, stopsIt } from "./in-place.ts";
import { foreignOwner } from "./ownership.ts";
import type { Place } from "./places.ts";
import type { PlanInput } from "./plan-input.ts";
import type { Cause, PlanItem } from "./plan-item.ts";
import { recoveredTarget, SENT_AGAIN, whyNotSent } from "./recovered-target.ts";
import { isStillThere, recoveryKey } from "./recovery.ts";
import { releaseOnHost } from "./release-target.ts";
import { unreadableProblem } from "./unreadable-record.ts";
import type { WantedApp, Wish } from "./wanted-app.ts";
import { warningsOf } from "./warnings.ts";

/** One value for all items that have none: most have none, and there may be a million of them. */
const NONE: readonly never[] = [];

export function itemOf(input: PlanInput, app: WantedApp, place: Place, present: ObservedApp | undefined): PlanItem {
  const { host } = place;
  const wish = app.wishOn(host);
  const { spec, specDigest, config, unknownSecrets } = wish;
  const recorded = present?.recorded ?? null;
  const item: PlanItem = {
    app: spec.name,
    host: host.name,
    action: "none",
    cause: null,
    strategy: spec.strategy.type,
    from: recorded?.version ?? null,
    to: spec.version,
    changes: NONE,
    interruption: "none",
    sendBytes: 0,
    hot: null,
    warnings: NONE,
    ...(unknownSecrets.length === 0 ? {} : { unknownSecrets }),
    blocked: null,
    unmet: null,
    wave: app.wave,
    transaction: null,
  };

  const unseen = input.unobserved.get(host.name);
  if (unseen?.code === "host_not_contacted")
    // What the specs alone tell. Who reviews them sees at least that.
    return { ...blocked(item, unseen.code, unseen.facts), changes: wish.changesFrom(app.previous) };
  if (unseen !== undefined) return blocked(item, "incomplete_observation", { host: host.name });
  const owner = foreignOwner(present, input.owner);
  if (owner !== null) return blocked(item, "foreign_app", { app: spec.name, owner });
  const unreadable = present === undefined ? null : unreadableProblem(present, host, input.owner);
  if (unreadable !== null) return { ...item, blocked: unreadable };

  const target: Target = {
    spec,
    specDigest,
    release: releaseOnHost(spec.version, input.artifacts.get(spec.name), present),
    config: recorded !== null && isSameConfig(recorded.config, config) ? recorded.config : config,
    ...(spec.isolation === "embedded" ? inNode(host) : ownVm(place, spec.name)),
    owner: input.owner,
    commit: input.commit,
    file: app.document.file,
  };
  const difference = differenceOf(target, present, host);
  if (difference === null) return item;

  const cause = causeOf(wish, target, present, host);
  if (present?.held?.specDigest === target.specDigest && !input.retryFailed) {
    const held = blocked(item, "held", { failed: present.held.code });
    // Where what is on record is what failed, there is nothing better to bring back.
    const saw = present.recorded?.specDigest === target.specDigest ? null : driftOf(present);
    if (present.recorded === null || saw === null || input.onDrift === "report") return held;
    const back = broughtBack(input, item, { ...present, recorded: present.recorded }, saw);
    return back.blocked === null ? { ...back, unmet: held.blocked } : back;
  }
  if (recorded !== null && input.ancestry.get(recorded.commit) === "newer")
    return blocked(item, "superseded", { recorded: recorded.commit.slice(0, 12), head: input.commit.slice(0, 12) });
  if (cause === "drift" && input.onDrift === "report")
    return blocked(item, "drift_found", { detail: difference.saw ?? "" });

  const unmet = nodeProblem(input, target, place);
  if (unmet !== null) return { ...item, blocked: unmet };

  const runtime = runtimeOf(spec);
  const from = present && recorded ? ({ ...present, recorded } satisfies Present) : null;
  const way = from === null ? null : hotWay(input, target, from, { host: host.name, action: difference.action });
  if (way?.unknown) return { ...item, blocked: way.unknown };
  if (way?.mayNotRestart)
    return blocked(item, "no_hot_upgrade", { from: item.from ?? "", to: spec.version, why: way.why });
  if (way?.inPlace !== undefined) target.inPlace = way.inPlace;
  const transaction =
    from === null
      ? runtime.deploy(target)
      : difference.action === "reconfigure"
        ? runtime.reconfigure(target, from)
        : runtime.upgrade(target, from);
  const changes = wish.changesFrom(recorded?.spec ?? null);
  const elsewhere = [
    ...runAsChange(recorded ?? {}, target, host),
    ...nodeChange(recorded ?? {}, target),
    ...supervisorChange(recorded, target),
  ];
  return {
    ...item,
    action: difference.action,
    cause,
    changes: elsewhere.length === 0 ? changes : [...changes, ...elsewhere],
    interruption:
      present?.running != null &&
      (stopsIt(way, spec.name) ||
        transaction.steps.some(({ action: { verb } }) => verb === "stop" || verb === "unembed"))
        ? "restart"
        : "none",
    sendBytes: transaction.steps.reduce((sum, { action }) => sum + (action.verb === "stage" ? action.sizeBytes : 0), 0),
    hot: previewOf(way, transaction),
    warnings: [
      ...warningsOf(target, host, { recorded, drift: difference.saw }),
      ...hotWarnings(way),
      ...nodeWarnings(target, place),
    ],
    transaction,
  };
}

const inNode = ({ node }: Place["host"]): Pick<Target, "supervisor" | "node"> => ({
  supervisor: "daemon",
  ...(node === undefined ? {} : { node }),
});

const ownVm = ({ host: { runAs }, supervisor }: Place, name: string): Pick<Target, "supervisor" | "runAs"> => ({
  supervisor,
  ...(runAs === undefined ? {} : { runAs: expanded(runAs, { name }) }),
});

/** The item where something is in the way. */
function blocked<C extends Code>(item: PlanItem, code: C, facts: Facts<C>): PlanItem {
  return { ...item, blocked: problem(code, { in: "host", host: item.host, app: item.app }, facts) };
}

/** What is on record runs again, whatever is wanted: the wanted spec has failed, and is no reason to leave the app down. */
function broughtBack(input: PlanInput, item: PlanItem, from: Present, saw: string): PlanItem {
  const { recorded } = from;
  const recovery = isStillThere(recorded, from) ? undefined : input.recoveries.get(recoveryKey(item, recorded));
  const lost = (why: string): PlanItem =>
    blocked(item, "record_lost", { version: recorded.version, wanted: item.to ?? "", why });
  if (recovery !== undefined && "refused" in recovery) return lost(recovery.refused);
  const target = recovery && recoveredTarget(recovery, from, input.fingerprints);
  const why = whyNotSent(target);
  if (why !== null) return lost(why);
  const transaction = runtimeOf(recorded.spec).restore(from, target);
  return {
    ...item,
    action: from.running === null ? "deploy" : "upgrade",
    cause: "drift",
    to: from.recorded.version,
    interruption: from.running === null ? "none" : "restart",
    sendBytes: target?.release.artifact?.sizeBytes ?? 0,
    warnings: [
      `drift: ${saw}`,
      `${item.to} is held: what is on record is brought back`,
      ...(target === undefined ? [] : [SENT_AGAIN]),
    ],
    transaction,
  };
}

type Difference = {
  action: "deploy" | "upgrade" | "reconfigure";
  /** What was seen on the host that its own record does not explain. */
  saw: string | null;
};

/** How the host differs from the target; null where it does not. Record first, then what is really there. */
function differenceOf(target: Target, present: ObservedApp | undefined, host: Host): Difference | null {
  const recorded = present?.recorded;
  if (!present || !recorded) return { action: "deploy", saw: null };
  const saw = driftOf(present) ?? supervisorDrift(target, recorded, host);
  if (recorded.version !== target.spec.version || recorded.digest !== target.release.digest)
    return { action: "upgrade", saw };
  if (
    recorded.config !== target.config ||
    recorded.supervisor !== target.supervisor ||
    recorded.runAs !== target.runAs ||
    recorded.node !== target.node ||
    recorded.specDigest !== target.specDigest
  )
    return { action: "reconfigure", saw };
  return saw === null ? null : { action: present.running === null ? "deploy" : "upgrade", saw };
}

/** What starts apps again on a host may change without anybody's commit: lingering is switched on, systemd comes with an upgrade. */
const supervisorDrift = ({ supervisor }: Target, recorded: Recorded, host: Host): string | null =>
  recorded.supervisor === supervisor || host.supervisor !== undefined
    ? null
    : `its supervisor is ${recorded.supervisor} on record, the host has ${supervisor} by now`;

/** Where record and host disagree, in words; null where they agree. */
function driftOf({ recorded, running, current, configs }: ObservedApp): string | null {
  if (recorded === null) return null;
  if (running === null)
    return recorded.node === undefined ? "it is not running" : `it does not run in ${recorded.node}`;
  if (current !== recorded.release) return `current points to ${current ?? "nothing"}, recorded is ${recorded.release}`;
  if (running.release !== recorded.release)
    return `${running.release ?? "something started by hand"} is running, recorded is ${recorded.release}`;
  if (running.config !== recorded.config) return "it runs with another configuration than the recorded one";
  if (!configs.includes(recorded.config)) return CONFIG_CHANGED;
  if (recorded.node === undefined && running.runAs !== recorded.runAs)
    return `it runs as ${running.runAs ?? "the user of the login"}, recorded is ${recorded.runAs ?? "that of the login"}`;
  return null;
}

function causeOf({ previousDigest }: Wish, target: Target, present: ObservedApp | undefined, host: Host): Cause {
  if (present?.held?.specDigest === target.specDigest) return "retry";
  const recorded = present?.recorded;
  const isSameSpec = recorded?.specDigest === target.specDigest;
  // All that is wanted was done here: whatever the commits say, what differs now came by itself.
  const like = host.supervisor === undefined && recorded ? { ...target, supervisor: recorded.supervisor } : target;
  if (isSameSpec && isOnRecord(like, recorded)) return "drift";
  if (!recorded || previousDigest !== target.specDigest) return "spec";
  // What is wanted has changed all the same: a secret's value, what the url leads to, or the fleet file. Or the commits
  // agree, and the host is behind: an earlier run did not reach it.
  return isSameSpec ? "spec" : "retry";
}

/** Whether release, configuration, supervisor and user are those on record. */
const isOnRecord = ({ config, release, supervisor, runAs, node }: Target, recorded: Recorded): boolean =>
  config === recorded.config &&
  release.digest === recorded.digest &&
  supervisor === recorded.supervisor &&
  runAs === recorded.runAs &&
  node === recorded.node;
