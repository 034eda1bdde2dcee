import { wordsOf } from "../core/problem.ts";
import { formatDuration } from "../core/quantity.ts";
import { versionsText } from "./plan-text.ts";
import type { ReportedItem, RunResult } from "./run-result.ts";

/** How one item ended, in one line. */
export function itemResultText({ item, outcome, problem, steps, durationMs }: ReportedItem): string {
  const name = `${item.host}/${item.app}`;
  const why = problem === null ? "" : `: ${problem.code}: ${wordsOf(problem).message}`;
  switch (outcome) {
    case "deployed":
      return `${name} ${pastOf(item.action)} ${versionsText(item)} in ${formatDuration(durationMs)}`.replace("  ", " ");
    case "rolled_back":
      // It was refused before its first step.
      if (steps.length === 0) return `${name} left as it was${why}`;
      return `${name} rolled back${item.from === null ? "" : ` to ${item.from}`}${why}`;
    case "failed":
      if (steps.length === 0) return `${name} left as it was, not running${why}`;
      return `${name} failed${item.from === null ? ", and was removed again" : `; ${item.from} does not run either`}${why}`;
    case "broken":
      return `${name} BROKEN${why}`;
    case "blocked":
      return `${name} blocked${why}`;
    case "skipped":
      return `${name} skipped, since another failed before it`;
    case "unchanged":
      return `${name} unchanged ${item.to ?? ""}`.trimEnd();
  }
}

/** The last lines of the log: what failed, first. */
export function resultText({ items, status }: RunResult): string[] {
  const failed = items.filter(({ outcome }) => outcome !== "deployed" && outcome !== "unchanged");
  const rest = items.filter((item) => !failed.includes(item));
  return [`Result: ${status}`, ...[...failed, ...rest].map((item) => `  ${itemResultText(item)}`)];
}

const pastOf = (action: string): string =>
  ({ deploy: "deployed", upgrade: "upgraded", reconfigure: "reconfigured", remove: "removed" })[action] ?? action;
