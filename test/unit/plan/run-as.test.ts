// run_as is a field of the host, and what it changes is planned as a change of the apps there.
import { describe, expect, test } from "vitest";
import { plan } from "../../../src/plan/plan.ts";
import { planRollback } from "../../../src/plan/plan-rollback.ts";
import type { Host } from "../../../src/spec/host.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { app, counter, deployed, type Fleet, recordedWith, said, seen, WEB1 } from "./situation.ts";

const apps = appsOf([counter()]);
const as = (runAs?: string): Host[] => WEB1.map((host) => (runAs === undefined ? host : { ...host, runAs }));
const runningAs = (runAs?: string): Fleet => deployed([counter()], { hosts: as(runAs) });
const itemOf = (observed: Fleet, runAs?: string) => {
  const [item] = plan(inputFor(apps, { hosts: as(runAs), previous: apps, observed })).items;
  if (item === undefined) throw new Error("nothing planned");
  return item;
};

describe("run_as", () => {
  test.each([
    [undefined, "shop", "root → shop"],
    ["shop", undefined, "shop → root"],
    ["shop", "blog", "shop → blog"],
  ])("from %s to %s is a change of its own, which the plan shows", (from, to, shown) => {
    const item = itemOf(runningAs(from), to);
    expect(said(item)).toBe("reconfigure (spec), interrupts restart");
    expect(item.changes.map((change) => `${change.field} ${change.from} → ${change.to}`)).toEqual([`run_as ${shown}`]);
    expect(item.warnings).toEqual([]);
  });

  test.each([undefined, "shop", "{name}"])("that stays %s is nothing to do", (runAs) => {
    expect(said(itemOf(runningAs(runAs), runAs))).toBe("nothing to do");
  });

  test("makes another plan, so that an approval of the one before does not count", () => {
    const digest = (runAs?: string): string =>
      plan(inputFor(apps, { hosts: as(runAs), previous: apps, observed: runningAs("shop") })).digest;
    expect(new Set([digest(), digest("shop"), digest("blog")]).size).toBe(3);
  });

  test("with {name} is a user for each app", () => {
    const two = appsOf([counter(), app("greeter")]);
    const { items } = plan(inputFor(two, { hosts: as("app-{name}") }));
    const users = items.map(({ transaction }) =>
      transaction?.steps.flatMap(({ action }) => (action.verb === "start" ? [action.runAs] : [])),
    );
    expect(users).toEqual([["app-counter"], ["app-greeter"]]);
  });

  test("of then is gone back to by a rollback, though nothing else differs", () => {
    const past = runningAs().flatMap((host) => host.apps.flatMap((each) => each.recorded ?? []));
    const observed = seen(runningAs("shop"), "counter", () => ({ history: past }));
    const found = observed.map((host) => ({
      ...host,
      apps: host.apps.map((each) => ({ ...each, configs: each.recorded === null ? [] : [each.recorded.config] })),
    }));
    const [item] = planRollback(inputFor(new Map(), { hosts: as("shop"), observed: found }), null).items;
    expect(item?.changes).toEqual([{ field: "run_as", from: "shop", to: "root", file: null, line: null }]);
  });

  test("that the record does not know yet is no drift", () => {
    const before = seen(runningAs(), "counter", recordedWith({}));
    expect(itemOf(before, "shop").cause).toBe("spec");
  });
});
