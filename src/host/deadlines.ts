// How long a host may take, and how much it may say. None of these is met by a host that is well; whoever misses one costs itself.
import type { Transaction } from "../runtime/transaction.ts";
import { deadlineOf } from "../runtime/transaction.ts";

export type Deadlines = {
  /** To the agent's first word: the login, whatever its shell does first, and what is sent along. */
  startMs: number;
  /** From one line of the answer to the next. */
  silenceMs: number;
  /** To the end of it. */
  totalMs: number;
};

/** Where something else bounds it: as long as a timer can wait. */
const NEVER_MS = 2 ** 31 - 1;

/** sshd itself has 20 s of its own before this (see CONNECT_TIMEOUT_S). */
const START_MS = 30_000;

export type Waits = { [W in keyof typeof WAITS]: Deadlines };

export const WAITS = {
  /** A line comes of each app, whose node may be asked twice for 5 s by default. */
  look: { startMs: START_MS, silenceMs: 40_000, totalMs: 300_000 },
  /** Asking nodes what they are made of: all comes at once, after at most 60 s a try. */
  ask: { startMs: START_MS, silenceMs: 150_000, totalMs: 300_000 },
  /** An engine at work says something every 10 s; one that undoes what an earlier op has left says nothing meanwhile, and is asked again. */
  follow: { startMs: START_MS, silenceMs: 60_000, totalMs: NEVER_MS },
  /** Bytes go there, and nothing is said. The op that waits for them bounds it: it gives up after a minute without any. */
  upload: { startMs: START_MS, silenceMs: NEVER_MS, totalMs: NEVER_MS },
  /** 150 kB and a sync(1), which may have to write what others have left. */
  install: { startMs: 120_000, silenceMs: 120_000, totalMs: 120_000 },
} as const satisfies Record<string, Deadlines>;

/** For what an op may have to do that it was not asked for: ops that were cut off come first. */
const OTHERS_MS = 600_000;

/** The longest that an op can take whose every step takes all of its time, and then fails. */
export function longestMs({ steps }: Transaction, lockTimeoutMs: number): number {
  const worked = steps.reduce((sum, { deadlineMs, undo }) => {
    const undone = undo.kind === "act" ? undo.actions.map(deadlineOf) : [];
    return undone.reduce((total, its) => total + its, sum + deadlineMs);
  }, 0);
  return Math.min(lockTimeoutMs + worked + OTHERS_MS, NEVER_MS);
}
