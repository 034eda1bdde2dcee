import { describe, expect, test } from "vitest";
import { eventText, stepText, timedSteps } from "../../../src/report/timeline.ts";
import type { JournalEvent } from "../../../src/runtime/journal.ts";

const failure = { code: "start_failed", facts: {}, tail: [] };
const went: JournalEvent[] = [
  { event: "waiting", t: 0, for: "the lock" },
  { event: "begin", t: 1000, step: "1-stage", index: 0 },
  { event: "need", t: 1100, digest: "d".repeat(64), round: 1, lacking: "1-3,7" },
  { event: "done", t: 3500, step: "1-stage", index: 0 },
  { event: "begin", t: 3600, step: "2-start", index: 1 },
];

describe("the steps of a journal", () => {
  test("take from their begin to their end, whatever is said between", () => {
    const journal: JournalEvent[] = [
      ...went,
      { event: "done", t: 4000, step: "2-start", index: 1 },
      { event: "outcome", t: 4000, outcome: "deployed", tail: [] },
    ];
    expect(timedSteps(journal)).toEqual([
      { step: "1-stage", durationMs: 2500, result: "done" },
      { step: "2-start", durationMs: 400, result: "done" },
    ]);
  });

  test("that failed and were undone are both there, in that order", () => {
    const journal: JournalEvent[] = [
      ...went,
      { event: "failed", t: 5000, step: "2-start", ...failure },
      { event: "undo", t: 5000, step: "2-start", verb: "stop" },
      { event: "undone", t: 5200, step: "2-start", verb: "stop" },
      { event: "undo", t: 5300, step: "1-stage", verb: "unstage" },
      { event: "undo_failed", t: 5400, step: "1-stage", ...failure },
    ];
    expect(timedSteps(journal)).toEqual([
      { step: "1-stage", durationMs: 2500, result: "done" },
      { step: "2-start", durationMs: 1400, result: "failed" },
      { step: "2-start, stop", durationMs: 200, result: "undone" },
      { step: "1-stage", durationMs: 100, result: "not undone" },
    ]);
  });

  test("that never ended are not among them", () => {
    expect(timedSteps(went).map(({ step }) => step)).toEqual(["1-stage"]);
    expect(timedSteps([])).toEqual([]);
  });
});

test.each([
  [{ step: "1-stage", durationMs: 2500, result: "done" }, "1-stage 2.5 s"],
  [{ step: "6-health", durationMs: 61_000, result: "failed" }, "6-health failed 1 min 1 s"],
  [{ step: "5-start, stop", durationMs: 200, result: "undone" }, "5-start, stop undone 200 ms"],
  [{ step: "4-stop", durationMs: 200, result: "not undone" }, "4-stop not undone 200 ms"],
] as const)("a step reads %#: %j → %s", (step, text) => {
  expect(stepText(step)).toBe(text);
});

test.each<[JournalEvent, string | null]>([
  [{ event: "waiting", t: 0, for: "the lock, held by run 7" }, "waiting for the lock, held by run 7"],
  [{ event: "failed", t: 0, step: "5-start", ...failure }, "5-start failed: start_failed"],
  [{ event: "undo", t: 0, step: "5-start", verb: "stop" }, "undoing 5-start: stop"],
  [{ event: "undo_failed", t: 0, step: "5-start", ...failure }, "5-start could not be undone: start_failed"],
  [{ event: "begin", t: 0, step: "5-start", index: 4 }, null],
  [{ event: "done", t: 0, step: "5-start", index: 4 }, null],
  [{ event: "undone", t: 0, step: "5-start", verb: "stop" }, null],
  [{ event: "outcome", t: 0, outcome: "deployed", tail: [] }, null],
])("an event is told, or is no news: %j", (event, text) => {
  expect(eventText(event)).toBe(text);
});

test("a note says what became of the processes of a VM that was changed", () => {
  const said = (name: "installed" | "lingering" | "killed" | "lost", value: string) =>
    eventText({ event: "note", t: 0, name, value });
  expect(said("installed", "7312")).toBe("upgraded hot; processes were suspended for at most 7.3 ms");
  expect(said("lingering", "<0.1.0> a b\n<0.2.0> c d")).toContain("<0.1.0> a b; <0.2.0> c d");
  expect(said("killed", "<0.1.0> a b")).toContain("are killed, as on_linger says: <0.1.0> a b");
  expect(said("lost", "it is started anew")).toBe("its processes' state is lost: it is started anew");
});
