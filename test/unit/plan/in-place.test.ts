// strategy hot: whether an app is upgraded in place, restarted or left alone, by what is known of what runs.
import { describe, expect, test } from "vitest";
import { problem } from "../../../src/core/problem.ts";
import type { ReleaseInventory } from "../../../src/otp/inventory.ts";
import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import type { PlanItem } from "../../../src/plan/plan-item.ts";
import { planText } from "../../../src/report/plan-text.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { application, release, server } from "../otp/inventories.ts";
import { counter, deployed, type File, said, seen, WEB1 } from "./situation.ts";

const RESTART = { type: "hot", on_no_appup: "restart" };
const FAIL = { type: "hot", on_no_appup: "fail" };
const of = (version: string, code: string, more: Partial<ReleaseInventory> = {}): ReleaseInventory =>
  release(version, [application("counter", version, { server: server(code) })], more);
const WANTED = of("1.1.0", "b");
const UNASKED = problem("incomplete_inspection", { in: "host", host: "web1", app: "counter" }, { why: "it is silent" });

function inputOf(strategy: unknown, given: Partial<PlanInput>, change: Record<string, unknown> = {}): PlanInput {
  const was = counter({ strategy });
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
});
