// A client of the fleet that never stops asking: what it can't get is what a user would have missed.
import { Agent, get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/** How long between an answer and the next question, in ms. */
const PAUSE_MS = 15;
/** An answer that takes longer counts as none, in ms. */
const TIMEOUT_MS = 900;

export type Target = { app: string; host: string; url: string };

/** One look: when it was asked and answered (ms of performance.now), and whether the answer was 200. */
type Look = { askedAt: number; answeredAt: number; isGood: boolean };

/**
 * What a client missed of a target: the sum of all stretches from a good answer to the next with failed looks between them,
 * in ms, and whether it answered at the beginning and at the end.
 */
export type Interruption = {
  target: Target;
  ms: number;
  /** How many such stretches there were. */
  times: number;
  wasUp: boolean;
  isUp: boolean;
  failedLooks: number;
  looks: number;
};

export class Client {
  private readonly looks = new Map<Target, Look[]>();
  private readonly loops: Promise<void>[];
  private readonly pauseMs: number;
  private readonly timeoutMs: number;
  private isStopped = false;

  constructor(targets: readonly Target[], pauseMs = PAUSE_MS, timeoutMs = TIMEOUT_MS) {
    this.pauseMs = pauseMs;
    this.timeoutMs = timeoutMs;
    for (const target of targets) this.looks.set(target, []);
    this.loops = targets.map((target) => this.ask(target));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.loops);
  }

  /** What was missed of each target since a time (ms of performance.now). */
  interruptions(since: number): Interruption[] {
    return [...this.looks].map(([target, all]) => {
      const looks = all.filter(({ answeredAt }) => answeredAt >= since);
      let lastGood: number | undefined;
      let hasFailed = false;
      let ms = 0;
      let times = 0;
      for (const { askedAt, answeredAt, isGood } of looks) {
        if (isGood) {
          if (hasFailed && lastGood !== undefined) {
            ms += answeredAt - lastGood;
            times += 1;
          }
          lastGood = askedAt;
        }
        hasFailed = !isGood;
      }
      return {
        target,
        ms,
        times,
        wasUp: looks[0]?.isGood ?? false,
        isUp: looks.at(-1)?.isGood ?? false,
        failedLooks: looks.filter(({ isGood }) => !isGood).length,
        looks: looks.length,
      };
    });
  }

  private async ask(target: Target): Promise<void> {
    // A connection a question, as a load balancer's check or a new visitor would.
    const agent = new Agent({ keepAlive: false });
    while (!this.isStopped) {
      const askedAt = performance.now();
      const isGood = await isAnswered(target.url, agent, this.timeoutMs);
      this.looks.get(target)?.push({ askedAt, answeredAt: performance.now(), isGood });
      await pause(this.pauseMs);
    }
  }
}

/** Whether a url answers 200. */
function isAnswered(url: string, agent: Agent, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent, timeout: timeoutMs }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode === 200));
      response.once("error", () => resolve(false));
    });
    request.once("timeout", () => request.destroy(new Error("no answer in time")));
    request.once("error", () => resolve(false));
  });
}
