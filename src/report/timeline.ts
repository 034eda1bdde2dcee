import { formatDuration } from "../core/quantity.ts";
import type { JournalEvent } from "../runtime/journal.ts";

/** One step of an op as it went: `interrupted` spans are those in which the app was down. */
export type TimedStep = { step: string; durationMs: number; result: "done" | "failed" | "undone" | "not undone" };

/** The steps of a journal with how long each took, undos included, in the order in which they ended. */
export function timedSteps(journal: readonly JournalEvent[]): TimedStep[] {
  const steps: TimedStep[] = [];
  let begun = 0;
  for (const event of journal) {
    if (event.event === "begin" || event.event === "undo") begun = event.t;
    else if (event.event === "done") steps.push({ step: event.step, durationMs: event.t - begun, result: "done" });
    else if (event.event === "failed") steps.push({ step: event.step, durationMs: event.t - begun, result: "failed" });
    else if (event.event === "undone")
      steps.push({ step: `${event.step}, ${event.verb}`, durationMs: event.t - begun, result: "undone" });
    else if (event.event === "undo_failed")
      steps.push({ step: event.step, durationMs: event.t - begun, result: "not undone" });
  }
  return steps;
}

/** What an event says to a reader of the log; null where it says nothing new. */
export function eventText(event: JournalEvent): string | null {
  switch (event.event) {
    case "waiting":
      return `waiting for ${event.for}`;
    case "note":
      return noteText(event);
    case "failed":
      return `${event.step} failed: ${event.code}`;
    case "undo":
      return `undoing ${event.step}: ${event.verb}`;
    case "undo_failed":
      return `${event.step} could not be undone: ${event.code}`;
    default:
      return null;
  }
}

function noteText({ name, value }: Extract<JournalEvent, { event: "note" }>): string {
  switch (name) {
    case "installed":
      return `upgraded hot; processes were suspended for at most ${(Number(value) / 1000).toFixed(1)} ms`;
    case "lingering":
      return `processes go on in old code, and would be in the way of the next hot upgrade: ${value.replaceAll("\n", "; ")}`;
    case "lost":
      return `its processes' state is lost: ${value}`;
    case "data":
      return `has changed data of its own in the release, which stays as it is: ${value.trim()}`;
    case "left":
      return `what could not be done now is left to the next run: ${value}`;
    case "killed":
      return `processes that went on in old code are killed, as on_linger says: ${value.replaceAll("\n", "; ")}`;
  }
}

export const stepText = ({ step, durationMs, result }: TimedStep): string =>
  `${step} ${result === "done" ? "" : `${result} `}${formatDuration(durationMs)}`;
