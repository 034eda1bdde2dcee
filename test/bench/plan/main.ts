/**
 * `npm run bench:plan`: plans n apps on n hosts, ten times more each time, each in a process with 512 MB of heap, and prints how
 * time and memory grow. Words choose situations. These are figures, not tests: it ends with 0 whatever they are.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { spreadOf } from "../figure.ts";
import type { Measured } from "./measured.ts";
import { SITUATIONS, type Situation } from "./situations.ts";

const SIZES = [10, 100, 1000];
const ROUNDS = 3;
const HEAP_MB = 512;

const words = process.argv.slice(2);
const unknown = words.find((word) => !Object.keys(SITUATIONS).includes(word));
if (unknown !== undefined)
  throw new Error(`there is no situation ${unknown}, only ${Object.keys(SITUATIONS).join(", ")}`);
const chosen = Object.keys(SITUATIONS).filter((it): it is Situation => words.length === 0 || words.includes(it));

function measure(situation: Situation, size: number): Measured {
  const argv = [`--max-old-space-size=${HEAP_MB}`, "--expose-gc", join(import.meta.dirname, "measured.ts")];
  return JSON.parse(execFileSync(process.execPath, [...argv, situation, String(size)], { encoding: "utf8" }));
}

const median = (rounds: readonly Measured[], of: (round: Measured) => number): number =>
  spreadOf(rounds.map(of)).median;
const whole = (value: number): string => Math.round(value).toLocaleString("en");

function print(cells: readonly string[]): void {
  const [first = "", ...others] = cells;
  console.log([first.padEnd(26), ...others.map((cell) => cell.padStart(11))].join(""));
}

for (const situation of chosen) {
  console.log(`\n${situation}: ${SITUATIONS[situation]}`);
  print(["apps x hosts", "items", "changed", "ms", "CPU ms", "again", "µs/item", "ratio", "peak MB", "input MB"]);
  let before = Number.NaN;
  let rounds: Measured[] = [];
  for (const size of SIZES) {
    rounds = Array.from({ length: ROUNDS }, () => measure(situation, size));
    const { items = 0, changed = 0 } = rounds[0] ?? {};
    const [ms, cpuMs] = [median(rounds, ({ first }) => first.ms), median(rounds, ({ first }) => first.cpuMs)];
    const againMs = median(rounds, ({ again }) => again.cpuMs);
    const each = (againMs * 1000) / items;
    const memory = [median(rounds, ({ peakMB }) => peakMB), median(rounds, ({ inputMB }) => inputMB)];
    print([
      `${size} x ${size}`,
      ...[items, changed, ms, cpuMs].map(whole),
      againMs.toFixed(1),
      each.toFixed(2),
      Number.isNaN(before) ? "" : (each / before).toFixed(2),
      ...memory.map(whole),
    ]);
    before = each;
  }
  for (const [index, { what }] of (rounds[0]?.around ?? []).entries()) {
    const of = (round: Measured) => round.around[index];
    const ms = median(rounds, (round) => of(round)?.time.ms ?? Number.NaN);
    const cpuMs = median(rounds, (round) => of(round)?.time.cpuMs ?? Number.NaN);
    print([what, whole(of(rounds[0] as Measured)?.made ?? 0), "", whole(ms), whole(cpuMs)]);
  }
}
