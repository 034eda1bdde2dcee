// What an agent reports may be anything at all.
import { expect, test } from "vitest";
import { wordsOf } from "../../../src/core/problem.ts";
import { reportedProblem } from "../../../src/host/reported-problem.ts";
import { parseJournalLine } from "../../../src/runtime/journal.ts";

const where = { host: "web1", app: "shop" };

test.each(["constructor", "toString", "__proto__", "hasOwnProperty", "", "disk_full"])(
  "a failure %j with no facts of ours is a protocol error",
  (code) => {
    const said = reportedProblem({ code, facts: { a: 1 } }, where);
    expect(said.code).toBe("protocol_error");
    expect(wordsOf(said).message).toContain(JSON.stringify(code));
  },
);

test("numbers are such as hosts have", () => {
  const full = (freeBytes: number) =>
    reportedProblem({ code: "disk_full", facts: { path: "/opt", neededBytes: 1, freeBytes } }, where).code;
  expect([1e300, -1, 0, 1e12].map(full)).toEqual(["protocol_error", "protocol_error", "disk_full", "disk_full"]);
});

test("of what it quotes the last 20 lines count", () => {
  const tail = Array.from({ length: 100_000 }, (_, nth) => `line ${nth}`);
  const said = reportedProblem({ code: "step_failed", facts: { detail: "x" }, tail }, where);
  expect(said.tail).toEqual(tail.slice(-20));
});

test("a line of a journal is one of ours, or none", () => {
  const lines = [
    '{"event":"begin","t":1e300,"step":"1-stop","index":1}',
    '{"event":"begin","t":1,"step":"1-stop","index":-1}',
    '{"event":"waiting","t":-1,"for":"x"}',
    '{"event":"outcome","t":1,"outcome":"won"}',
    `{"event":"failed","t":1,"step":"a","code":"x","facts":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`,
    "[".repeat(1_000_000),
  ];
  expect(lines.map(parseJournalLine)).toEqual(lines.map(() => undefined));
});
