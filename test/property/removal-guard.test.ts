// What must hold of the guard, whatever is removed.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plan } from "../../src/plan/plan.ts";
import type { RemovalLimit } from "../../src/plan/plan-input.ts";
import { removalProblem } from "../../src/plan/removal-guard.ts";
import { applied } from "./model.ts";
import { appsOf, inputFor, wanted } from "./wanted.ts";

const percent = fc.integer({ min: 1, max: 100 }).map((percent): RemovalLimit => ({ percent }));
const apps = fc.integer({ min: 1, max: 6 }).map((apps): RemovalLimit => ({ apps }));
const limit = fc.oneof(percent, apps);
const HALF: RemovalLimit = { percent: 50 };

/** A plan from one wanted state to another, what it removes and what there was; `isRefused` is the guard's word on it. */
function changed(first: Parameters<typeof appsOf>[0], second: Parameters<typeof appsOf>[0]) {
  const [one, two] = [appsOf(first), appsOf(second)];
  const observed = applied(inputFor(new Map()).observed, plan(inputFor(one)));
  const input = inputFor(two, { previous: one, observed });
  const { items } = plan(input);
  const removed = [...one.keys()].filter((name) => !two.has(name)).length;
  return { removed, owned: one.size, isRefused: (at: RemovalLimit) => removalProblem(input, items, at) !== null };
}

describe("for any change of what is wanted, the guard", () => {
  test("never refuses the removal of one app or none", () => {
    fc.assert(
      fc.property(wanted, wanted, limit, (first, second, at) => {
        const { removed, isRefused } = changed(first, second);
        fc.pre(removed <= 1);
        expect(isRefused(at)).toBe(false);
      }),
    );
  });

  test("refuses to remove all of two or more, by default and with any share below 100%", () => {
    fc.assert(
      fc.property(wanted, percent, (first, at) => {
        const { removed, isRefused } = changed(first, []);
        fc.pre(removed >= 2);
        expect(isRefused(HALF)).toBe(true);
        expect(isRefused(at)).toBe("percent" in at && at.percent < 100);
        expect(isRefused({ apps: removed - 1 })).toBe(true);
        expect(isRefused({ apps: removed })).toBe(false);
      }),
    );
  });

  test("refuses just what is more than the limit", () => {
    fc.assert(
      fc.property(wanted, wanted, limit, (first, second, at) => {
        const { removed, owned, isRefused } = changed(first, second);
        const isMore = "apps" in at ? removed > at.apps : removed * 100 > owned * at.percent;
        expect(isRefused(at)).toBe(removed > 1 && isMore);
      }),
    );
  });

  test("allows with a higher limit whatever it allows with a lower one", () => {
    fc.assert(
      fc.property(wanted, wanted, fc.tuple(percent, percent), (first, second, [a, b]) => {
        const { isRefused } = changed(first, second);
        const [low, high] = "percent" in a && "percent" in b && a.percent > b.percent ? [b, a] : [a, b];
        if (isRefused(high)) expect(isRefused(low)).toBe(true);
      }),
    );
  });
});
