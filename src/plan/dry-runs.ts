// What a node says today of a hot upgrade that is planned for it. It does not change what the plan does, nor its digest:
// processes come and go.
import { counted } from "../core/quantity.ts";
import type { Action } from "../runtime/transaction.ts";
import type { Plan, PlanItem } from "./plan-item.ts";

type Upgrade = Extract<Action, { verb: "hot" }>;

/** `lingering`: processes in old code of what is to be replaced, as the node writes them. */
export type DryRun = { lingering: readonly string[] };

/** More modules than any release replaces; a node is not asked about what somebody made up. */
export const MOST_MODULES = 20_000;

/** The hot upgrades of a plan; where one takes several, the first: what comes then is nothing that a node could be asked today. */
export const upgradesOf = ({ items }: Plan): [PlanItem, Upgrade][] =>
  items.flatMap((item) => {
    const first = item.transaction?.steps.find(({ action }) => action.verb === "hot")?.action;
    return first?.verb === "hot" ? [[item, first] satisfies [PlanItem, Upgrade]] : [];
  });

/** The plan, with what its nodes have said as warnings. */
export const withDryRuns = (plan: Plan, dryRuns: ReadonlyMap<PlanItem, string[]>): Plan => ({
  ...plan,
  items: plan.items.map((item) => ({ ...item, warnings: [...item.warnings, ...(dryRuns.get(item) ?? [])] })),
});

/** What a reviewer should know of it; nothing where all is well. */
export function dryRunWarnings({ lingering }: DryRun, { onLinger, lingerTimeoutMs }: Upgrade): string[] {
  if (lingering.length === 0) return [];
  const then = onLinger === "kill" ? "they are killed" : "it is refused";
  const named = [...lingering.slice(0, 3), ...(lingering.length > 3 ? ["…"] : [])].join("; ");
  const many = counted(lingering.length, "process", "processes");
  return [`${many} in old code now: it waits ${lingerTimeoutMs} ms at most for them to leave, then ${then}: ${named}`];
}
