import { wordsOf } from "../core/problem.ts";
import { formatBytes } from "../core/quantity.ts";
import type { Plan, PlanItem } from "../plan/plan-item.ts";
import { code, literal, table } from "./markdown.ts";
import { planSummary, versionsText } from "./plan-text.ts";

/** A plan for the job summary: one row an item that does something, then what changes in each spec. */
export function planMarkdown(plan: Plan): string {
  const shown = plan.items.filter((item) => item.transaction !== null || item.blocked !== null);
  const lines = [`## Plan for ${literal(plan.environment)}`, "", `${planSummary(plan)}.`, ""];
  if (shown.length > 0) lines.push(...table(HEAD, shown.map(row)), "");
  for (const [app, items] of grouped(shown)) {
    const [first] = items;
    if (first === undefined) continue;
    const warnings = [...new Set(items.flatMap((item) => item.warnings))];
    if (first.changes.length === 0 && warnings.length === 0) continue;
    lines.push(`### ${literal(app)}`, "");
    if (first.changes.length > 0) {
      const rows = first.changes.map(({ field, from, to, line }) => [
        code(field),
        from === null ? "" : code(from),
        to === null ? "" : code(to),
        line === null ? "" : String(line),
      ]);
      lines.push(...table(["Field", "From", "To", "Line"], rows), "");
    }
    lines.push(...warnings.map((warning) => `- ⚠️ ${literal(warning)}`), "");
  }
  lines.push(`Digest ${code(plan.digest)}`, "");
  return lines.join("\n");
}

const HEAD = ["App", "Host", "Action", "Version", "Why", "Interrupts", "Sends"];

const row = (item: PlanItem): string[] => [
  literal(item.app),
  literal(item.host),
  item.blocked === null ? item.action : `blocked: ${literal(wordsOf(item.blocked).message)}`,
  literal(versionsText(item)),
  item.cause ?? "",
  item.transaction === null ? "" : item.interruption,
  item.sendBytes > 0 ? formatBytes(item.sendBytes) : "",
];

/** Items by app, in the plan's order. */
export function grouped<T extends { app: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(item.app, [...(groups.get(item.app) ?? []), item]);
  return groups;
}
