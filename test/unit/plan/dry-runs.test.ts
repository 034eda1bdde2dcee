import { describe, expect, test } from "vitest";
import { dryRunWarnings } from "../../../src/plan/dry-runs.ts";

const upgrade = {
  verb: "hot",
  release: "1.1.0",
  config: "c2",
  from: { release: "1.0.0", config: "c1" },
  digest: "d",
  up: "[]",
  down: null,
  oldCode: ["counter_server"],
  suspended: [],
  replacedTwice: [],
  supervisors: [],
  lingerTimeoutMs: 5000,
  onLinger: "refuse",
  suspendTimeoutMs: 5000,
} as const;

describe("what a node says of an upgrade", () => {
  test("is nothing where all is well", () => {
    expect(dryRunWarnings({ lingering: [] }, upgrade)).toEqual([]);
  });

  test("names the first processes in its way, and what will become of them", () => {
    const lingering = ["<0.1.0> a m", "<0.2.0> b m", "<0.3.0> c m", "<0.4.0> d m"];
    expect(dryRunWarnings({ lingering }, upgrade)).toEqual([
      "4 processes in old code now: it waits 5000 ms at most for them to leave, then it is refused: <0.1.0> a m; <0.2.0> b m; <0.3.0> c m; …",
    ]);
    expect(dryRunWarnings({ lingering: lingering.slice(0, 1) }, { ...upgrade, onLinger: "kill" })).toEqual([
      "1 process in old code now: it waits 5000 ms at most for them to leave, then they are killed: <0.1.0> a m",
    ]);
  });
});
