import { wordsOf } from "../core/problem.ts";
import { formatDuration } from "../core/quantity.ts";
import { block, literal, table } from "./markdown.ts";
import { versionsText } from "./plan-text.ts";
import { problemText } from "./problem-text.ts";
import type { ReportedItem, RunResult } from "./run-result.ts";
import { stepText } from "./timeline.ts";

const SIGNS = {
  deployed: "✅",
  unchanged: "➖",
  rolled_back: "↩️",
  failed: "❌",
  broken: "❌",
  blocked: "⛔",
  skipped: "⏭️",
} as const;
const WORDS = {
  deployed: "deployed",
  unchanged: "unchanged",
  rolled_back: "rolled back",
  failed: "failed",
  broken: "broken",
  blocked: "blocked",
  skipped: "skipped",
} as const;

/** The result of a run for the job summary and the run's check. */
export function resultMarkdown(result: RunResult): string {
  return [
    `## ${literal(result.environment)}: ${result.status}`,
    "",
    ...hostTable(result),
    ...result.problems.flatMap((problem) => ["", ...block(problemText(problem))]),
    ...result.items.flatMap(failureText),
    "",
  ].join("\n");
}

/** The result of one app for its check: hosts, what failed, and each host's steps. */
export function appMarkdown(app: string, result: RunResult): string {
  const own = { ...result, items: result.items.filter(({ item }) => item.app === app) };
  const timelines = own.items
    .filter(({ steps }) => steps.length > 0)
    .map(({ item, steps }) => [literal(item.host), steps.map(stepText).map(literal).join(", ")]);
  return [
    ...hostTable(own),
    ...own.items.flatMap(failureText),
    ...(timelines.length > 0 ? ["", "Steps", "", ...table(["Host", "Steps"], timelines)] : []),
    "",
  ].join("\n");
}

function hostTable({ items, state }: RunResult): string[] {
  if (items.length === 0) return ["Nothing is wanted here, and nothing is there."];
  return table(
    ["App", "Host", "Action", "Version", "Outcome", "Health", "Time"],
    items.map(({ item, outcome, durationMs }) => [
      literal(item.app),
      literal(item.host),
      item.action,
      literal(versionsText(item)),
      `${SIGNS[outcome]} ${WORDS[outcome]}`,
      state[item.app]?.[item.host]?.health ?? "",
      durationMs > 0 ? formatDuration(durationMs) : "",
    ]),
  );
}

function failureText({ item, outcome, problem }: ReportedItem): string[] {
  if (problem === null) return [];
  const heading = `**${literal(`${item.host}/${item.app}`)} ${WORDS[outcome]}**: ${literal(wordsOf(problem).message)}`;
  return ["", heading, "", ...block(problemText(problem))];
}
