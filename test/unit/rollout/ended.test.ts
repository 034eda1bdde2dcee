// What a run says of an op's end must be true: of what runs now, and of what is wrong now.
import { describe, expect, test } from "vitest";
import { sentenceOf, wordsOf } from "../../../src/core/problem.ts";
import { itemResultText } from "../../../src/report/result-text.ts";
import { endOf } from "../../../src/rollout/ended.ts";
import type { JournalEvent, Outcome } from "../../../src/runtime/journal.ts";
import type { ObservedApp } from "../../../src/runtime/observed.ts";
import { app, deployed, WEB1 } from "../plan/situation.ts";
import { item } from "../report/results.ts";

const FAILURE = { code: "start_failed", facts: { detail: "it ended" }, tail: ["boom"] };
const failed: JournalEvent = { event: "failed", t: 1, step: "5-start", ...FAILURE };
const outcome = (word: Outcome["outcome"]): Outcome => ({ event: "outcome", t: 2, outcome: word, ...FAILURE });

const running = deployed([app("counter")], { hosts: WEB1 })[0]?.apps[0] as ObservedApp;
const down: ObservedApp = { ...running, running: null };

describe("an op that went back", () => {
  test.each([
    ["where the old version runs again", "1.0.0", running, "rolled_back", "rolled back to 1.0.0"],
    ["where the host was not heard after it", "1.0.0", null, "rolled_back", "rolled back to 1.0.0"],
    ["where nothing runs", "1.0.0", down, "failed", "failed; 1.0.0 does not run either"],
    ["of a first deployment", null, null, "failed", "failed, and was removed again"],
  ] as const)("%s is told as it is", (_, from, after, word, text) => {
    const of = item({ from });
    const end = endOf(of, outcome("rolled_back"), { journal: [failed], after });
    expect(end.outcome).toBe(word);
    const steps = [{ id: "5-start", ms: 1, result: "failed" }] as never;
    expect(itemResultText({ item: of, steps, durationMs: 1, ...end })).toBe(
      `web1/counter ${text}: start_failed: the app did not start: it ended`,
    );
  });
});

describe("an op whose way back failed", () => {
  const undoFailed: JournalEvent = {
    event: "undo_failed",
    t: 3,
    step: "3-link",
    code: "disk_full",
    facts: { path: "/opt", neededBytes: 2000, freeBytes: 1000 },
    tail: ["No space left on device"],
  };

  test("says why that failed, first", () => {
    const { outcome: word, problem } = endOf(item(), outcome("broken"), { journal: [failed, undoFailed], after: null });
    expect(word).toBe("broken");
    if (problem === null) throw new Error("it has a problem");
    expect(problem.code).toBe("undo_failed");
    expect(sentenceOf(problem)).toBe(
      "web1/counter/3-link the way back failed: disk_full: /opt has 1 kB free, 2 kB are needed",
    );
    expect(wordsOf(problem).remedy).toContain("Free space on the host");
    expect(problem.tail).toEqual([
      "No space left on device",
      "before that, start_failed: the app did not start: it ended",
      "boom",
    ]);
  });

  test("says what the op failed with where it was not heard", () => {
    const { problem } = endOf(item(), outcome("broken"), { journal: [failed], after: null });
    expect(problem?.code).toBe("start_failed");
  });
});

test("an op that only brought back what is on record leaves its spec as it is: not as wanted", () => {
  const unmet = { code: "held", where: { in: "host", host: "web1" }, facts: { failed: "start_failed" } } as const;
  expect(endOf(item({ unmet }), outcome("deployed"), { journal: [], after: running })).toEqual({
    outcome: "blocked",
    problem: unmet,
  });
  expect(endOf(item(), outcome("deployed"), { journal: [], after: running })).toEqual({
    outcome: "deployed",
    problem: null,
  });
});
