// Loaded into a run of dist/ by node's --import: tells when each child process and each request began and ended. It listens to
// node's own diagnostics channels and changes nothing.
import type { ChildProcess } from "node:child_process";
import { channel } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";

/** Times are ms since the epoch, with fractions; a line of JSON each in the file that BENCH_TRACE names. */
export type Span = { what: string; begin: number; end: number };

type Request = { method: string; path: string; origin: string };

const now = (): number => performance.timeOrigin + performance.now();

function write(span: Span): void {
  const file = process.env.BENCH_TRACE;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(span)}\n`);
}

const script = process.argv[1]?.split("/").at(-2) ?? "";
const loadedAt = now();

channel("child_process").subscribe((message) => {
  const { process: child } = message as { process: ChildProcess };
  // Its arguments are set after the channel was told of it.
  const begin = now();
  child.once("exit", () => write({ what: child.spawnargs.join(" "), begin, end: now() }));
});

const requests = new Map<Request, number>();
channel("undici:request:create").subscribe((message) => {
  requests.set((message as { request: Request }).request, now());
});
channel("undici:request:trailers").subscribe((message) => {
  const { request } = message as { request: Request };
  const begin = requests.get(request);
  if (begin !== undefined) write({ what: `fetch ${request.method} ${request.path}`, begin, end: now() });
});

process.on("exit", () => write({ what: `node ${script}`, begin: loadedAt, end: now() }));
