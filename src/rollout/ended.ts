// How an op ended, as its host said it and as it was seen there: an outcome that is true, and the problem that counts.
import type { Problem } from "../core/problem.ts";
import { problem, wordsOf } from "../core/problem.ts";
import { reportedProblem } from "../host/reported-problem.ts";
import type { PlanItem } from "../plan/plan-item.ts";
import type { ReportedItem } from "../report/run-result.ts";
import type { JournalEvent, Outcome } from "../runtime/journal.ts";
import type { ObservedApp } from "../runtime/observed.ts";

/** `after`: the app as it was seen when the op had ended; null where that could not be heard. */
export function endOf(
  item: PlanItem,
  outcome: Outcome,
  { journal, after }: { journal: readonly JournalEvent[]; after: ObservedApp | null },
): Pick<ReportedItem, "outcome" | "problem"> {
  if (outcome.outcome === "deployed")
    return item.unmet === null ? { outcome: "deployed", problem: null } : { outcome: "blocked", problem: item.unmet };
  const failed = reportedAt(
    item,
    outcome,
    journal.findLast(({ event }) => event === "failed"),
  );
  if (outcome.outcome === "broken") return { outcome: "broken", problem: whyBroken(item, journal, failed) };
  // Back where nothing was, or nothing ran, nothing runs: there is nothing to be glad of.
  const runsAgain = item.from !== null && after?.running !== null;
  return { outcome: runsAgain ? "rolled_back" : "failed", problem: failed };
}

type Said = Parameters<typeof reportedProblem>[0];

function reportedAt({ host, app }: PlanItem, said: Said, event: JournalEvent | undefined): Problem {
  return reportedProblem(said, { host, app, ...(event && "step" in event ? { step: event.step } : {}) });
}

/** What is wrong now is why the way back failed; what the way back was taken for comes after it. */
function whyBroken(item: PlanItem, journal: readonly JournalEvent[], failed: Problem): Problem {
  const last = journal.findLast((event) => event.event === "undo_failed");
  if (last === undefined) return failed;
  const { host, app } = item;
  const inner = reportedAt(item, last, last);
  const { message, remedy } = wordsOf(inner);
  const tail = [
    ...(inner.tail ?? []),
    `before that, ${failed.code}: ${wordsOf(failed).message}`,
    ...(failed.tail ?? []),
  ];
  return problem(
    "undo_failed",
    { in: "host", host, app, step: last.step },
    { detail: `${inner.code}: ${message}`, remedy },
    tail,
  );
}
