// Which hot upgrades of a plan are worth a rehearsal, and what follows from how it went. What the plan does, and so its digest,
// stays the same: a plan that was approved is the one that is rehearsed.
import type { Problem, Where } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { ObservedHost } from "../runtime/observed.ts";
import type { Present } from "../runtime/runtime.ts";
import type { Action, Transaction } from "../runtime/transaction.ts";
import type { Plan, PlanItem, Rehearsal } from "./plan-item.ts";

/** One hot upgrade, on as many hosts as it is alike; it is rehearsed as it would be on the first of them. */
export type Act = {
  item: PlanItem & { transaction: Transaction };
  from: Present;
  /** The same on the others: one host's record may be false. */
  others: readonly Pick<Act, "item" | "from">[];
  items: readonly PlanItem[];
};

/** Hosts that run the same release and are to become the same one by the same scripts share an act. */
export function actsOf(plan: Plan, observed: readonly ObservedHost[]): Act[] {
  const present = new Map(observed.map(({ host, apps }) => [host, apps]));
  const acts = new Map<string, Act & { others: Pick<Act, "item" | "from">[]; items: PlanItem[] }>();
  for (const item of plan.items) {
    const { transaction } = item;
    const seen = present.get(item.host)?.find(({ name }) => name === item.app);
    if (item.hot === null || transaction === null || !seen?.recorded) continue;
    const scripts = transaction.steps.flatMap(({ action }) => (isChange(action) ? [action.digest] : []));
    const target = transaction.steps.flatMap(({ action }) => (isLook(action) ? [action.digest] : []));
    const key = JSON.stringify([item.app, seen.recorded.digest, seen.running?.release, target, scripts]);
    const act = acts.get(key);
    const place = { item: { ...item, transaction }, from: { ...seen, recorded: seen.recorded } };
    if (act === undefined) acts.set(key, { ...place, others: [], items: [item] });
    else {
      act.others.push(place);
      act.items.push(item);
    }
  }
  return [...acts.values()];
}

const isChange = (action: Action) => action.verb === "hot" || action.verb === "embed_hot";

const isLook = (action: Action) => action.verb === "preflight" || action.verb === "embeddable";

/** The plan with what is known of its hot upgrades by now. */
export const withRehearsals = (plan: Plan, rehearsals: ReadonlyMap<PlanItem, Rehearsal>): Plan => ({
  ...plan,
  items: plan.items.map((item) => {
    const rehearsal = rehearsals.get(item);
    return rehearsal === undefined ? item : { ...item, rehearsal };
  }),
});

/** Which secrets were others. */
export const standInsText = (names: readonly string[]): string => `stand-ins for the secrets ${names.join(", ")}`;

/** What is to be said of how an item's rehearsal went; null where it went well, or there was none. */
export function rehearsalProblem({ from, to, rehearsal }: PlanItem, where: Where): Problem | null {
  if (rehearsal === undefined || rehearsal.result === "passed") return null;
  const versions = { from: from ?? "", to: to ?? "" };
  const { result, tail, standIns } = rehearsal;
  const why = `${rehearsal.why}${standIns === undefined ? "" : `; ${standInsText(standIns)}`}`;
  return result === "failed"
    ? problem("rehearsal_failed", where, { ...versions, detail: why }, tail)
    : problem("rehearsal_impossible", where, { ...versions, why }, tail);
}

/** The plan as it is carried out: nothing is done to an app, on any host, of which a rehearsal has failed. */
export function withheld(plan: Plan): Plan {
  const failed = new Map(
    plan.items.flatMap((item) => (item.rehearsal?.result === "failed" ? [[item.app, item] as const] : [])),
  );
  if (failed.size === 0) return plan;
  const items = plan.items.map((item) => {
    const cause = item.rehearsal?.result === "failed" ? item : failed.get(item.app);
    if (cause === undefined || item.transaction === null) return item;
    const blocked = rehearsalProblem(cause, { in: "host", host: item.host, app: item.app });
    return { ...item, blocked, transaction: null };
  });
  return { ...plan, items };
}
