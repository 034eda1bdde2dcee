// Who skips releases goes through those that others have gone through, as their records tell.
import { describe, expect, test } from "vitest";
import { knownSteps, stepsBetween } from "../../../src/plan/known-steps.ts";
import type { ObservedApp, ObservedHost, Recorded } from "../../../src/runtime/observed.ts";
import { presentOf, targetOf } from "../runtime/release.ts";

/** A host that was `ways` in turn: `1.0>1.1` became that while it ran, `1.1` was started as it. `op`: when the last was put on record. */
function host(op: string, ...ways: string[]): ObservedHost {
  const records = ways.map((way): Recorded => {
    const [digest = "", from] = way.split(">").reverse();
    const { recorded } = presentOf(targetOf({ version: digest }));
    return { ...recorded, digest, ...(from === undefined ? {} : { hotFrom: from }) };
  });
  const [recorded = null, ...history] = records.reverse();
  const app: ObservedApp = { ...presentOf(targetOf({ version: "1.0" })), op, recorded, history };
  return { host: op, machineId: op, supervisor: "daemon", apps: [app] };
}

const between = (from: string, to: string, ...hosts: ObservedHost[]): string | null =>
  stepsBetween(from, to, knownSteps("counter", hosts))?.join(" ") ?? null;

const BEHIND = host("1", "1.0");

describe("the releases in between", () => {
  test("are those that others went through to where they were last", () => {
    expect(between("1.0", "1.3", BEHIND, host("2", "1.0", "1.0>1.1", "1.1>1.2"))).toBe("1.1 1.2");
  });

  test("are those that others went through to what is wanted", () => {
    expect(between("1.0", "1.3", BEHIND, host("2", "1.0", "1.0>1.1", "1.1>1.3"))).toBe("1.1");
    expect(between("1.0", "1.3", BEHIND, host("2", "1.0", "1.0>1.1", "1.1>1.3", "1.3>1.4"))).toBe("1.1");
  });

  test("are the same on the way back", () => {
    expect(between("1.3", "1.0", host("2", "1.0", "1.0>1.1", "1.1>1.3"))).toBe("1.1");
  });

  test("are none where it was changed last, or nobody else is there: that is the next step", () => {
    expect(between("1.1", "1.3", BEHIND, host("2", "1.0", "1.0>1.1"))).toBe("");
    expect(between("1.0", "1.3", BEHIND)).toBe("");
  });

  test("are none where somebody has made that very step", () => {
    expect(between("1.0", "1.3", BEHIND, host("2", "1.0", "1.0>1.3", "1.3>1.4"))).toBe("");
  });

  test("are not those that everybody has gone back from", () => {
    const back = ["1.0", "1.0>1.1", "1.1>1.0"];
    expect(between("1.0", "1.3", host("1", ...back), host("2", ...back))).toBe("");
  });

  test("are not known where others were started as what they are, or came from elsewhere", () => {
    expect(between("1.0", "1.3", BEHIND, host("2", "1.0", "1.1"))).toBeNull();
    expect(between("1.0", "1.3", BEHIND, host("2", "0.9>1.1"))).toBeNull();
  });

  test("are never a way back that leads on from there", () => {
    const ahead = host("1", "1.0", "1.0>1.1");
    expect(between("1.1", "1.3", ahead, host("2", "1.0"))).toBeNull();
  });

  test("are of this app alone", () => {
    const other = host("2", "1.0", "1.0>1.1");
    const greeter = { ...other, apps: other.apps.map((app) => ({ ...app, name: "greeter" })) };
    expect(between("1.0", "1.3", BEHIND, greeter)).toBe("");
  });
});
