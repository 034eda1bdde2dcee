// What is never removed, and what waits.
import { describe, expect, test } from "vitest";
import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { app, counter, deployed, recordedWith, said, saidOfAll, seen, verbsOf, WEB1 } from "./situation.ts";

const there = deployed([counter()], { hosts: WEB1 });
const inputWithout = (given: Partial<PlanInput> = {}): PlanInput =>
  inputFor(appsOf([app("other", { hosts: ["web2"] })]), { hosts: WEB1, observed: there, ...given });

describe("an app that is no longer wanted", () => {
  test("is removed where its folder is gone", () => {
    expect(saidOfAll(inputWithout())).toEqual(["web1/counter remove (retry), interrupts restart"]);
  });

  test("is left alone, and said to be, where its folder only lost the spec", () => {
    expect(saidOfAll(inputWithout({ vanished: new Set(["apps/counter"]) }))).toEqual([
      "web1/counter blocked: spec_vanished",
    ]);
  });

  test("is not looked at where it came from another folder of the repository", () => {
    const observed = seen(there, "counter", recordedWith({ file: "services/apps/counter/app.yaml" }));
    expect(saidOfAll(inputWithout({ observed }))).toEqual([]);
  });

  test("is another's affair only for removals: the same app wanted from here is taken over", () => {
    const observed = seen(there, "counter", recordedWith({ file: "services/apps/counter/app.yaml" }));
    const desired = appsOf([counter({ version: "1.1.0" })]);
    expect(saidOfAll(inputFor(desired, { hosts: WEB1, observed }))).toEqual([
      "web1/counter upgrade (spec), interrupts restart",
    ]);
  });
});

describe("an app whose wanted spec is held", () => {
  const bad = appsOf([counter({ version: "1.4.0" })]);
  const planned = (running: null | undefined, given: Partial<PlanInput> = {}) => {
    const [wanted] = plan(inputFor(bad, { hosts: WEB1, observed: there })).items;
    const held = { specDigest: wanted?.transaction?.holds ?? "", code: "health_check_failed" };
    const observed = seen(there, "counter", () => ({ held, ...(running === null ? { running } : {}) }));
    const [item] = plan(inputFor(bad, { hosts: WEB1, observed, previous: bad, ...given })).items;
    if (item === undefined) throw new Error("nothing planned");
    return item;
  };

  test("is left as it runs", () => {
    expect(said(planned(undefined))).toBe("blocked: held");
  });

  test("is brought back as it is on record where that does not run, and still counts as held", () => {
    const item = planned(null);
    expect([said(item), item.to, item.unmet?.code]).toEqual(["deploy (drift), interrupts none", "1.0.0", "held"]);
    expect(verbsOf(item)).toEqual(["preflight", "stop", "link", "start", "health", "record", "prune", "hold"]);
    expect(item.warnings).toContain("1.4.0 is held: what is on record is brought back");
  });

  test("is not touched where drift is only reported", () => {
    expect(said(planned(null, { onDrift: "report" }))).toBe("blocked: held");
  });
});
