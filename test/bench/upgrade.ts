// A whole upgrade of all hosts at once, to and fro, against the loop.
import type { Bench } from "./bench.ts";
import { timeOf } from "./bench.ts";
import { rounds } from "./compare.ts";
import type { Figure } from "./figure.ts";
import { deployByLoop } from "./loop.ts";
import type { Release } from "./release.ts";

/** Even, so that each comparison ends in the version it began with. The second is only worth knowing. */
const ROUNDS: readonly { minHealthyMs: number; count: number }[] = [
  { minHealthyMs: 0, count: 12 },
  { minHealthyMs: 1000, count: 2 },
];

export async function upgrade(bench: Bench, versions: readonly [Release, Release]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { minHealthyMs, count } of ROUNDS) {
    const mainMs: number[] = [];
    // The version that is not there now: both sides have the first when they begin.
    const next = (round: number): Release => versions[round % 2 === 0 ? 1 : 0];
    const { ours, theirs } = await rounds(count, {
      ours: async (round) => {
        await bench.forget(next(round), "/opt/releases/counter");
        const run = await bench.timed(bench.pushed({ release: next(round), minHealthyMs }));
        mainMs.push(run.mainMs);
        return run.ms;
      },
      theirs: async (round) => {
        await bench.forget(next(round), "/srv/loop");
        return timeOf(() => deployByLoop(bench.lab, bench.lab.hosts, next(round)));
      },
    });
    const what = `upgrade of ${bench.lab.hosts.length} hosts, healthy for ${minHealthyMs} ms`;
    const goal = minHealthyMs === 0 ? { goal: { of: "ratio", atMost: 1 } as const } : {};
    figures.push({ what, unit: "ms", ours, theirs, ...goal });
    figures.push({ what: "  of it without post", unit: "ms", ours: mainMs, theirs });
  }
  return figures;
}
