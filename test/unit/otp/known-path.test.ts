// Who skips versions goes through those in between where each step is known; nobody has tried the leap.
import { describe, expect, test } from "vitest";
import { hotUpgrade } from "../../../src/otp/hot-upgrade.ts";
import type { ReleaseInventory } from "../../../src/otp/inventory.ts";
import { type Between, between, isLeap, knownPath } from "../../../src/otp/known-path.ts";
import type { HotOptions } from "../../../src/otp/upgrade.ts";
import { application, plain, release, server, termIn } from "./inventories.ts";

const AUTO: HotOptions = { appup: "auto", onLinger: "refuse" };
const SHIPPED: HotOptions = { appup: "shipped", onLinger: "refuse" };

/** A release whose one process has other code in each version; `knows`: the versions that its appup leads from. */
const of = (version: string, knows?: readonly string[], more: Partial<ReleaseInventory> = {}): ReleaseInventory =>
  release(version, [application("counter", version, { server: server(version) })], {
    ...(knows === undefined ? {} : { appups: new Map([["counter", appup(version, knows)]]) }),
    ...more,
  });

function appup(version: string, knows: readonly string[]) {
  const ways = knows.map((known) => `{"${known}", [{update, server, {advanced, []}}]}`).join(", ");
  return termIn(`{"${version}", [${ways}], [${ways}]}`);
}

const ran = (it: ReleaseInventory): Between => ({ release: it, hasRun: true });
const neverRan = (it: ReleaseInventory): Between => ({ release: it, hasRun: false });

/** `1.1.0 1.2.0`: what is gone through, and then the wanted one; null where there is no such path. */
function pathThrough(
  from: ReleaseInventory,
  to: ReleaseInventory,
  steps: readonly Between[],
  options = AUTO,
): string | null {
  const path = knownPath(from, to, steps, options);
  const versionOf = (index: number | null): string =>
    index === null ? to.version : (steps[index]?.release?.version ?? "?");
  return path === null ? null : path.map(({ index }) => versionOf(index)).join(" ");
}

describe("a leap", () => {
  const leaps = (from: ReleaseInventory, to: ReleaseInventory, options = AUTO): boolean =>
    isLeap(hotUpgrade(from, to, options), options);

  test("is an upgrade whose appup does not know where it begins, or that changes a state as nobody wrote", () => {
    expect(leaps(of("1.0.0"), of("1.2.0", ["1.1.0"]))).toBe(true);
    expect(leaps(of("1.0.0"), of("1.2.0"))).toBe(true);
    expect(leaps(of("1.0.0"), of("1.2.0", ["1.1.0"]), SHIPPED)).toBe(true);
  });

  test("is none where somebody wrote how it is done, or no state changes", () => {
    expect(leaps(of("1.0.0"), of("1.2.0", ["1.1.0", "1.0.0"]))).toBe(false);
    expect(leaps(of("1.0.0"), of("1.2.0", ["1.1.0", "1.0.0"]), SHIPPED)).toBe(false);
    const functions = (version: string) => release(version, [application("counter", version, { lib: plain(version) })]);
    expect(leaps(functions("1.0.0"), functions("1.2.0"))).toBe(false);
  });

  test("is said in the plan where an appup does not know it", () => {
    const answer = hotUpgrade(of("1.0.0"), of("1.2.0", ["1.1.0"]), AUTO);
    expect("hot" in answer && answer.hot.findings).toEqual([
      {
        code: "version_unknown",
        application: "counter",
        module: null,
        text: "counter.appup of 1.2.0 does not know 1.0.0; its code_change may not either",
      },
    ]);
  });
});

describe("the path", () => {
  test("goes through every version that has run, where instructions are generated", () => {
    const steps = [of("1.1.0"), of("1.2.0")].map(ran);
    expect(pathThrough(of("1.0.0"), of("1.3.0"), steps)).toBe("1.1.0 1.2.0 1.3.0");
  });

  test("does not go through one that never ran on any host", () => {
    const steps = [ran(of("1.1.0")), neverRan(of("1.2.0"))];
    expect(pathThrough(of("1.0.0"), of("1.3.0"), steps)).toBe("1.1.0 1.3.0");
    expect(pathThrough(of("1.0.0"), of("1.3.0"), [neverRan(of("1.1.0"))])).toBe("1.3.0");
  });

  test("is the shortest that appups know, whether it ever ran or not", () => {
    const steps = [of("1.1.0", ["1.0.0"]), of("1.2.0", ["1.1.0", "1.0.0"])].map(neverRan);
    for (const options of [AUTO, SHIPPED])
      expect(pathThrough(of("1.0.0"), of("1.3.0", ["1.2.0"]), steps, options)).toBe("1.2.0 1.3.0");
  });

  test("is none where a step is not known, or what it leads through can't be had any more", () => {
    expect(pathThrough(of("1.0.0"), of("1.3.0", ["1.2.0"]), [ran(of("1.1.0"))])).toBeNull();
    expect(pathThrough(of("1.0.0"), of("1.3.0"), [{ release: null, hasRun: true }])).toBeNull();
    const native = release("1.1.0", [application("counter", "1.1.0", { server: server("n", { isNative: true }) })]);
    expect(pathThrough(of("1.0.0"), of("1.3.0"), [ran(native)])).toBeNull();
  });

  test("asks nothing of files that only a VM reads which starts", () => {
    const args = (digest: string) => ({ startFiles: new Map([["vm.args", digest]]) });
    const steps = [ran(of("1.1.0", undefined, args("other")))];
    expect(pathThrough(of("1.0.0", undefined, args("a")), of("1.2.0", undefined, args("a")), steps)).toBe(
      "1.1.0 1.2.0",
    );
    expect(pathThrough(of("1.0.0", undefined, args("a")), of("1.2.0", undefined, args("b")), steps)).toBeNull();
  });

  test("back is the way that led here", () => {
    expect(pathThrough(of("1.2.0"), of("1.0.0"), [ran(of("1.1.0"))])).toBe("1.1.0 1.0.0");
  });
});

describe("what was wanted in between", () => {
  const names = (history: readonly string[], from: string, to: string): string =>
    between(history, from, to)
      .map((index) => history[index])
      .join(" ");

  test.each([
    ["what lies between them", ["1.0.0", "1.1.0", "1.2.0"], "1.0.0", "1.3.0", "1.1.0 1.2.0"],
    ["the same where it was wanted in another order", ["1.10.0", "1.9.0", "1.0.0"], "1.0.0", "1.11.0", "1.9.0 1.10.0"],
    ["the same backwards", ["1.0.0", "1.1.0", "1.2.0"], "1.2.0", "1.0.0", "1.1.0"],
    ["nothing that lies elsewhere", ["1.0.0", "2.0.0", "0.9.0"], "1.0.0", "1.0.1", ""],
    ["of versions without an order what came after the one that runs", ["a", "b", "c"], "a", "d", "b c"],
    ["of those on the way back what led here", ["a", "b", "c", "b"], "c", "a", "b"],
    ["of those nothing that was wanted before, or when nobody knows", ["a", "b", "c"], "x", "d", ""],
  ])("is %s", (_, history, from, to, expected) => {
    expect(names(history, from, to)).toBe(expected);
  });

  test("is the last of what was wanted twice", () => {
    expect(between(["1.1.0", "1.0.0", "1.1.0"], "1.0.0", "1.2.0")).toEqual([2]);
  });
});
