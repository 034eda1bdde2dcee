// Downloads: bounded in size and time, tried again where that may help, and only from where they may come.
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { formatBytes, formatDuration } from "../core/quantity.ts";
import { type AllowedSources, isAllowedUrl } from "./allowed-sources.ts";
import type { DiskRoom } from "./disk-room.ts";
import type { Got } from "./got.ts";
import { answerOf, isTransient, wordsOfError } from "./http-answer.ts";
import { wayTo } from "./way-to.ts";

export type Limits = {
  /** More is no release, and would only fill the runner's disk. */
  bytes: number;
  /** To connect, its TLS handshake included. */
  connectMs: number;
  /** Without a single byte, while it is under way. */
  stallMs: number;
  /** For a whole download, all its tries together: a server may send a byte now and then for ever. */
  wholeMs: number;
  /** Before the second try, the third, … */
  pausesMs: readonly number[];
};

export const USUAL_LIMITS: Limits = {
  bytes: 2 * 1024 ** 3,
  connectMs: 20_000,
  stallMs: 60_000,
  wholeMs: 3_600_000,
  pausesMs: [1_000, 3_000, 9_000],
};

/** A server that is busy may say for how long; not for longer than this. */
const LONGEST_PAUSE_MS = 60_000;

const MOST_REDIRECTS = 5;

export type Downloading = {
  allowed: AllowedSources;
  limits: Limits;
  /** Of all that the run puts on the disk. */
  room: DiskRoom;
  say: (line: string) => void;
  /** Aborted when nobody waits for it any more. */
  signal: AbortSignal;
};

/** `again`: whether another try may help, after `pauseMs` at least. */
type Attempt = { done: true } | { refused: string; line: string } | { failed: string; again: boolean; pauseMs: number };

const failed = (words: string, again = false, pauseMs = 0): Attempt => ({ failed: words, again, pauseMs });

/** Downloads an http(s) url into a file; where that fails nothing of it is left. */
export async function download(url: string, file: string, given: Downloading): Promise<Got> {
  const { limits, say } = given;
  const whole = AbortSignal.timeout(limits.wholeMs);
  const signal = AbortSignal.any([given.signal, whole]);
  const over = (): Got => ({
    failed: given.signal.aborted ? "the run has ended" : `it took longer than ${formatDuration(limits.wholeMs)}`,
  });
  for (let tries = 1; ; tries += 1) {
    const attempt = await attemptOf(new URL(url), file, { ...given, signal });
    if ("done" in attempt) return { file };
    await rm(file, { force: true });
    if ("refused" in attempt) return attempt;
    if (signal.aborted) return over();
    const pauseMs = limits.pausesMs[tries - 1];
    const times = tries === 1 ? "" : ` (tried ${tries} times)`;
    if (!attempt.again || pauseMs === undefined) return { failed: `${attempt.failed}${times}` };
    const waitMs = Math.max(pauseMs, Math.min(attempt.pauseMs, LONGEST_PAUSE_MS));
    say(`${url}: ${attempt.failed}; it is tried again in ${formatDuration(waitMs)}`);
    try {
      await pause(waitMs, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      return over();
    }
  }
}

/** One try, from redirect to redirect. Each place is judged anew. */
async function attemptOf(first: URL, file: string, given: Downloading): Promise<Attempt> {
  const { allowed, limits, signal } = given;
  let at = first;
  for (let redirects = 0; ; redirects += 1) {
    const from = redirects === 0 ? "" : `it redirects to ${shown(at)}: `;
    const way = await wayTo(at, allowed);
    if ("refused" in way) return { ...way, refused: `${from}${way.refused}` };
    const answer = await answerOf(at, way.lookup, { ...limits, signal });
    if (answer instanceof Error) return failed(`${from}${wordsOfError(answer)}`, isTransient(answer));
    const { statusCode: status = 0, statusMessage, headers } = answer;
    if (status === 200) return saved(answer, file, given);
    // Its body is nothing we want, and may be endless.
    answer.destroy();
    const { location } = headers;
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined)
      return failed(`${from}the server answers ${status} ${statusMessage}`.trim(), isBusy(status), retryAfter(headers));
    if (redirects === MOST_REDIRECTS) return failed(`it redirects more than ${MOST_REDIRECTS} times`);
    if (!URL.canParse(location, at.href)) return failed("it redirects to what is no url");
    const next = new URL(location, at);
    if (next.protocol !== "https:" && next.protocol !== "http:")
      return failed(`it redirects to a ${next.protocol} url, which is not followed`);
    if (at.protocol === "https:" && next.protocol === "http:" && !isAllowedUrl(next, allowed))
      return { refused: `it redirects from https to ${shown(next)}`, line: `${next.origin}/` };
    at = next;
  }
}

/** Without a query, which may hold a signature. */
const shown = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

const isBusy = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500;

/** How long a server asks to wait (RFC 9110, 10.2.3), in ms: so many seconds, or until a time by its own clock. */
function retryAfter({ "retry-after": asked = "", date = "" }: IncomingMessage["headers"]): number {
  if (/^\d{1,6}$/.test(asked)) return Number(asked) * 1000;
  const until = Date.parse(asked) - Date.parse(date);
  return Number.isNaN(until) ? 0 : Math.max(until, 0);
}

async function saved(answer: IncomingMessage, file: string, { limits, room, signal }: Downloading): Promise<Attempt> {
  const tooLarge = `it is larger than ${formatBytes(limits.bytes)}`;
  const length = answer.headers["content-length"];
  const said = length === undefined ? null : Number(length);
  if (said !== null && said > limits.bytes) {
    answer.destroy();
    return failed(tooLarge);
  }
  let bytes = 0;
  let taken = 0;
  let end: string | null = null;
  const stop = (words: string): void => {
    end ??= words;
    answer.destroy(new Error(words));
  };
  const stalled = setTimeout(() => stop(`no byte came for ${formatDuration(limits.stallMs)}`), limits.stallMs);
  try {
    await pipeline(
      answer,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          stalled.refresh();
          bytes += chunk.length;
          if (bytes > limits.bytes) throw new Error(tooLarge);
          if (!room.take(chunk.length)) throw new Error(room.full);
          taken += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(file, { mode: 0o600 }),
      { signal },
    );
    return { done: true };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Nothing of it is left.
    room.give(taken);
    if (bytes > limits.bytes) return failed(tooLarge);
    if (error.message === room.full) return failed(room.full);
    // What the disk says is no fault of the server's.
    if ("syscall" in error && error.syscall === "write") return failed(error.message);
    const of = said === null ? "" : ` of ${formatBytes(said)}`;
    return failed(end ?? `it broke off after ${formatBytes(bytes)}${of}`, true);
  } finally {
    clearTimeout(stalled);
  }
}
