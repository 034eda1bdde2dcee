// strategy hot: whether an app is upgraded in place, restarted or left alone, by what is known of what runs.
import { describe, expect, test } from "vitest";
import { problem } from "../../../src/core/problem.ts";
import type { ReleaseInventory } from "../../../src/otp/inventory.ts";
import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import type { PlanItem } from "../../../src/plan/plan-item.ts";
import { planText } from "../../../src/report/plan-text.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { application, plain, release, server } from "../otp/inventories.ts";
import { counter, deployed, type File, said, seen, WEB1 } from "./situation.ts";

const RESTART = { type: "hot", on_no_appup: "restart" };
const FAIL = { type: "hot", on_no_appup: "fail" };
const of = (version: string, code: string, more: Partial<ReleaseInventory> = {}): ReleaseInventory =>
  release(version, [application("counter", version, { server: server(code) })], more);
const WANTED = of("1.1.0", "b");
const UNASKED = problem("incomplete_inspection", { in: "host", host: "web1", app: "counter" }, { why: "it is silent" });

type Change = Record<string, unknown>;

function inputOf(strategy: unknown, given: Partial<PlanInput>, change: Change = {}, before: Change = {}): PlanInput {
  const was = counter({ strategy, ...before });
  const now: File = counter({ strategy, version: "1.1.0", ...change });
  const upgradable = seen(deployed([was], { hosts: WEB1 }), "counter", ({ running }) => ({
    running: running && { ...running, isUpgradable: true },
  }));
  const previous = appsOf([was]);
  return inputFor(appsOf([now]), {
    hosts: WEB1,
    previous,
    observed: upgradable,
    inventories: new Map([["counter", WANTED]]),
    ...given,
  });
}
const itemOf = (...given: Parameters<typeof inputOf>): PlanItem => {
  const [item] = plan(inputOf(...given)).items;
  if (item === undefined) throw new Error("nothing planned");
  return item;
};
const runs = (inventory: ReleaseInventory): Partial<PlanInput> => ({ running: new Map([["web1/counter", inventory]]) });
const unasked: Partial<PlanInput> = { uninspected: new Map([["web1/counter", UNASKED]]) };

describe("an app with strategy hot", () => {
  test("is upgraded in place where what runs can become what is wanted", () => {
    expect(said(itemOf(FAIL, runs(of("1.0.0", "a"))))).toBe("upgrade (spec), interrupts none");
  });

  test("restarts, or fails, as its spec has it where it can't", () => {
    const other = runs(of("1.0.0", "a", { erts: "12.0" }));
    expect(said(itemOf(RESTART, other))).toBe("upgrade (spec), interrupts restart");
    expect(itemOf(RESTART, other).warnings).toContain("no hot upgrade, it restarts: erts 12.0 → 13.1.5");
    expect(said(itemOf(FAIL, other))).toBe("blocked: no_hot_upgrade");
    expect(said(itemOf(RESTART, {}))).toBe("upgrade (spec), interrupts restart");
  });

  test.each([RESTART, FAIL])("that could not be asked is left alone, and the plan says why, with %o", (strategy) => {
    expect(said(itemOf(strategy, unasked))).toBe("blocked: incomplete_inspection");
    expect(planText(plan(inputOf(strategy, unasked))).slice(0, 3)).toEqual([
      "Plan for production: 1 blocked",
      "  web1/counter blocked: whether it can be upgraded without a restart is not known: it is silent",
      "      Nothing is done to it here. Run again; if it comes again, strategy: restart asks no node.",
    ]);
  });

  test("that must restart anyway need not be asked", () => {
    const item = itemOf(RESTART, unasked, { os_env: { LANG: "C" } });
    expect(said(item)).toBe("upgrade (spec), interrupts restart");
    expect(item.warnings).toContain("no hot upgrade, it restarts: os_env changes, which a VM reads when it starts");
  });

  test("is in doubt where health asks another port, which it is not told of while it runs", () => {
    const [was, port] = [8080, 9090].map((it) => ({ health: { type: "http", port: it } }));
    const listening = (version: string, ...exports: string[]): ReleaseInventory => {
      const modules = { counter_app: plain("a", { exports }), server: server(version) };
      return release(version, [application("counter", version, modules, { mod: "counter_app" })]);
    };
    const doubts = (...exports: string[]) => {
      const inventories = new Map([["counter", listening("1.1.0", ...exports)]]);
      const item = itemOf(FAIL, { ...runs(listening("1.0.0")), inventories }, port, was);
      return item.warnings.filter((it) => it.includes("port"));
    };
    expect(doubts()).toEqual([
      "health asks port 9090, 8080 before: nothing listens there while it runs, it has no config_change/3 to take that up, and then it goes back",
    ]);
    expect(doubts("config_change/3")).toEqual([]);
    // Only its env changes: nobody has looked into the release.
    const [warning] = itemOf(
      FAIL,
      { inventories: new Map() },
      { ...port, version: "1.0.0", env: { port: 9090 } },
      was,
    ).warnings.filter((it) => it.includes("port"));
    expect(warning).toContain("unless its config_change/3 takes that up");
  });

  test("says that requests may fail where many modules are loaded", () => {
    const modules = (version: string, count: number): ReleaseInventory => {
      const all = Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, plain(version)]));
      return release(version, [application("counter", version, all)]);
    };
    const warnings = (count: number) =>
      itemOf(FAIL, { ...runs(modules("1.0.0", count)), inventories: new Map([["counter", modules("1.1.0", count)]]) })
        .warnings;
    expect(warnings(62)).toEqual(["62 modules are loaded one after the other: some requests may fail meanwhile"]);
    expect(warnings(3)).toEqual([]);
  });

  // Another host went from 1.0.0 to 1.1.0 through 1.0.5.
  describe("and skips a release", () => {
    const BETWEEN = "contents of 1.0.5";
    const running = runs(of("1.0.0", "a"));
    const { artifacts, observed } = inputOf(FAIL, running);
    const [there] = observed;
    const [{ recorded } = { recorded: null }] = there?.apps ?? [];
    const wanted = artifacts.get("counter");
    if (there === undefined || recorded === null || wanted === undefined) throw new Error("nothing is on record");
    const became = [
      { ...recorded, digest: wanted.digest, version: "1.1.0", hotFrom: BETWEEN },
      { ...recorded, digest: BETWEEN, version: "1.0.5", hotFrom: recorded.digest, specDigest: "of 1.0.5" },
    ] as const;
    const ahead = {
      ...there,
      host: "web2",
      apps: there.apps.map((it) => ({ ...it, recorded: became[0], history: became })),
    };
    const between = { version: "1.0.5", artifact: { ...wanted, digest: BETWEEN }, inventory: of("1.0.5", "c") };
    const given = { ...running, observed: [there, ahead], past: new Map([[BETWEEN, between]]) };
    const LEAP = expect.stringMatching(/^a leap: no host is known to have gone straight there/);

    test("goes through it", () => {
      const { hot, warnings, sendBytes } = itemOf(FAIL, given);
      expect(hot?.through.map(({ version, migrated }) => [version, migrated])).toEqual([["1.0.5", ["server"]]]);
      expect(sendBytes).toBe(2 * wanted.sizeBytes);
      expect(warnings).not.toContainEqual(LEAP);
    });

    test("leaps, and says so, where that can't be had, or has failed on this host", () => {
      const failed = there.apps.map((it) => ({ ...it, held: { specDigest: "of 1.0.5", code: "hot_upgrade_failed" } }));
      for (const without of [
        { ...given, past: new Map() },
        { ...given, observed: [{ ...there, apps: failed }, ahead] },
      ]) {
        const { hot, warnings } = itemOf(FAIL, without);
        expect(hot?.through).toEqual([]);
        expect(warnings).toContainEqual(LEAP);
      }
    });

    test("says so, too, where a host that can't be reached may know more", () => {
      const alone = { ...running, observed: [there] };
      expect(itemOf(FAIL, alone).warnings).not.toContainEqual(LEAP);
      const unobserved = new Map([["web2", UNASKED]]);
      expect(itemOf(FAIL, { ...alone, unobserved }).warnings).toContainEqual(LEAP);
    });
  });
});
