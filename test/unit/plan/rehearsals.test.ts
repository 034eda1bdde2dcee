// Which hot upgrades of a plan are rehearsed, and what becomes of the plan where that went wrong.
import { describe, expect, test } from "vitest";
import type { PlanItem, Rehearsal } from "../../../src/plan/plan-item.ts";
import { planJson, planJsonOf } from "../../../src/plan/plan-json.ts";
import { actsOf, rehearsalProblem, withheld, withRehearsals } from "../../../src/plan/rehearsals.ts";
import type { ObservedHost } from "../../../src/runtime/observed.ts";
import { item, planOf, unchanged } from "../report/results.ts";
import { presentOf, targetOf } from "../runtime/release.ts";

const hot = {
  through: [],
  isDowngrade: false,
  applications: [],
  loaded: ["a"],
  added: [],
  deleted: [],
  migrated: [],
  consolidated: [],
};
const runs = (host: string, version: string): ObservedHost => ({
  host,
  machineId: null,
  supervisor: "daemon",
  apps: [presentOf(targetOf({ version }))],
});
const failed: Rehearsal = { result: "failed", why: "code_change of ledger failed", tail: ["crash!"] };

describe("what is rehearsed", () => {
  test("is each hot upgrade once, whatever the number of hosts that run the same", () => {
    const items = ["web1", "web2", "web3"].map((host) => item({ host, hot }));
    const hosts = [runs("web1", "1.0.0"), runs("web2", "1.0.0"), runs("web3", "0.9.0")];
    expect(actsOf(planOf(...items), hosts).map((act) => act.items.map(({ host }) => host))).toEqual([
      ["web1", "web2"],
      ["web3"],
    ]);
    // One host may say what is not true.
    expect(actsOf(planOf(...items), hosts).map((act) => act.others.map((it) => it.item.host))).toEqual([["web2"], []]);
  });

  test("is nothing else: no restart, nothing unchanged", () => {
    const plan = planOf(item(), unchanged({ host: "web2" }));
    expect(actsOf(plan, [runs("web1", "1.0.0"), runs("web2", "1.0.0")])).toEqual([]);
  });
});

describe("a failed rehearsal", () => {
  const items = [item({ hot }), item({ host: "web2", action: "deploy", from: null }), unchanged({ host: "web3" })];
  const other = item({ app: "greeter" });
  const made = planOf(...items, other);
  const plan = withRehearsals(made, new Map([[items[0] as PlanItem, failed]]));

  test("keeps its app from being changed on any host, and no other app", () => {
    const blocks = withheld(plan).items.map(({ host, app, blocked, transaction }) => [
      `${host}/${app}`,
      blocked?.code ?? null,
      transaction === null,
    ]);
    expect(blocks).toEqual([
      ["web1/counter", "rehearsal_failed", true],
      ["web2/counter", "rehearsal_failed", true],
      ["web3/counter", null, true],
      ["web1/greeter", null, false],
    ]);
  });

  test("leaves what was approved what it was", () => {
    expect(plan.digest).toBe(made.digest);
    expect(withheld(plan).digest).toBe(made.digest);
  });

  test("is said with its versions, its reason and the lines that were quoted", () => {
    const said = rehearsalProblem(plan.items[0] as PlanItem, { in: "host", host: "web1" });
    expect(said).toMatchObject({
      code: "rehearsal_failed",
      facts: { from: "1.0.0", to: "1.1.0", detail: "code_change of ledger failed" },
      tail: ["crash!"],
    });
  });

  test("is in the output plan, which can be read back", () => {
    const json = planJsonOf(plan);
    expect(planJson.parse(JSON.parse(JSON.stringify(json)))).toEqual(json);
    expect(json.items[0]?.rehearsal).toEqual({ result: "failed", message: "code_change of ledger failed" });
  });
});

test("a plan whose rehearsals went well, or were not possible, is carried out as it is", () => {
  const items = [item({ hot }), item({ app: "greeter", hot })];
  const plan = withRehearsals(
    planOf(...items),
    new Map<PlanItem, Rehearsal>([
      [items[0] as PlanItem, { result: "passed", durationMs: 3_100, suspendedMs: 8, wayBack: "hot" }],
      [items[1] as PlanItem, { result: "impossible", why: "no namespaces", tail: [] }],
    ]),
  );
  expect(withheld(plan)).toBe(plan);
  expect(plan.items.map((it) => rehearsalProblem(it, { in: "host", host: "web1" })?.code ?? null)).toEqual([
    null,
    "rehearsal_impossible",
  ]);
});
