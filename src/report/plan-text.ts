import { wordsOf } from "../core/problem.ts";
import { counted, formatBytes } from "../core/quantity.ts";
import type { Plan, PlanItem } from "../plan/plan-item.ts";

/** A plan for the log: what is done to each app, then host by host. */
export function planText(plan: Plan): string[] {
  const lines = [`Plan for ${plan.environment}: ${planSummary(plan)}`];
  for (const item of plan.items) {
    lines.push(`  ${itemTitle(item)}`);
    lines.push(...item.changes.map((change) => `      ${changeText(change)}`));
    lines.push(...item.warnings.map((warning) => `      warning: ${warning}`));
    if (item.blocked !== null) lines.push(`      ${wordsOf(item.blocked).remedy}`);
  }
  lines.push(`Plan digest ${plan.digest}`);
  return lines;
}

/** `1 to deploy, 3 to upgrade, 2 unchanged`. */
export function planSummary({ items }: Plan): string {
  const count = (matches: (item: PlanItem) => boolean): number => items.filter(matches).length;
  const words = (["deploy", "upgrade", "reconfigure", "remove"] as const).map((action): [number, string] => [
    count((item) => item.transaction !== null && item.action === action),
    `to ${action}`,
  ]);
  words.push([count((item) => item.blocked !== null), "blocked"]);
  words.push([count((item) => item.transaction === null && item.blocked === null), "unchanged"]);
  const said = words.filter(([number]) => number > 0).map(([number, text]) => `${number} ${text}`);
  return said.length === 0 ? "nothing is wanted, nothing is there" : said.join(", ");
}

/** `web1/counter upgrade 1.0.0 → 1.1.0 (cause: spec; strategy: restart; connections: cut, it restarts; 9 steps)`. */
export function itemTitle(item: PlanItem): string {
  const name = `${item.host}/${item.app}`;
  if (item.blocked !== null) return `${name} blocked: ${wordsOf(item.blocked).message}`;
  if (item.transaction === null) return `${name} unchanged ${item.to ?? ""}`.trimEnd();
  const facts = [
    `cause: ${item.cause}`,
    `strategy: ${item.strategy}`,
    `connections: ${connectionsText(item)}`,
    ...(item.sendBytes > 0 ? [`sends at most ${formatBytes(item.sendBytes)}`] : []),
    counted(item.transaction.steps.length, "step"),
  ];
  return `${name} ${item.action} ${versionsText(item)} (${facts.join("; ")})`;
}

/** What becomes of the connections that the app has now. */
export function connectionsText({ action, interruption, transaction }: PlanItem): string {
  if (interruption === "drain") return "drained";
  if (interruption === "restart") return action === "remove" ? "cut, it stops" : "cut, it restarts";
  // Nothing is stopped: either nothing runs, or the process that runs goes on.
  if (action === "remove") return "none";
  return transaction?.steps.some(({ action }) => action.verb === "start") ? "none yet" : "kept";
}

/** `1.0.0 → 1.1.0`, or the one version there is. */
export function versionsText({ from, to }: Pick<PlanItem, "from" | "to">): string {
  if (from !== null && to !== null && from !== to) return `${from} → ${to}`;
  return to ?? from ?? "";
}

export const changeText = ({ field, from, to }: PlanItem["changes"][number]): string =>
  `${field}: ${from ?? "(none)"} → ${to ?? "(none)"}`;
