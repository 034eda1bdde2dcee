// What starts apps again on a host may change without a commit, or by one in the fleet file. Either is said, with why.
import { describe, expect, test } from "vitest";
import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import type { Plan } from "../../../src/plan/plan-item.ts";
import type { Supervisor } from "../../../src/runtime/observed.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { counter, deployed, WEB1 } from "./situation.ts";

const APPS = [counter()];

/** On a host whose apps were started without a manager. */
function planOn(supervisor: Supervisor, changed: Partial<PlanInput> = {}): Plan {
  const observed = deployed(APPS, { hosts: WEB1 }).map((host) => ({ ...host, supervisor }));
  return plan(inputFor(appsOf(APPS), { hosts: WEB1, previous: appsOf(APPS), observed, ...changed }));
}

describe("another supervisor than the one on record", () => {
  test("that the host has by itself is drift, shown as a change, and another plan", () => {
    const [item] = planOn("user").items;
    expect(item).toMatchObject({ action: "reconfigure", cause: "drift", interruption: "restart" });
    expect(item?.changes).toEqual([{ field: "supervisor", from: "daemon", to: "user", file: null, line: null }]);
    expect(item?.warnings).toContain("drift: its supervisor is daemon on record, the host has user by now");
    expect(planOn("user").digest).not.toBe(planOn("system").digest);
    expect(planOn("daemon").items[0]).toMatchObject({ action: "none", changes: [] });
  });

  test("is only reported where drift is", () => {
    const [item] = planOn("user", { onDrift: "report" }).items;
    expect(item?.blocked).toMatchObject({ code: "drift_found" });
  });

  test("that the fleet file asks for is no drift", () => {
    const recorded = deployed(APPS, { hosts: WEB1 }).map((host) => ({
      ...host,
      supervisor: "system" as const,
      apps: host.apps.map((app) => ({
        ...app,
        recorded: app.recorded && { ...app.recorded, supervisor: "system" as const },
      })),
    }));
    const hosts = WEB1.map((host) => ({ ...host, supervisor: "daemon" as const }));
    const [item] = plan(inputFor(appsOf(APPS), { hosts, previous: appsOf(APPS), observed: recorded })).items;
    expect(item).toMatchObject({ action: "reconfigure", cause: "spec" });
    expect(item?.changes).toMatchObject([{ field: "supervisor", from: "system", to: "daemon" }]);
  });
});
