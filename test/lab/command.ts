/** Child processes and waiting, for the lab. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

export type Finished = { code: number; stdout: string; stderr: string };

/** Runs argv to its end; code is 128 + n when signal n ended it. */
export async function run(argv: readonly string[], options: { input?: string | Uint8Array } = {}): Promise<Finished> {
  const [file = "", ...args] = argv;
  const child = spawn(file, args, { stdio: "pipe" });
  // It may end without reading its input; its exit code tells more than our EPIPE.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });
  const [code, stdout, stderr] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)]);
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** Runs argv and answers its stdout; throws with its stderr when it fails. */
export async function must(argv: readonly string[], options: { input?: string } = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options);
  if (code !== 0) throw new Error(`${argv.join(" ")}: exit ${code}: ${stderr.trim()}`);
  return stdout;
}

/** Asks every few milliseconds until the answer is neither undefined nor false. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await sleep(4);
  }
}
