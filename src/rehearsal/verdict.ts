// What a rehearsal that failed says: the reason without what everybody knows already, and the app's last lines.
import type { Problem } from "../core/problem.ts";
import { wordsOf } from "../core/problem.ts";
import { shortened } from "../core/shortened.ts";
import { reportedProblem } from "../host/reported-problem.ts";
import type { JournalEvent } from "../runtime/journal.ts";
import type { Played, Stage } from "./stage.ts";

/** A problem in a few words; which upgrade it is of stands before them. */
export function reasonOf(of: Problem | null): string {
  if (of === null) return "it does not say why";
  if (of.code !== "hot_upgrade_failed") return wordsOf(of).message;
  const { detail, term } = of.facts;
  if (term === "") return detail;
  return `${detail} (${shortened(term, LONGEST_TERM)})`;
}

/** Of a reason as a term the beginning says most; the rest of it is the way there. */
const LONGEST_TERM = 160;

/** Why the way back failed; nothing where it did not. */
export const undoReason = (journal: readonly JournalEvent[], { host, app }: { host: string; app: string }): string[] =>
  journal.flatMap((event) =>
    event.event === "undo_failed"
      ? [`the way back fails: ${reasonOf(reportedProblem(event, { host, app, step: event.step }))}`]
      : [],
  );

/** What the agent quoted, or else OTP's reason as it was, and what the app printed last. */
export async function quoted({ reported: { problem } }: Played, stage: Stage): Promise<readonly string[]> {
  if (problem?.tail !== undefined) return problem.tail;
  const term = problem?.code === "hot_upgrade_failed" ? problem.facts.term : "";
  return [...(term === "" ? [] : [term]), ...(await stage.lastLines())];
}
