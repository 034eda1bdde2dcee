// What a host does differently from its own record, although nobody changed a spec.
import { describe, expect, test } from "vitest";
import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import type { ObservedApp, Running } from "../../../src/runtime/observed.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { counter, deployed, said, seen, verbsOf, WEB1 } from "./situation.ts";

const running = (change: Partial<Running>) => (app: ObservedApp) =>
  app.running === null ? {} : { running: { ...app.running, ...change } };

const drifts = [
  {
    drift: "that stopped",
    there: () => ({ running: null }),
    healed: "deploy (drift), interrupts none",
    detail: "it is not running",
  },
  {
    drift: "whose current points elsewhere",
    there: () => ({ current: "0.9.0" }),
    healed: "upgrade (drift), interrupts none",
    detail: "current points to 0.9.0, recorded is 1.0.0",
  },
  {
    drift: "whose current is gone",
    there: () => ({ current: null }),
    healed: "upgrade (drift), interrupts none",
    detail: "current points to nothing, recorded is 1.0.0",
  },
  {
    drift: "that runs another release",
    there: running({ release: "0.9.0" }),
    healed: "upgrade (drift), interrupts restart",
    detail: "0.9.0 is running, recorded is 1.0.0",
  },
  {
    drift: "that somebody started by hand",
    there: running({ release: null, config: null }),
    healed: "upgrade (drift), interrupts restart",
    detail: "something started by hand is running, recorded is 1.0.0",
  },
  {
    drift: "that runs with another configuration",
    there: running({ config: "0123456789ab" }),
    healed: "upgrade (drift), interrupts restart",
    detail: "it runs with another configuration than the recorded one",
  },
  {
    drift: "whose configuration was changed on the host",
    there: () => ({ configs: [] }),
    healed: "upgrade (drift), interrupts restart",
    detail: "its configuration on the host is not what was written there",
  },
  {
    drift: "that runs as another user",
    there: running({ runAs: "user 1600" }),
    healed: "upgrade (drift), interrupts restart",
    detail: "it runs as user 1600, recorded is that of the login",
  },
];

type There = (app: ObservedApp) => Partial<ObservedApp>;

const itemOf = (there: There, given: Partial<PlanInput> = {}) => {
  const apps = appsOf([counter()]);
  const observed = seen(deployed([counter()], { hosts: WEB1 }), "counter", there);
  const [item] = plan(inputFor(apps, { hosts: WEB1, previous: apps, observed, ...given })).items;
  if (item === undefined) throw new Error("nothing planned");
  return item;
};

describe("an app", () => {
  test.each(drifts)("$drift is brought back, and the plan says what was seen", ({ there, healed, detail }) => {
    const item = itemOf(there);
    expect([said(item), item.warnings, item.changes]).toEqual([healed, [`drift: ${detail}`], []]);
  });

  test.each(drifts)("$drift is only reported where on-drift is report", ({ there, detail }) => {
    const item = itemOf(there, { onDrift: "report" });
    expect(item.blocked).toMatchObject({ code: "drift_found", facts: { detail } });
    expect(item.transaction).toBeNull();
  });

  test.each(drifts)("$drift and whose spec changed goes to the new spec, whatever on-drift is", ({ there, detail }) => {
    const desired = appsOf([counter({ version: "1.1.0" })]);
    const item = itemOf(there, { desired, onDrift: "report", artifacts: inputFor(desired).artifacts });
    expect([item.action, item.cause, item.warnings]).toEqual(["upgrade", "spec", [`drift: ${detail}`]]);
  });

  test.each(drifts)(
    "$drift has drifted whatever the base commit knows of it: nothing, or another version",
    ({ there, detail }) => {
      for (const previous of [appsOf([]), appsOf([counter({ version: "0.9.0" })])])
        expect(itemOf(there, { previous, onDrift: "report" }).blocked).toMatchObject({
          code: "drift_found",
          facts: { detail },
        });
    },
  );

  test("that stopped is started again from what the host has: nothing is sent", () => {
    const item = itemOf(() => ({ running: null }));
    expect(item.sendBytes).toBe(0);
    expect(verbsOf(item)).toEqual(["config", "preflight", "stop", "link", "start", "health", "record", "prune"]);
  });

  test("that is unhealthy is left alone: its release and configuration are as recorded", () => {
    expect(said(itemOf(() => ({ health: { health: "unhealthy", saw: "HTTP 500" } })))).toBe("nothing to do");
  });

  test("that stopped and failed to come back is held", () => {
    const there = ({ recorded }: ObservedApp) => ({
      running: null,
      held: { specDigest: recorded?.specDigest ?? "", code: "start_failed" },
    });
    expect(said(itemOf(there))).toBe("blocked: held");
    expect(said(itemOf(there, { retryFailed: true }))).toBe("deploy (retry), interrupts none");
  });
});
