// isolation: embedded. Which node an app goes into, in which order, and what keeps it from there.
import { describe, expect, test } from "vitest";
import type { ReleaseInventory } from "../../../src/otp/inventory.ts";
import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import { wantedProblems } from "../../../src/plan/wanted-problems.ts";
import { itemTitle } from "../../../src/report/plan-text.ts";
import type { ObservedNode } from "../../../src/runtime/observed.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { application, release, server } from "../otp/inventories.ts";
import { app, deployed, type File, saidOfAll, seen, verbsOf, WEB1 } from "./situation.ts";

const HOSTS = WEB1.map((host) => ({ ...host, node: "shop" }));
const lodger = (fields: Record<string, unknown> = {}): File => app("lodger", { isolation: "embedded", ...fields });
const shop = app("shop");
const OURS: ObservedNode = { name: "shop", app: "shop" };
const FOREIGN: ObservedNode = { name: "shop@web1", app: null };

const input = (files: readonly File[], node: ObservedNode | null, given: Partial<PlanInput> = {}): PlanInput => {
  const base = inputFor(appsOf(files), { hosts: HOSTS, ...given });
  return { ...base, observed: base.observed.map((host) => ({ ...host, node })) };
};
const there = (files: readonly File[]) => deployed(files, { hosts: HOSTS, observed: input(files, FOREIGN).observed });

describe("an embedded app", () => {
  test("goes into a node that runs; of a foreign one the plan says that it will be gone with it", () => {
    const [item] = plan(input([lodger()], FOREIGN)).items;
    expect(item && verbsOf(item)).toContain("embed");
    expect(item?.warnings).toContain("after a restart of shop it is gone until the next run");
    expect(item && itemTitle(item)).toContain("connections: none yet");
    expect(item?.changes).toContainEqual(expect.objectContaining({ field: "node", from: null, to: "shop" }));
  });

  test("is blocked where the node does not run, and nothing of this plan could be it", () => {
    expect(saidOfAll(input([lodger()], null))).toEqual(["web1/lodger blocked: node_down"]);
  });

  test.each([
    ["is an app of that name", [lodger(), shop]],
    ["is what it depends on", [lodger({ depends_on: ["cart"] }), app("cart")]],
  ])("waits for a node that %s", (_, files) => {
    const { items } = plan(input(files, null));
    expect(items.map((item) => item.app).at(-1)).toBe("lodger");
    expect(items.at(-1)?.wave).toBeGreaterThan(items[0]?.wave ?? 0);
    expect(items.at(-1)?.warnings).toContain("shop does not run yet: it must by the time");
  });

  test("is changed after the app whose VM is its node, unless that depends on it", () => {
    const order = (files: readonly File[]) =>
      plan(input(files, { name: "shop", app: "zoo" })).items.map((it) => it.app);
    expect(order([lodger(), app("zoo")])).toEqual(["zoo", "lodger"]);
    expect(order([lodger(), app("zoo", { depends_on: ["lodger"] })])).toEqual(["lodger", "zoo"]);
  });

  test("has no warning of a restart where the node is an app's VM", () => {
    const lodgers = plan(input([lodger(), shop], OURS)).items.filter((item) => item.app === "lodger");
    expect(lodgers.map(({ warnings }) => warnings.filter((text) => text.includes("restart")))).toEqual([[]]);
  });

  test("that runs as recorded is left alone; one that is gone from its node is drift", () => {
    const files = [lodger()];
    const given = { hosts: HOSTS, previous: appsOf(files) };
    const now = there(files).map((host) => ({ ...host, node: FOREIGN }));
    const said = (observed: PlanInput["observed"]) => saidOfAll({ ...input(files, FOREIGN, given), observed });
    expect(said(now)).toEqual(["web1/lodger nothing to do"]);
    const gone = seen(now, "lodger", () => ({ running: null }));
    expect(said(gone)).toEqual(["web1/lodger deploy (drift), interrupts none"]);
  });

  test("is restarted alone, says the plan", () => {
    const observed = there([lodger()]).map((host) => ({ ...host, node: FOREIGN }));
    const upgrade = plan({ ...input([lodger({ version: "2.0.0" })], FOREIGN), observed }).items[0];
    expect(upgrade && itemTitle(upgrade)).toContain("connections: cut, the application restarts, its node goes on");
    const removal = plan({ ...input([], FOREIGN), observed }).items[0];
    expect(removal && itemTitle(removal)).toContain("connections: cut, the application stops, its node goes on");
  });

  describe("with strategy hot", () => {
    const observed = there([lodger()]).map((host) => ({ ...host, node: FOREIGN }));
    const made = (version: string, code: string): ReleaseInventory => ({
      ...release(version, [application("lodger", version, { lodger_http: server(code) })]),
      name: "lodger",
      applications: [application("lodger", version, { lodger_http: server(code) }, { startType: "temporary" })],
    });
    const look = { inventory: made("1.0.0", "a"), runs: ["kernel"], shared: [], hasReleaseHandler: true };
    const wanted = (strategy: unknown): PlanInput => ({
      ...input([lodger({ version: "2.0.0", strategy })], FOREIGN),
      observed,
      inventories: new Map([["lodger", made("2.0.0", "b")]]),
      embedded: new Map([["web1/lodger", look]]),
    });
    const upgraded = (strategy: unknown, given: Partial<PlanInput> = {}) =>
      plan({ ...wanted(strategy), ...given }).items[0];

    test("becomes another version while it runs, and says how", () => {
      const item = upgraded("hot");
      expect(item && verbsOf(item)).toContain("embed_hot");
      expect(item && itemTitle(item)).toContain("connections: kept");
      expect(item?.hot).toMatchObject({ loaded: ["lodger_http"], migrated: ["lodger_http"] });
    });

    test("is another plan with other instructions", () => {
      const planned = (code: string) => {
        const embedded = new Map([["web1/lodger", { ...look, inventory: made("1.0.0", code) }]]);
        return plan({ ...wanted("hot"), embedded }).digest;
      };
      expect(planned("a")).not.toBe(planned("b"));
    });

    test("says why its code takes a restart, or is blocked where the spec says fail", () => {
      const lacking = { embedded: new Map([["web1/lodger", { ...look, hasReleaseHandler: false }]]) };
      expect(upgraded("hot", lacking)?.warnings).toContain(
        "no hot upgrade, it restarts: its node has no sasl, whose release_handler does it",
      );
      expect(upgraded({ type: "hot", on_no_appup: "fail" }, lacking)?.blocked?.code).toBe("no_hot_upgrade");
      expect(upgraded("hot", { embedded: new Map() })?.warnings).toContainEqual(
        expect.stringMatching("no hot upgrade, it restarts: "),
      );
    });
  });

  test("needs a host that names a node: said at the line, once a host", () => {
    const hosts = inputFor(new Map()).hosts.map((host) => (host.name === "web2" ? { ...host, node: "shop" } : host));
    const problems = wantedProblems(appsOf([lodger(), shop]), { hosts, proxies: {} }, { secrets: null });
    expect(problems.map(({ code, facts, where }) => [code, facts, "path" in where ? where.path : null])).toEqual([
      ["no_node", { host: "web1" }, "isolation"],
      ["no_node", { host: "web3" }, "isolation"],
    ]);
  });
});
