// What `dry_run` is asked and answers. See src/host/agent/75-hot.sh, the other side of this.
import type { DryRun } from "../plan/dry-runs.ts";
import type { Action } from "../runtime/transaction.ts";
import { formatTerm } from "../spec/erlang-term.ts";
import { encodeWord } from "./transfer-alphabet.ts";

/** As binaries: the node makes no atom of a name that it has none of. */
const nameList = (names: readonly string[]): string => formatTerm({ list: names.map((binary) => ({ binary })) });

/** Names only; the instructions of an upgrade that nobody has approved are sent nowhere. */
export const dryRunRequest = ({ oldCode, replacedTwice }: Extract<Action, { verb: "hot" }>): string =>
  [oldCode, replacedTwice].map((names) => `${encodeWord(nameList(names))}\n`).join("");

/** Each is a warning of the plan. */
const MAX_LINES = 100;

export function dryRunAnswer(lines: readonly string[]): DryRun {
  const lingering = lines.flatMap((line) => (line.startsWith("lingers ") ? [line.slice("lingers ".length)] : []));
  return { lingering: lingering.slice(0, MAX_LINES) };
}
