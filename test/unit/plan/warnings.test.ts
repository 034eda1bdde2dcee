import { describe, expect, test } from "vitest";
import { plan } from "../../../src/plan/plan.ts";
import type { Supervisor } from "../../../src/runtime/observed.ts";
import type { Host } from "../../../src/spec/host.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { counter, deployed, type File, WEB1 } from "./situation.ts";

const warnings = (was: File, now: File): readonly string[] => {
  const observed = deployed([was], { hosts: WEB1 });
  const [item] = plan(inputFor(appsOf([now]), { hosts: WEB1, previous: appsOf([was]), observed })).items;
  return item?.warnings ?? ["nothing planned"];
};

describe("a plan warns", () => {
  test.each([
    ["1.1.0", "1.0.0"],
    ["1.10.0", "1.9.0"],
    ["2.0.0", "1.99.99"],
    ["1.0.1", "1.0"],
    ["1.0.0-rc2", "1.0.0-rc1"],
    ["1.0.0-rc10", "1.0.0-rc9"],
    ["1.0.0", "1.0.0-rc1"],
    ["1.0.0-beta.2", "1.0.0-beta"],
    ["1.0.0", "1.0.0~alpha"],
    ["2024.12.1", "2024.2.1"],
  ])("of a downgrade from %s to %s, and not of the way back", (newer, older) => {
    expect(warnings(counter({ version: newer }), counter({ version: older }))).toEqual([`downgrade from ${newer}`]);
    expect(warnings(counter({ version: older }), counter({ version: newer }))).toEqual([]);
  });

  test("not of a downgrade where only the build differs", () => {
    expect(warnings(counter({ version: "1.0.0+b2" }), counter({ version: "1.0.0+b1" }))).toEqual([]);
  });

  test("not of a downgrade between versions that have no order, such as commits", () => {
    expect(warnings(counter({ version: "9abc123" }), counter({ version: "1def234" }))).toEqual([]);
  });

  test("not of a downgrade where only zeros differ", () => {
    expect(warnings(counter({ version: "1.0.0" }), counter({ version: "1.0" }))).toEqual([]);
  });

  test("that an app without a health check is only proven to run", () => {
    const unchecked = { health: { type: "none" } };
    expect(warnings(counter(unchecked), counter({ ...unchecked, version: "1.1.0" }))).toEqual([
      "no health check: only proven that the VM runs",
    ]);
    expect(warnings(counter(unchecked), counter(unchecked))).toEqual([]);
  });

  describe("of a limit of memory", () => {
    const limited = counter({ vm_config: { memory_limit: 512 } });
    const on = (supervisor: Supervisor, hosts: readonly Host[] = WEB1): readonly string[] => {
      const observed = inputFor(new Map()).observed.map((host) => ({ ...host, supervisor }));
      return plan(inputFor(appsOf([limited]), { hosts, observed })).items[0]?.warnings ?? [];
    };

    test("that nobody would enforce", () => {
      expect(on("daemon")).toEqual(["vm_config.memory_limit needs systemd; this host has none"]);
      expect(on("system")).toEqual([]);
      expect(on("user")).toEqual([]);
    });

    test("that the fleet file rules out", () => {
      expect(
        on(
          "system",
          WEB1.map((host) => ({ ...host, supervisor: "daemon" })),
        ),
      ).toEqual(["vm_config.memory_limit needs systemd; the fleet file says supervisor: daemon"]);
    });

    test("and not of the other limits, which the VM keeps by itself", () => {
      expect(warnings(counter(), counter({ vm_config: { scheduler_limit: 1 } }))).toEqual([]);
    });
  });

  test("of everything at once", () => {
    const now = counter({ version: "0.9.0", health: { type: "none" } });
    expect(warnings(counter(), now)).toEqual(["downgrade from 1.0.0", "no health check: only proven that the VM runs"]);
  });
});
