// Where the time of a run goes: what it waits for, one after the other, and what the agent's steps took.
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench, Wish } from "./bench.ts";
import type { Span } from "./trace.ts";

const HOOK = join(import.meta.dirname, "trace.ts");

export async function split(bench: Bench, title: string, wish: Wish): Promise<string[]> {
  const file = join(mkdtempSync(join(tmpdir(), "trace-")), "spans");
  const job = bench.pushed(wish, { NODE_OPTIONS: `--import=${HOOK}`, BENCH_TRACE: file });
  const begin = performance.timeOrigin + performance.now();
  const { ms, mainMs, log } = await bench.timed(job);
  const spans = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Span)
    .sort((a, b) => a.begin - b.begin);
  const steps = log.split("\n").filter((line) => /^ {4}\S.* (m?s)\b/.test(line));
  return [
    `${title}: ${Math.round(ms)} ms, main ${Math.round(mainMs)} ms`,
    ...spans.map(({ what, ...at }) => {
      const [from, to] = [at.begin - begin, at.end - begin].map(Math.round);
      return `  ${String(from).padStart(6)} … ${String(to).padStart(6)}  ${String((to ?? 0) - (from ?? 0)).padStart(6)} ms  ${shortOf(what)}`;
    }),
    ...steps,
  ];
}

/** Without the options that all commands of a kind share. */
function shortOf(what: string): string {
  if (!/^\S*sh -c/.test(what)) return what;
  const [, git] = what.match(/git -c \S+ -C \S+ (.*)$/) ?? [];
  if (git !== undefined) return `git ${git}`;
  const [, ssh] = what.match(/ Compression=\S+ (.*)$/) ?? [];
  return `ssh ${ssh ?? what}`;
}
