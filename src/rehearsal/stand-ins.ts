// What a rehearsal gets in place of secrets. Who may open a pull request is not yet who may read them: a release that it names could
// print them, or keep them for a way out.
import { digestOf } from "../core/digest.ts";

/** Values for secrets that say nothing: 64 hex digits, which many a program takes for a key, the same in each run. */
export const standIns = (names: readonly string[]): Map<string, string> =>
  new Map(names.map((name) => [name, digestOf({ standIn: name })]));
