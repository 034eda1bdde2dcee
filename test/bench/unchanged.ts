// A run that finds all as it should be, against one bare login a host. Nobody can ask a host anything for less.
import type { Bench } from "./bench.ts";
import { timeOf } from "./bench.ts";
import { rounds } from "./compare.ts";
import type { Figure } from "./figure.ts";
import { loginByLoop } from "./loop.ts";
import type { Release } from "./release.ts";

const ROUNDS: readonly { isPinned: boolean; count: number }[] = [
  { isPinned: true, count: 6 },
  { isPinned: false, count: 2 },
];

export async function unchanged(bench: Bench, release: Release): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { isPinned, count } of ROUNDS) {
    await bench.timed(bench.pushed({ release, isPinned }));
    const mainMs: number[] = [];
    const { ours, theirs } = await rounds(count, {
      ours: async () => {
        const run = await bench.timed(bench.pushed({ release, isPinned }));
        mainMs.push(run.mainMs);
        return run.ms;
      },
      theirs: () => timeOf(() => loginByLoop(bench.lab, bench.lab.hosts)),
    });
    const what = `nothing changed on ${bench.lab.hosts.length} hosts${isPinned ? "" : ", source without sha256"}`;
    const goal = isPinned ? { goal: { of: "ratio", atMost: 1.5 } as const } : {};
    figures.push({ what, unit: "ms", ours, theirs, ...goal });
    figures.push({ what: "  of it without post", unit: "ms", ours: mainMs, theirs });
  }
  return figures;
}
