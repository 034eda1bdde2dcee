import type { NonEmpty, Problem } from "./problem.ts";
import { sentenceOf } from "./problem.ts";

/** The only thing an edge throws. Anything else that reaches main.ts is a bug of ours, and main.ts says so. */
export class Failure extends Error {
  readonly problems: NonEmpty<Problem>;

  constructor(problems: NonEmpty<Problem>, cause?: unknown) {
    super(problems.map(sentenceOf).join("\n"), cause === undefined ? undefined : { cause });
    this.name = "Failure";
    this.problems = problems;
  }
}
