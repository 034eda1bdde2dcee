import { describe, expect, test } from "vitest";
import { type JournalEvent, parseJournalLine } from "../../../src/runtime/journal.ts";

const failure = { code: "start_failed", facts: { detail: "exit 1" }, tail: ["last line"] };
const events: JournalEvent[] = [
  { event: "waiting", t: 1, for: "the lock, held by acme/shop run 7" },
  { event: "need", t: 2, digest: "d".repeat(64), round: 1, lacking: "1-3,7" },
  { event: "begin", t: 3, step: "1-stage", index: 0 },
  { event: "done", t: 4, step: "1-stage", index: 0 },
  { event: "failed", t: 5, step: "2-start", ...failure },
  { event: "undo", t: 6, step: "1-stage", verb: "unstage" },
  { event: "undone", t: 7, step: "1-stage", verb: "unstage" },
  { event: "undo_failed", t: 8, step: "1-stage", ...failure },
  { event: "outcome", t: 9, outcome: "deployed", tail: [] },
  { event: "outcome", t: 9, outcome: "rolled_back", ...failure },
  { event: "outcome", t: 9, outcome: "broken", ...failure },
  { event: "orphaned", t: 10 },
];

describe("a line of a journal", () => {
  test.each(events)("that says $event is read as it was written", (event) => {
    expect(parseJournalLine(JSON.stringify(event))).toEqual(event);
  });

  test.each(events)("that says $event and breaks off anywhere is no line", (event) => {
    const line = JSON.stringify(event);
    for (let length = 0; length < line.length; length++)
      expect(parseJournalLine(line.slice(0, length)), line.slice(0, length)).toBeUndefined();
  });

  test("without quoted output has none", () => {
    const { tail: _, ...untold } = failure;
    const line = JSON.stringify({ event: "failed", t: 5, step: "2-start", ...untold });
    expect(parseJournalLine(line)).toMatchObject({ tail: [] });
    expect(parseJournalLine('{"event":"outcome","t":9,"outcome":"deployed"}')).toMatchObject({ tail: [] });
  });

  test("may say more than we know", () => {
    const line = '{"event":"orphaned","t":10,"boot":"later"}';
    expect(parseJournalLine(line)).toEqual({ event: "orphaned", t: 10 });
  });

  test.each([
    ["nothing", ""],
    ["words", "Connection to web1 closed."],
    ["another event", '{"event":"rebooted","t":1}'],
    ["no event", '{"t":1}'],
    ["another outcome", '{"event":"outcome","t":1,"outcome":"unknown"}'],
    ["a time that is no number", '{"event":"orphaned","t":"1"}'],
    ["two lines at once", '{"event":"orphaned","t":1}\n{"event":"orphaned","t":2}'],
    ["null", "null"],
    ["a list", "[]"],
  ])("that holds %s is none", (_, line) => {
    expect(parseJournalLine(line)).toBeUndefined();
  });
});
