// What `dry_run` is asked and answers. See src/host/agent/75-hot.sh, the other side of this.
import type { DryRun } from "../plan/dry-runs.ts";
import type { Action } from "../runtime/transaction.ts";
import { atomList } from "./request.ts";
import { encodeWord } from "./transfer-alphabet.ts";

export const dryRunRequest = ({ up, oldCode, replacedTwice }: Extract<Action, { verb: "hot" }>): string =>
  [up, atomList(oldCode), atomList(replacedTwice)].map((word) => `${encodeWord(word)}\n`).join("");

/** Each is a warning of the plan. */
const MAX_LINES = 100;

export function dryRunAnswer(lines: readonly string[]): DryRun {
  const saying = (word: string): string[] =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : [])).slice(0, MAX_LINES);
  return { lingering: saying("lingers"), refused: saying("refused")[0] ?? null };
}
