// What the demo says to a person.
import type { JobResult } from "../test/e2e/action.ts";
import type { Interruption } from "./client.ts";

export type Played = {
  number: number;
  title: string;
  result: JobResult;
  runMs: number;
  interruptions: readonly Interruption[];
  held: readonly Held[];
};

/** One connection of a client that asked for the count again and again. */
export type Held = { answers: number; failures: readonly string[]; slowestMs: number; goesOn: boolean };

const isColoured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const bold = (text: string): string => (isColoured ? `\u001b[1m${text}\u001b[0m` : text);
const dim = (text: string): string => (isColoured ? `\u001b[2m${text}\u001b[0m` : text);

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

export const heading = (text: string): string => `\n${bold(text)}`;
export const aside = (text: string): string => dim(`  ${text}`);

/** What a push did, host by host, and what clients noticed of it. */
export function playedText({ number, title, result, runMs, interruptions, held }: Played): string[] {
  const verdict = result.code === 0 ? "the run is green" : "the run is red";
  return [
    heading(`Push ${number}: ${title}`),
    `  ${verdict}, after ${seconds(runMs)}`,
    ...hostLines(result.log).map((line) => `  ${line}`),
    ...result.log.split("\n").flatMap((line) => (/processes were suspended/.test(line) ? [`  ${line.trim()}`] : [])),
    ...noticedLines(interruptions).map((line) => `  ${line}`),
    ...heldLines(held).map((line) => `  ${line}`),
  ];
}

/** The result block of the log: a line for each app and host that something was done to. */
function hostLines(log: string): string[] {
  const lines = log.split("\n");
  const from = lines.findIndex((line) => line.startsWith("Result: "));
  return lines.slice(from + 1).flatMap((line) => (/^ {2}\S+\/\S+ /.test(line) ? [line.trim()] : []));
}

/** One line an app: how long each host was without it. */
function noticedLines(interruptions: readonly Interruption[]): string[] {
  const apps = [...new Set(interruptions.map(({ target }) => target.app))];
  return apps.map((app) => {
    const of = interruptions.filter(({ target }) => target.app === app);
    const hosts = of.map((it) => `${it.target.host} ${noticed(it)}`);
    return of.every(({ failedLooks }) => failedLooks === 0)
      ? `clients of ${app} noticed nothing`
      : `clients of ${app} saw: ${hosts.join(", ")}`;
  });
}

function heldLines(held: readonly Held[]): string[] {
  if (held.length === 0) return [];
  const answers = held.reduce((sum, it) => sum + it.answers, 0);
  const failures = held.reduce((sum, it) => sum + it.failures.length, 0);
  const slowest = Math.max(...held.map((it) => it.slowestMs));
  return [
    `${held.length} connections held throughout: ${answers} requests, ${failures} failed, the slowest took ${slowest.toFixed(0)} ms; the counts went on`,
  ];
}

function noticed({ ms, wasUp, isUp, failedLooks }: Interruption): string {
  if (failedLooks === 0) return "nothing";
  if (wasUp && isUp) return `${seconds(ms)} without it`;
  if (isUp) return "it came up";
  return wasUp ? "it went away" : "it is not there";
}

export function totalText(played: readonly Played[], elapsedMs: number): string[] {
  const looks = played.flatMap(({ interruptions }) => interruptions.map((it) => it.looks)).reduce((a, b) => a + b, 0);
  return [
    heading("In short"),
    "  Six pushes, three hosts: deployed, upgraded, upgraded hot, reconfigured hot, rolled back by itself, removed. All as it must be.",
    `  ${played.length} runs of the action and ${looks} questions of a client in ${seconds(elapsedMs)}; nothing of it is left on this machine.`,
    "",
  ];
}
