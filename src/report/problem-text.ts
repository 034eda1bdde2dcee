import type { Problem } from "../core/problem.ts";
import { placeOf, wordsOf } from "../core/problem.ts";
import { oneLine } from "./plain-text.ts";

/** A problem for the log: the sentence, what to do, then what was quoted. A line each, whatever is said. */
export function problemText(of: Problem): string[] {
  const { message, remedy } = wordsOf(of);
  return [
    `${placeOf(of.where)}: ${of.code}: ${message}`,
    `    → ${remedy}`,
    ...(of.tail ?? []).map((line) => `    | ${line}`),
  ].map(oneLine);
}

/** An annotation on the line at fault; null where the problem is not in a file. */
export type Annotation = { file: string; line: number; column: number; title: string; message: string };

export function annotationOf(of: Problem): Annotation | null {
  if (of.where.in !== "spec") return null;
  const { message, remedy } = wordsOf(of);
  const { file, line, column } = of.where;
  return { file, line, column, title: of.code, message: `${oneLine(message)}\n${oneLine(remedy)}` };
}
