// When a plan removes too much to be meant.
import { describe, expect, test } from "vitest";
import { wordsOf } from "../../../src/core/problem.ts";
import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import { type RemovalLimit, removalLimit, removalProblem } from "../../../src/plan/removal-guard.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { app, deployed, recordedWith, seen } from "./situation.ts";

const HALF: RemovalLimit = { percent: 50 };
const NAMES = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
const files = (names: readonly string[]) =>
  names.map((name, index) => app(name, { health: { type: "tcp", port: 8000 + index } }));

/** What is said of a plan that wants these, where those run on all three hosts. */
function judged(there: readonly string[], wanted: readonly string[], limit = HALF, given: Partial<PlanInput> = {}) {
  const input = inputFor(appsOf(files(wanted)), { observed: deployed(files(there)), ...given });
  const found = removalProblem(input, plan(input).items, limit);
  return found === null ? null : found.facts;
}

describe("a plan is refused that removes", () => {
  test.each([
    ["two of two", 2, 0, HALF],
    ["two of three: apps count whole", 3, 1, HALF],
    ["three of four", 4, 1, HALF],
    ["five of eight", 8, 3, HALF],
    ["two of eight where 20% may go, which is one", 8, 6, { percent: 20 }],
    ["two of eight where one may go", 8, 6, { apps: 1 }],
    ["all of eight where 99% may go", 8, 0, { percent: 99 }],
    ["all of eight where seven may go", 8, 0, { apps: 7 }],
  ] as const)("%s", (_, there, kept, limit) => {
    expect(judged(NAMES.slice(0, there), NAMES.slice(0, kept), limit)).toMatchObject({
      removed: there - kept,
      owned: there,
    });
  });

  test("what is here, even if as many others come", () => {
    expect(judged(["one", "two"], ["three", "four"])).toMatchObject({ removed: 2, owned: 2, apps: ["one", "two"] });
  });
});

describe("a plan is not refused that removes", () => {
  test.each([
    ["nothing, where nothing is", 0, 0, HALF],
    ["nothing", 3, 3, HALF],
    ["the only one", 1, 0, { percent: 1 }],
    ["one of three, however little may go", 3, 2, { percent: 1 }],
    ["two of four, which is just half", 4, 2, HALF],
    ["all of eight where 100% may go", 8, 0, { percent: 100 }],
    ["all of eight where eight may go", 8, 0, { apps: 8 }],
    ["two of two where more may go than there are", 2, 0, { apps: 100 }],
  ] as const)("%s", (_, there, kept, limit) => {
    expect(judged(NAMES.slice(0, there), NAMES.slice(0, kept), limit)).toBeNull();
  });

  test("apps from some hosts only: they move", () => {
    const there = { observed: deployed(files(["one", "two"])) };
    const moved = files(["one", "two"]).map((file) => ({ ...file, hosts: ["web2"] }));
    const input = inputFor(appsOf(moved), there);
    const { items } = plan(input);
    expect(items.filter(({ action }) => action === "remove")).toHaveLength(4);
    expect(removalProblem(input, items, { apps: 1 })).toBeNull();
  });

  test("what is blocked, and so stays", () => {
    const vanished = new Set(["apps/one", "apps/two"]);
    expect(judged(["one", "two", "three"], ["three"], HALF, { vanished })).toBeNull();
  });
});

describe("what counts as a whole is", () => {
  const others = recordedWith({ owner: { repository: "acme/other", environment: "production" } });

  test("every app of ours, also where the input apps has only some of them removed", () => {
    const five = NAMES.slice(0, 5);
    expect(judged(five, ["five"])).toMatchObject({ removed: 4, owned: 5 });
    expect(judged(five, ["five"], HALF, { only: new Set(["one", "two"]) })).toBeNull();
    expect(judged(five, ["five"], HALF, { only: new Set(["one", "two", "three"]) })).toMatchObject({
      removed: 3,
      owned: 5,
    });
  });

  test("no app of another repository or environment, and none of another specs folder", () => {
    const there = deployed(files(["one", "two", "three", "four"]));
    for (const change of [others, recordedWith({ file: "services/apps/x/app.yaml" })]) {
      const observed = seen(seen(there, "three", change), "four", change);
      expect(judged([], [], HALF, { observed })).toMatchObject({ removed: 2, owned: 2, apps: ["one", "two"] });
    }
  });

  test("an app once, on however many hosts it is", () => {
    const observed = deployed(files(["one", "two", "three"])).map((host, index) =>
      index === 0 ? host : { ...host, apps: host.apps.filter(({ name }) => name !== "three") },
    );
    expect(judged([], ["two", "three"], HALF, { observed })).toBeNull();
    expect(judged([], ["one"], HALF, { observed })).toMatchObject({ removed: 2, owned: 3 });
  });
});

describe("a refusal", () => {
  test("names the first apps, counts the rest, and says what to set if all of them are to go", () => {
    const input = inputFor(appsOf(files(["eight"])), { observed: deployed(files(NAMES)) });
    const found = removalProblem(input, plan(input).items, HALF);
    if (found === null) throw new Error("not refused");
    expect(found).toMatchObject({ code: "too_many_removals", where: { in: "input", name: "max-removals" } });
    expect(wordsOf(found)).toEqual({
      message:
        "7 of the 8 apps deployed from here would be removed, max-removals (50%) allows 4: five, four, one, seven, six, 2 more",
      remedy:
        "If all of them are to go, set max-removals: 7 for this run; if not, check specs, environment, and what was deleted.",
    });
  });
});

describe("max-removals", () => {
  test.each([
    ["50%", { percent: 50 }],
    ["1%", { percent: 1 }],
    ["100%", { percent: 100 }],
    ["1", { apps: 1 }],
    ["250", { apps: 250 }],
  ])("%s is a limit", (text, limit) => {
    expect(removalLimit(text)).toEqual(limit);
  });

  test.each(["", "0", "0%", "101%", "-1", "1.5", "50 %", "half", "%", "1e3", "9999999999"])("%j is none", (text) => {
    expect(removalLimit(text)).toBeNull();
  });
});
