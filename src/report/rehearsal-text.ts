import { formatDuration } from "../core/quantity.ts";
import type { Rehearsal } from "../plan/plan-item.ts";
import { standInsText } from "../plan/rehearsals.ts";

/** `rehearsed: upgraded hot and back in 3.1 s, processes suspended for at most 8.0 ms`, or why not. */
export const rehearsalText = (rehearsal: Rehearsal): string =>
  [howItWent(rehearsal), ...(rehearsal.standIns === undefined ? [] : [standInsText(rehearsal.standIns)])].join("; ");

function howItWent(rehearsal: Rehearsal): string {
  switch (rehearsal.result) {
    case "passed": {
      const { durationMs, suspendedMs, wayBack } = rehearsal;
      const suspended = `processes suspended for at most ${suspendedMs.toFixed(1)} ms`;
      const back = wayBack === "hot" ? "" : "; the way back was a restart";
      return `rehearsed: upgraded hot and back in ${formatDuration(durationMs)}, ${suspended}${back}`;
    }
    case "failed":
      return `rehearsal failed: ${rehearsal.why}`;
    case "impossible":
      return `not rehearsed: ${rehearsal.why}`;
  }
}
