import type { Code, Facts } from "./problem-words.ts";
import { words } from "./problem-words.ts";

/** Where a problem lies: a place the reader can open. Lines and columns count from 1. */
export type Where =
  | { in: "spec"; file: string; line: number; column: number; path: string }
  | { in: "input"; name: string }
  | { in: "runner" }
  | { in: "host"; host: string; app?: string; step?: string }
  | { in: "github"; call: string };

/** One thing that is wrong, told apart by its code, never by its words. `tail` holds quoted output, oldest line first. */
export type Problem = {
  [C in Code]: { code: C; where: Where; facts: Facts<C>; tail?: readonly string[] };
}[Code];

export type NonEmpty<T> = readonly [T, ...T[]];

/** A problem of one code; the compiler holds the facts to that code. */
export function problem<C extends Code>(code: C, where: Where, facts: Facts<C>, tail?: readonly string[]): Problem {
  const made = tail && tail.length > 0 ? { code, where, facts, tail } : { code, where, facts };
  return made as Problem;
}

/** What is wrong (one sentence) and what to do about it. Total over all codes. */
export function wordsOf(of: Problem): { message: string; remedy: string } {
  const say = words[of.code] as (facts: Problem["facts"]) => { message: string; remedy: string };
  return say(of.facts);
}

/** The place in the form editors and terminals make clickable: `file:line:column`, `web1`, `input ssh-key`. */
export function placeOf(where: Where): string {
  switch (where.in) {
    case "spec":
      return `${where.file}:${where.line}:${where.column}`;
    case "input":
      return `input ${where.name}`;
    case "runner":
      return "runner";
    case "host":
      return [where.host, where.app, where.step].filter(Boolean).join("/");
    case "github":
      return `GitHub ${where.call}`;
  }
}

/** `place message`, the line a log or an annotation leads with. */
export function sentenceOf(of: Problem): string {
  return `${placeOf(of.where)} ${wordsOf(of).message}`;
}

/** Problems in reading order: spec files by place, then inputs, the runner, hosts, GitHub. */
export function sortedProblems<P extends Problem>(problems: readonly P[]): P[] {
  const key = ({ where }: P): string => {
    if (where.in !== "spec") return `${{ input: 1, runner: 2, host: 3, github: 4 }[where.in]} ${placeOf(where)}`;
    return `0 ${where.file} ${String(where.line).padStart(8, "0")} ${String(where.column).padStart(8, "0")}`;
  };
  return [...problems].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
