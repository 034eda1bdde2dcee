// What was measured, round by round, and what that says. Rounds are compared one by one: what else the machine does hits both sides.

export type Figure = {
  what: string;
  unit: "ms" | "B" | "MB";
  /** One a round. */
  ours: readonly number[];
  /** Of the same rounds; empty where there is nothing to compare with. */
  theirs: readonly number[];
  /** Absent where the figure is only worth knowing. */
  goal?: { of: "ratio" | "ours"; atMost: number };
};

export type Spread = { min: number; median: number; max: number };

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { min: at(0), median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, max: at(sorted.length - 1) };
}

/** Ours to theirs, null where there is no such. */
export function ratioOf({ ours, theirs }: Figure): Spread | null {
  return theirs.length === 0 ? null : spreadOf(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));
}

/** Whether the median is within the goal; null where there is none. */
export function isHeld(figure: Figure): boolean | null {
  if (figure.goal === undefined) return null;
  const { of, atMost } = figure.goal;
  const spread = of === "ours" ? spreadOf(figure.ours) : ratioOf(figure);
  return spread !== null && spread.median <= atMost;
}

/** By what factor the same work of the other side differed between rounds: what else the machine did. Null where nothing was repeated. */
export function noiseOf(figures: readonly Figure[]): number | null {
  const times = figures.filter(({ unit, theirs }) => unit === "ms" && theirs.length > 1);
  if (times.length === 0) return null;
  return Math.max(...times.map(({ theirs }) => spreadOf(theirs)).map(({ min, max }) => max / min));
}
