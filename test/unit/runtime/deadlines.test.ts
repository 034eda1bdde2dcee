import { describe, expect, test } from "vitest";
import { restart } from "../../../src/runtime/restart.ts";
import { type Action, deadlineOf } from "../../../src/runtime/transaction.ts";
import { presentOf, targetOf } from "./release.ts";

const check = targetOf({ version: "1.0.0" }).spec.health;
const health = (change: Partial<typeof check>): Action => ({
  verb: "health",
  release: "1.0.0",
  version: "1.0.0",
  check: { ...check, ...change },
});

describe("the deadline", () => {
  test("of every step is at least half a minute, and at most ten and what its bytes take", () => {
    const from = presentOf(targetOf({ version: "1.0.0" }));
    const { steps } = restart.upgrade(targetOf({ version: "1.1.0" }), from);
    for (const step of [...steps, ...restart.remove(from).steps]) {
      expect(step.deadlineMs, step.id).toBe(deadlineOf(step.action));
      expect(step.deadlineMs, step.id).toBeGreaterThanOrEqual(30_000);
      // 4 MB at 50 kB a second.
      expect(step.deadlineMs, step.id).toBeLessThanOrEqual(680_000);
    }
  });

  test.each([
    { start_timeout: 1, min_healthy_time: 0, timeout: 1 },
    { start_timeout: 60_000, min_healthy_time: 1_000, timeout: 5_000 },
    { start_timeout: 3_600_000, min_healthy_time: 3_600_000, timeout: 600_000 },
  ])("of a gate leaves all of its own time, one more probe, and the agent's report: %o", (times) => {
    const { start_timeout, min_healthy_time, timeout } = times;
    expect(deadlineOf(health(times))).toBeGreaterThan(start_timeout + min_healthy_time + timeout);
  });

  test("of a gate grows by as much as health.start_timeout does", () => {
    const more = deadlineOf(health({ start_timeout: 90_000 })) - deadlineOf(health({ start_timeout: 60_000 }));
    expect(more).toBe(30_000);
  });

  test("of a stop leaves applications 30 s to shut down, TERM 12 s and KILL 5 s; a start waits for all of it", () => {
    const stop = deadlineOf({ verb: "stop" });
    expect(stop).toBeGreaterThan(47_000);
    expect(deadlineOf({ verb: "start", release: "1", config: "c", supervisor: "daemon" })).toBeGreaterThan(stop);
  });

  test("of a transfer is the longest of the fixed ones", () => {
    const sizes = { digest: "d", sizeBytes: 1, unpackedBytes: 1 };
    const transfer = deadlineOf({ verb: "stage", release: "1", ...sizes });
    expect(transfer).toBeGreaterThan(deadlineOf({ verb: "stop" }));
  });
});
