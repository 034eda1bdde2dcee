// command: rollback. Goes back on each host to what was on record there before, with the spec it had then, from what lies there.
import { problem } from "../core/problem.ts";
import type { ObservedApp, Recorded } from "../runtime/observed.ts";
import type { Present } from "../runtime/runtime.ts";
import { runtimeOf } from "../runtime/runtimes.ts";
import type { Host } from "../spec/host.ts";
import { nodeChange, runAsChange, specChanges } from "./field-changes.ts";
import { isFromFolder, isOurs } from "./ownership.ts";
import { planOf } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";
import type { Plan, PlanItem } from "./plan-item.ts";
import { recoveredTarget, SENT_AGAIN, whyNotSent } from "./recovered-target.ts";
import { isStillThere, type Place, recoveryKey } from "./recovery.ts";
import { unreadableItems } from "./unreadable-record.ts";
import { limitWarnings } from "./warnings.ts";

/** The plan of a rollback of the chosen apps: to a version, or (null) to what was there before. */
export function planRollback(input: PlanInput, version: string | null): Plan {
  const items = input.hosts.flatMap((host) => {
    const observed = input.observed.find((candidate) => candidate.host === host.name);
    return (observed?.apps ?? [])
      .filter(({ name }) => input.only === null || input.only.has(name))
      .flatMap((app) => itemOf(input, app, host, version));
  });
  return planOf(input, items);
}

function itemOf(input: PlanInput, app: ObservedApp, host: Host, version: string | null): PlanItem[] {
  const { recorded } = app;
  if (app.unreadable !== undefined) return unreadableItems(app, host, input.owner);
  if (recorded === null || !isOurs(recorded.owner, input.owner) || !isFromFolder(recorded, input.folder)) return [];
  const from: Present = { ...app, recorded };
  const item: PlanItem = {
    app: app.name,
    host: host.name,
    action: "none",
    cause: null,
    strategy: recorded.spec.strategy.type,
    from: recorded.version,
    to: recorded.version,
    changes: [],
    interruption: "none",
    sendBytes: 0,
    hot: null,
    warnings: [],
    blocked: null,
    unmet: null,
    wave: 0,
    transaction: null,
  };
  if (version !== null && recorded.version === version) return [item];
  // Asked for twice, as by a job that is run again, it is done once. Further back goes who names a version.
  if (version === null && app.held?.code === "rolled_back") return [item];
  const recoveryOf = (past: Recorded) => input.recoveries.get(recoveryKey(item, past));
  const canBeHad = (past: Recorded): boolean => {
    const recovery = recoveryOf(past);
    return isStillThere(past, app) || (recovery !== undefined && !("refused" in recovery));
  };
  const earlier = candidates(app, recorded, null);
  // Nobody has asked to go further back than to what was there before: where that is gone, an older one is no substitute.
  const to = version === null ? earlier[0] : candidates(app, recorded, version).find(canBeHad);
  if (to === undefined || !canBeHad(to)) {
    const wanted = version ?? (to === undefined ? "an earlier state" : `${to.version}, which was here before,`);
    const there = earlier.filter((past) => isStillThere(past, app)).map((past) => past.version);
    return [
      {
        ...item,
        to: version,
        blocked: problem(
          "nothing_to_roll_back_to",
          { in: "host", host: host.name, app: app.name },
          { wanted, there: [...new Set(there)] },
        ),
      },
    ];
  }
  const recovery = isStillThere(to, app) ? undefined : recoveryOf(to);
  const target =
    recovery === undefined || "refused" in recovery ? undefined : recoveredTarget(recovery, from, input.fingerprints);
  const why = whyNotSent(target);
  if (why !== null) {
    const where = { in: "host", host: host.name, app: app.name } as const;
    const facts = { version: to.version, wanted: recorded.version, why };
    return [{ ...item, to: to.version, blocked: problem("record_lost", where, facts) }];
  }
  return [
    {
      ...item,
      sendBytes: target?.release.artifact?.sizeBytes ?? 0,
      action: "upgrade",
      cause: "rollback",
      to: to.version,
      changes: [
        ...specChanges(recorded.spec, to.spec),
        ...runAsChange(recorded, to, host),
        ...nodeChange(recorded, to),
      ],
      interruption: app.running === null ? "none" : "restart",
      warnings: [
        `${recorded.version} is held here from then on, until its spec changes`,
        ...(target === undefined ? [] : [SENT_AGAIN]),
        ...limitWarnings(to, host),
      ],
      transaction: runtimeOf(to.spec).rollback(to, from, target),
    },
  ];
}

/** What was healed, or judged anew, is on record twice. */
const isSameState = (a: Recorded, b: Recorded): boolean =>
  a.specDigest === b.specDigest && a.digest === b.digest && a.config === b.config && a.runAs === b.runAs;

/** What it could go back to, the latest first. */
const candidates = (app: ObservedApp, recorded: Recorded, version: string | null): readonly Recorded[] =>
  app.history.filter((past) => (version === null || past.version === version) && !isSameState(past, recorded));

/** What it would go back to, and what does not lie there any more as it was. */
export function lostTargets(input: PlanInput, version: string | null): (Place & { record: Recorded })[] {
  return input.observed.flatMap(({ host, apps }) =>
    apps.flatMap((app) => {
      const { name, recorded } = app;
      if (recorded === null || (input.only !== null && !input.only.has(name))) return [];
      const [record] = candidates(app, recorded, version);
      return record === undefined || isStillThere(record, app) ? [] : [{ host, app: name, record }];
    }),
  );
}
