// When a plan removes too much to be meant.
import { describe, expect, test } from "vitest";
import { wordsOf } from "../../../src/core/problem.ts";
import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput, RemovalLimit } from "../../../src/plan/plan-input.ts";
import { removalLimit, removalProblem } from "../../../src/plan/removal-guard.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { app, deployed, type Fleet, recordedWith, said, seen } from "./situation.ts";

const HALF: RemovalLimit = { percent: 50 };
const NAMES = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
const files = (names: readonly string[]) =>
  names.map((name, index) => app(name, { health: { type: "tcp", port: 8000 + index } }));

/** What is said of a plan that wants these, where those run on all three hosts and the base commit has them. */
function judged(there: readonly string[], wanted: readonly string[], limit = HALF, given: Partial<PlanInput> = {}) {
  const before = { observed: deployed(files(there)), previous: appsOf(files(there)) };
  const input = inputFor(appsOf(files(wanted)), { ...before, ...given });
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
      const given = { observed, previous: appsOf(files(["one", "two", "three", "four"])) };
      expect(judged([], [], HALF, given)).toMatchObject({ removed: 2, owned: 2, apps: ["one", "two"] });
    }
  });

  test("an app once, on however many hosts it is", () => {
    const observed = deployed(files(["one", "two", "three"])).map((host, index) =>
      index === 0 ? host : { ...host, apps: host.apps.filter(({ name }) => name !== "three") },
    );
    const given = { observed, previous: appsOf(files(["one", "two", "three"])) };
    expect(judged([], ["two", "three"], HALF, given)).toBeNull();
    expect(judged([], ["one"], HALF, given)).toMatchObject({ removed: 2, owned: 3 });
  });
});

describe("what only a host says", () => {
  const forged = Array.from({ length: 100 }, (_, index) => `forged_${index}`);
  /** The fleet with apps that one host claims to have of ours. */
  const claiming = (fleet: Fleet, names: readonly string[], on: string): Fleet => {
    const claims = deployed(files(names)).find(({ host }) => host === on)?.apps ?? [];
    return fleet.map((host) => (host.host === on ? { ...host, apps: [...host.apps, ...claims] } : host));
  };
  const outcome = (given: Partial<PlanInput>, wanted: readonly string[], limit: RemovalLimit) => {
    const input = inputFor(appsOf(files(wanted)), { ...given, maxRemovals: limit });
    const { items } = plan(input);
    const of = (host: string): string[] => items.filter((item) => item.host === host).map(said);
    return { refused: removalProblem(input, items, limit), items, of };
  };
  const fleet = deployed(files(["one", "two"]));
  const previous = appsOf(files(["one", "two"]));

  test.each([[HALF], [{ percent: 100 }], [{ apps: 2 }]])(
    "never has a plan refused, nor anything done to other hosts (%j)",
    (limit) => {
      const observed = claiming(fleet, forged, "web2");
      const { refused, of } = outcome({ observed, previous }, ["one"], limit);
      expect(refused).toBeNull();
      for (const host of ["web1", "web3"])
        expect(of(host)).toEqual(["remove (spec), interrupts restart", "nothing to do"]);
      expect(of("web2")).toHaveLength(102);
    },
  );

  test("is not removed there where it is more than may go, which that host alone is told; the rest goes on", () => {
    const observed = claiming(fleet, forged.slice(0, 3), "web2");
    const { items, of } = outcome({ observed, previous }, ["one"], HALF);
    expect(of("web2")).toEqual([
      ...Array.from({ length: 3 }, () => "blocked: too_many_removals"),
      "remove (spec), interrupts restart",
      "nothing to do",
    ]);
    const [blocked] = items.flatMap((item) => item.blocked ?? []);
    expect(blocked && wordsOf(blocked).message).toBe(
      "4 of the 5 apps deployed from here to web2 would be removed, max-removals (50%) allows 2: forged_0, forged_1, forged_2, two",
    );
  });

  test("does not make the share larger that may go elsewhere", () => {
    const observed = claiming(fleet, forged, "web2");
    const { refused } = outcome({ observed, previous }, [], HALF);
    expect(refused?.facts).toMatchObject({ removed: 2, owned: 2, allowed: 1 });
  });

  test("of an app that git has on another host counts for that host alone, too", () => {
    const elsewhere = NAMES.slice(2, 6).map((name) => ({ ...app(name), hosts: ["web1"] }));
    const observed = claiming(fleet, NAMES.slice(2, 6), "web2");
    const { refused, of } = outcome(
      { observed, previous: new Map([...previous, ...appsOf(elsewhere)]) },
      ["one"],
      HALF,
    );
    expect(refused).toBeNull();
    expect(of("web2").filter((text) => text === "blocked: too_many_removals")).toHaveLength(4);
    expect(of("web1")).toEqual(["remove (spec), interrupts restart", "nothing to do"]);
  });

  test("goes, where it is one app: what an earlier run could not remove", () => {
    const { refused, of } = outcome({ observed: fleet }, ["one"], HALF);
    expect(refused).toBeNull();
    for (const host of ["web1", "web2", "web3"])
      expect(of(host)).toEqual(["remove (retry), interrupts restart", "nothing to do"]);
  });

  test("does not keep another host's from going, where it is too much by itself", () => {
    const keeping = deployed(files(["one", "two", "three"])).filter(({ host }) => host !== "web3");
    const observed = claiming(keeping, forged.slice(0, 20), "web2");
    const { of } = outcome({ observed }, ["one", "two"], HALF);
    expect(of("web1")).toContain("remove (retry), interrupts restart");
    expect(of("web2")).toContain("blocked: too_many_removals");
  });

  test("stays where there is no base commit and all of it would go, on each host or one from each", () => {
    const { of } = outcome({ observed: fleet }, [], HALF);
    for (const host of ["web1", "web2", "web3"])
      expect(of(host)).toEqual(["blocked: too_many_removals", "blocked: too_many_removals"]);
    const spread = ["web1", "web2", "web3"].reduce<Fleet>(
      (hosts, host, index) => claiming(hosts, NAMES.slice(index, index + 1), host),
      inputFor(new Map()).observed,
    );
    const { items } = outcome({ observed: spread }, [], HALF);
    expect(items.map(said)).toEqual(Array.from({ length: 3 }, () => "blocked: too_many_removals"));
    expect(outcome({ observed: spread }, [], { percent: 100 }).items.map(said)).toEqual(
      Array.from({ length: 3 }, () => "remove (retry), interrupts restart"),
    );
  });
});

describe("a refusal", () => {
  test("names the first apps, counts the rest, and says what to set if all of them are to go", () => {
    const previous = appsOf(files(NAMES));
    const input = inputFor(appsOf(files(["eight"])), { observed: deployed(files(NAMES)), previous });
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
