// Drives a plan over the hosts: wave by wave, in a wave as many at once as allowed. A failure stops nothing that runs; it
// keeps what has not started from starting: the same app elsewhere, and whatever depends on it.
import type { Plan, PlanItem } from "../plan/plan-item.ts";
import { isOfUnseenHost } from "../plan/plan-item.ts";
import type { ReportedItem } from "../report/run-result.ts";
import type { JournalEvent } from "../runtime/journal.ts";

export type RolloutEvent =
  | { kind: "started"; item: PlanItem }
  | { kind: "journal"; item: PlanItem; event: JournalEvent }
  | { kind: "finished"; result: ReportedItem };

export type RolloutOptions = {
  /** How many ops run at once. */
  concurrency: number;
  /** Failed hosts an app may have before no further host of it is started. */
  maxFailures: (app: string) => number;
  dependencies: (app: string) => readonly string[];
  /** No op is started after it; those that run go on to their end. */
  signal: AbortSignal;
  onEvent: (event: RolloutEvent) => void;
};

/** An op and the upload beside it take two sessions of a connection; sshd allows ten (sshd_config(5), MaxSessions). */
const OPS_PER_HOST = 4;

/** Runs all items of a plan; every item has a result, in the plan's order. */
export async function rollout(
  plan: Plan,
  execute: (item: PlanItem, onEvent: (event: JournalEvent) => void) => Promise<ReportedItem>,
  options: RolloutOptions,
): Promise<ReportedItem[]> {
  const results = new Map<PlanItem, ReportedItem>();
  const failures = new Map<string, number>();
  const failedApps = new Set<string>();
  const finish = (result: ReportedItem): void => {
    const { app } = result.item;
    results.set(result.item, result);
    // A host that nothing is known about is not the app's fault: it goes on elsewhere, and so does what depends on it.
    if (isFailure(result) && !isOfUnseenHost(result.problem)) {
      failures.set(app, (failures.get(app) ?? 0) + 1);
      failedApps.add(app);
    }
    options.onEvent({ kind: "finished", result });
  };
  /** An app that moves stays where it was until it is well wherever it goes. */
  const cannotLeave = (item: PlanItem): boolean =>
    item.action === "remove" &&
    plan.items.some((other) => {
      const outcome = results.get(other)?.outcome;
      return other.app === item.app && other.action !== "remove" && outcome !== "deployed" && outcome !== "unchanged";
    });
  const isStopped = (item: PlanItem): boolean =>
    options.signal.aborted ||
    cannotLeave(item) ||
    (failures.get(item.app) ?? 0) > options.maxFailures(item.app) ||
    dependsOnFailed(item.app, options.dependencies, failedApps);

  for (const item of plan.items) if (item.transaction === null && item.blocked === null) finish(withoutOp(item));

  const pending = plan.items.filter((item) => item.transaction !== null || item.blocked !== null);
  for (const wave of [...new Set(pending.map((item) => item.wave))].sort((a, b) => a - b)) {
    await eachAtOnce(
      pending.filter((item) => item.wave === wave),
      options.concurrency,
      async (item) => {
        if (item.blocked !== null) {
          // It fails when its turn comes, as any other: hosts whose turn is the same are not kept from starting.
          await Promise.resolve();
          finish(withoutOp(item));
          return;
        }
        if (isStopped(item)) {
          finish({ item, outcome: "skipped", problem: null, steps: [], durationMs: 0 });
          return;
        }
        options.onEvent({ kind: "started", item });
        finish(await execute(item, (event) => options.onEvent({ kind: "journal", item, event })));
      },
    );
  }
  return plan.items.flatMap((item) => results.get(item) ?? []);
}

const isFailure = ({ outcome }: ReportedItem): boolean =>
  ["rolled_back", "failed", "broken", "blocked"].includes(outcome);

const withoutOp = (item: PlanItem): ReportedItem => ({
  item,
  outcome: item.blocked === null ? "unchanged" : "blocked",
  problem: item.blocked,
  steps: [],
  durationMs: 0,
});

function dependsOnFailed(
  app: string,
  dependencies: RolloutOptions["dependencies"],
  failedApps: ReadonlySet<string>,
  seen = new Set<string>(),
): boolean {
  return dependencies(app).some((dependency) => {
    if (seen.has(dependency)) return false;
    seen.add(dependency);
    return failedApps.has(dependency) || dependsOnFailed(dependency, dependencies, failedApps, seen);
  });
}

/** Runs a task for each item, bounded in all and for each host; starts them in order. */
async function eachAtOnce(
  items: readonly PlanItem[],
  limit: number,
  task: (item: PlanItem) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const running = new Map<Promise<void>, string>();
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex(
      ({ host }) => [...running.values()].filter((busy) => busy === host).length < OPS_PER_HOST,
    );
    if (next >= 0 && running.size < limit) {
      const [item] = waiting.splice(next, 1);
      if (item === undefined) continue;
      const done: Promise<void> = task(item).finally(() => running.delete(done));
      running.set(done, item.host);
    } else {
      await Promise.race(running.keys());
    }
  }
}
