import type { Problem } from "../core/problem.ts";
import { wordsOf } from "../core/problem.ts";
import { formatBytes } from "../core/quantity.ts";
import type { Plan, PlanItem } from "../plan/plan-item.ts";
import { block, code, literal, table } from "./markdown.ts";
import { connectionsText, planSummary, versionsText } from "./plan-text.ts";
import { problemText } from "./problem-text.ts";

/** A plan for the job summary: one row an item that does something, what changes in each spec, and what is wrong with hosts. */
export function planMarkdown(plan: Plan, hostProblems: readonly Problem[] = []): string {
  const shown = plan.items.filter((item) => item.transaction !== null || item.blocked !== null);
  const lines = [`## Plan for ${literal(plan.environment)}`, "", `${planSummary(plan)}.`, ""];
  if (shown.length > 0) lines.push(...table(HEAD, shown.map(row)), "");
  for (const [app, items] of grouped(shown)) lines.push(...details(app, items));
  const blocked = shown.flatMap((item) => item.blocked ?? []).filter(({ code }) => code !== "incomplete_observation");
  for (const problem of [...hostProblems, ...blocked]) lines.push(...block(problemText(problem)), "");
  lines.push(`Digest ${code(plan.digest)}`, "");
  return lines.join("\n");
}

const HEAD = ["App", "Host", "Action", "Version", "Why", "Connections", "Sends"];

const row = (item: PlanItem): string[] => [
  literal(item.app),
  literal(item.host),
  item.blocked === null ? item.action : `blocked: ${literal(wordsOf(item.blocked).message)}`,
  literal(versionsText(item)),
  item.cause ?? "",
  item.transaction === null ? "" : connectionsText(item),
  item.sendBytes > 0 ? formatBytes(item.sendBytes) : "",
];

/** What changes in an app's spec and what to know about it, once for all hosts of which it is true. */
function details(app: string, items: readonly PlanItem[]): string[] {
  const alike = new Map<string, PlanItem[]>();
  for (const item of items) {
    const key = JSON.stringify([item.changes, item.warnings]);
    alike.set(key, [...(alike.get(key) ?? []), item]);
  }
  return [...alike.values()].flatMap((group) => {
    const [{ changes, warnings } = { changes: [], warnings: [] }] = group;
    if (changes.length === 0 && warnings.length === 0) return [];
    const hosts = group.length === items.length ? "" : ` on ${group.map(({ host }) => literal(host)).join(", ")}`;
    const rows = changes.map(({ field, from, to, line }) => [
      code(field),
      from === null ? "" : code(from),
      to === null ? "" : code(to),
      line === null ? "" : String(line),
    ]);
    return [
      `### ${literal(app)}${hosts}`,
      "",
      ...(rows.length > 0 ? [...table(["Field", "From", "To", "Line"], rows), ""] : []),
      ...(warnings.length > 0 ? [...warnings.map((warning) => `- ⚠️ ${literal(warning)}`), ""] : []),
    ];
  });
}

/** Items by app, in the plan's order. */
export function grouped<T extends { app: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(item.app, [...(groups.get(item.app) ?? []), item]);
  return groups;
}
