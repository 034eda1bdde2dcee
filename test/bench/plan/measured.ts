// One situation of one size in a process of its own, so that its memory is its own: `measured.ts SITUATION SIZE` prints JSON.

import { plan } from "../../../src/plan/plan.ts";
import { planJsonOf } from "../../../src/plan/plan-json.ts";
import { wantedProblems } from "../../../src/plan/wanted-problems.ts";
import { planMarkdown } from "../../../src/report/plan-markdown.ts";
import { planText } from "../../../src/report/plan-text.ts";
import { appsOf, inputOf, SITUATIONS, type Situation } from "./situations.ts";
import { specFiles } from "./spec-files.ts";

/** Wall clock, and what the thread that plans has had of a CPU: what else the machine does lengthens only the first. */
export type Time = { ms: number; cpuMs: number };

export type Measured = {
  items: number;
  changed: number;
  /** The first call, as a run makes it: nothing is compiled yet. */
  first: Time;
  /** Further calls, on average. */
  again: Time;
  /** The most memory that the process has had, before the first call and after it. */
  inputMB: number;
  peakMB: number;
  /** What comes before and after a plan, and how much it makes of it. */
  around: { what: string; time: Time; made: number }[];
};

const REPEAT_FOR_MS = 500;

const peakMB = (): number => (process.resourceUsage().maxRSS * 1024) / 1e6;

function timed<T>(act: () => T): { time: Time; value: T } {
  const cpu = process.threadCpuUsage();
  const begin = performance.now();
  const value = act();
  const { user, system } = process.threadCpuUsage(cpu);
  return { time: { ms: performance.now() - begin, cpuMs: (user + system) / 1000 }, value };
}

function measured(situation: Situation, size: number): Measured {
  const input = inputOf(situation, size);
  globalThis.gc?.();
  const inputMB = peakMB();
  const { time: first } = timed(() => plan(input));
  const after = peakMB();

  // Until there is enough of it for the clock.
  let made = plan(input);
  let count = 0;
  const { time: all } = timed(() => {
    for (const begin = performance.now(); count === 0 || performance.now() - begin < REPEAT_FOR_MS; count += 1)
      made = plan(input);
  });
  const again = { ms: all.ms / count, cpuMs: all.cpuMs / count };

  const around = (what: string, act: () => number) => {
    const { time, value } = timed(act);
    return { what, time, made: value };
  };
  const fleet = { hosts: input.hosts, proxies: {} };
  const files = specFiles({ size, upgraded: 0, isEverywhere: true, site: "shop" });
  return {
    items: made.items.length,
    changed: made.items.filter(({ transaction }) => transaction !== null).length,
    first,
    again,
    inputMB,
    peakMB: after,
    around: [
      around("readSpecs, apps", () => appsOf(files).size),
      around("wantedProblems, problems", () => wantedProblems(input.desired, fleet, { secrets: null }).length),
      around("planText, lines", () => planText(made).length),
      around("planMarkdown, characters", () => planMarkdown(made).length),
      around("the output plan, characters", () => JSON.stringify(planJsonOf(made)).length),
    ],
  };
}

const [word, size] = process.argv.slice(2);
const situation = Object.keys(SITUATIONS).find((it): it is Situation => it === word);
if (situation === undefined) throw new Error(`there is no situation ${word}`);
console.log(JSON.stringify(measured(situation, Number(size))));
