// The order of test files: with those that take minutes at the end, all but one processor would have nothing to do there.
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Vitest itself goes by size where there is no earlier run to go by, and these are short. */
const LONGEST = [
  "e2e/history",
  "crash/crash",
  "e2e/run-as",
  "e2e/supervisors",
  "e2e/few-tools",
  "e2e/interrupted",
  "e2e/lock",
  "property/spec",
].map((name) => `/test/${name}.test.ts`);

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = LONGEST.findIndex((path) => moduleId.endsWith(path));
  return place === -1 ? LONGEST.length : place;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}
