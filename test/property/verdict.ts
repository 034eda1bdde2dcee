// What must be true of whatever is said of a file.
import { expect } from "vitest";
import { type Problem, wordsOf } from "../../src/core/problem.ts";

/** Every place that is named can be opened: a line of the text, and a column of it or the one after its last. */
function expectPlacesIn(text: string, problems: readonly Problem[]): void {
  const lines = text.split("\n");
  for (const { where } of problems) {
    if (where.in !== "spec") continue;
    expect(where.line).toBeGreaterThanOrEqual(1);
    expect(where.line).toBeLessThanOrEqual(lines.length);
    expect(where.column).toBeGreaterThanOrEqual(1);
    expect(where.column).toBeLessThanOrEqual((lines[where.line - 1] ?? "").length + 1);
  }
}

/** Either something that can be used, or problems, never both or neither; and each has words. A draft is nothing that can be used. */
export function expectVerdict(
  text: string,
  { problems, warnings, draft, ...rest }: { problems: Problem[]; warnings: Problem[]; draft?: unknown },
) {
  expectPlacesIn(text, [...problems, ...warnings]);
  expect(Object.keys(rest).length).toBe(problems.length === 0 ? 1 : 0);
  if (draft !== undefined) expect(problems).not.toEqual([]);
  for (const each of problems) expect(wordsOf(each).message).not.toBe("");
}
