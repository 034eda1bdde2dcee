// Every problem Beamline can name, with the facts each needs. A released code keeps its meaning for ever; docs/problems.md
// is generated from these tables. Message: what is, one line. Remedy: the next thing to type or open.
import { fileWords } from "./words/file-words.ts";
import { hostWords } from "./words/host-words.ts";
import { runWords } from "./words/run-words.ts";

export const words = { ...fileWords, ...hostWords, ...runWords } satisfies Record<
  string,
  (facts: never) => { message: string; remedy: string }
>;

export type Code = keyof typeof words;
export type Facts<C extends Code> = Parameters<(typeof words)[C]>[0];
