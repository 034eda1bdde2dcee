// What reading one release may take, all of its files together: each is within limits of its own, and a release may have any number.

/** What is limited: how much there may be, and of what. */
const LIMITS = {
  inflatedBytes: [512 * 1024 ** 2, "bytes of modules, unpacked"],
  facts: [1_000_000, "calls, exports, behaviours and fields of records in its modules"],
  fileBytes: [16 * 1024 ** 2, "bytes in its .app, .appup, .rel and relup files"],
  terms: [1_000_000, "terms in its .app, .appup, .rel and relup files"],
} as const;

type Limited = keyof typeof LIMITS;

/** How much of each is left. `over` says what there is too much of: then the release is not read on. */
export type ReadingBudget = Record<Limited, number> & { over: string | null };

export const readingBudget = (): ReadingBudget => ({
  inflatedBytes: LIMITS.inflatedBytes[0],
  facts: LIMITS.facts[0],
  fileBytes: LIMITS.fileBytes[0],
  terms: LIMITS.terms[0],
  over: null,
});

/** Takes so much; false where that is more than is left. */
export function spend(budget: ReadingBudget, what: Limited, amount: number): boolean {
  budget[what] -= amount;
  if (budget[what] >= 0) return true;
  const [most, words] = LIMITS[what];
  budget.over ??= `is too much: a release may have ${most.toLocaleString("en-US")} ${words}`;
  return false;
}
