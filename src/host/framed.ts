// A command whose answer stands between two lines with a word of ours: motd, banners and .bashrc don't disturb it. The host knows that
// word, too: whatever stands there is its claim, and neither its length nor its pace is ours.
import { randomBytes } from "node:crypto";
import type { Access } from "./access.ts";
import type { Deadlines } from "./deadlines.ts";

/** Why an answer was not waited for any longer. */
export type Cut = { kind: "silent" | "late"; waitedMs: number; hasBegun: boolean } | { kind: "too much" };

/**
 * What a framed command answered. `code` is its exit code, null where there is none: the connection ended first, or the answer was
 * `cut`. `hasBegun`: it was reached; `isAbsent`: there is no agent of this version on the host; `isEaten`: its input did not arrive.
 * `exit` is how ssh itself ended, and `noise` the end of what was printed that is no answer. `lines` is empty where they were handed on.
 */
export type Answer = {
  lines: string[];
  code: number | null;
  hasBegun: boolean;
  isAbsent: boolean;
  isEaten: boolean;
  exit: number | null;
  noise: string[];
  stderr: string;
  cut: Cut | null;
};

export type CallOptions = {
  inputFile?: string;
  inputOffset?: number;
  /** Gets each line of the answer as it comes. */
  onLine?: (line: string) => void;
  deadlines: Deadlines;
  /** When aborted, nobody waits any more. */
  signal: AbortSignal;
};

/** What a login may say around the answer, and how many lines of it are kept, each so long. */
const MAX_NOISE_CHARACTERS = 1024 * 1024;
const NOISE_LINES = 10;
const NOISE_LENGTH = 500;

/** How long a connection may stay when all was said: what a shell does when it ends is not waited for. */
const LEAVE_MS = 5_000;

/** Runs a command line made with a new frame. */
export async function framed(
  access: Access,
  commandLine: (frame: string) => string,
  { inputFile, inputOffset, onLine, deadlines, signal }: CallOptions,
): Promise<Answer> {
  const frame = `beamline-${randomBytes(8).toString("hex")}`;
  const answer: Answer = {
    ...{ lines: [], code: null, hasBegun: false, isAbsent: false, isEaten: false },
    ...{ exit: null, noise: [], stderr: "", cut: null },
  };
  const over = new AbortController();
  const cut = (why: Cut): void => {
    if (answer.code === null) answer.cut ??= why;
    over.abort();
  };
  const { startMs, silenceMs, totalMs } = deadlines;
  const alarm = (kind: "silent" | "late", waitedMs: number): NodeJS.Timeout =>
    setTimeout(() => cut({ kind, waitedMs, hasBegun: answer.hasBegun }), waitedMs);
  const total = alarm("late", totalMs);
  let silence = alarm("silent", startMs);
  const listen = (waitedMs: number): void => {
    clearTimeout(silence);
    silence = alarm("silent", waitedMs);
  };
  let state: "before" | "inside" | "after" = "before";
  let noise = 0;
  const read = (line: string): void => {
    if (state === "before" && line === `${frame} begin`) {
      state = "inside";
      answer.hasBegun = true;
      listen(silenceMs);
    } else if (state === "before" && line === `${frame} absent`) answer.isAbsent = true;
    else if (state === "before" && line === `${frame} eaten`) answer.isEaten = true;
    else if (state === "inside" && line.startsWith(`${frame} end `)) {
      state = "after";
      const [, code] = /^ end (\d{1,3})$/.exec(line.slice(frame.length)) ?? [];
      answer.code = code === undefined ? null : Number(code);
      listen(LEAVE_MS);
    } else if (state === "inside") {
      silence.refresh();
      if (line === "") return;
      if (onLine === undefined) answer.lines.push(line);
      else onLine(line);
    } else {
      noise += line.length;
      if (noise > MAX_NOISE_CHARACTERS) cut({ kind: "too much" });
      answer.noise.push(line.slice(0, NOISE_LENGTH));
      if (answer.noise.length > NOISE_LINES) answer.noise.shift();
    }
  };
  try {
    const { code, stderr, isTooMuch } = await access.run(commandLine(frame), {
      ...(inputFile === undefined ? {} : { inputFile }),
      ...(inputOffset === undefined ? {} : { inputOffset }),
      onLine: read,
      signal: AbortSignal.any([over.signal, signal]),
    });
    if (isTooMuch) cut({ kind: "too much" });
    return { ...answer, exit: code, stderr };
  } finally {
    clearTimeout(total);
    clearTimeout(silence);
  }
}
