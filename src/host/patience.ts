import { setTimeout as pause } from "node:timers/promises";

/** Waits before the tries to reach a host again that go on in vain, in ms. */
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000] as const;

/** For how long a host that can be reached may have nothing new to say, in ms. */
const QUIET_MS = 300_000;

/** How often to try again: a host that is not there is given up after half a minute, one that goes on is never. */
export class Patience {
  private tries = 0;
  private newsAt = Date.now();
  private readonly signal: AbortSignal;

  /** `signal`: from then on there is no further try. */
  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  /** Something came from the host that had not come before. */
  heardNews(): void {
    this.newsAt = Date.now();
    this.tries = 0;
  }

  /** It was reached, and the connection broke again. */
  reached(): void {
    if (Date.now() - this.newsAt < QUIET_MS) this.tries = 0;
  }

  /** Waits for the next try; false where there is to be none. */
  async wait(): Promise<boolean> {
    const waitMs = WAITS_MS[this.tries];
    if (waitMs === undefined || this.signal.aborted) return false;
    this.tries += 1;
    // Aborted, it ends early: then the answer is no.
    await pause(waitMs, undefined, { signal: this.signal }).catch(() => undefined);
    return !this.signal.aborted;
  }
}
