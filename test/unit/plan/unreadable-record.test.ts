// An app whose record on a host can't be read: nothing is done to it there, and no run that finds it is green.
import { describe, expect, test } from "vitest";
import { plan } from "../../../src/plan/plan.ts";
import { planRollback } from "../../../src/plan/plan-rollback.ts";
import { plain } from "../../../src/report/paint.ts";
import { planText } from "../../../src/report/plan-text.ts";
import type { Unreadable } from "../../../src/runtime/observed.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { app, counter, deployed, said, saidOfAll, seen } from "./situation.ts";

const unreadable = (owner: Unreadable["owner"] = null) =>
  seen(
    deployed([counter(), app("greeter")]),
    "counter",
    () => ({ recorded: null, op: null, unreadable: { why: "it is not JSON", owner } }),
    "web1",
  );

const both = [counter({ version: "2.0.0" }), app("greeter")];

describe("an app whose record can't be read", () => {
  test("is not deployed over, though it is wanted; the other host and the other app go on", () => {
    const input = inputFor(appsOf(both), { observed: unreadable() });
    const items = plan(input).items.map((item) => `${item.host}/${item.app} ${said(item)}`);
    expect(items).toContain("web1/counter blocked: record_unreadable");
    expect(items).toContain("web2/counter upgrade (spec), interrupts restart");
    expect(items).toContain("web1/greeter nothing to do");
  });

  test("is not removed, and not forgotten, where nobody wants it any more", () => {
    const items = saidOfAll(inputFor(appsOf([app("greeter")]), { observed: unreadable() }));
    expect(items).toContain("web1/counter blocked: record_unreadable");
  });

  test("is not rolled back", () => {
    const { items } = planRollback(inputFor(appsOf(both), { observed: unreadable() }), null);
    expect(items.filter(({ host }) => host === "web1").map((item) => `${item.app} ${said(item)}`)).toContain(
      "counter blocked: record_unreadable",
    );
  });

  test("is nobody's of ours where at least that can be read", () => {
    const other = unreadable({ repository: "acme/other", environment: "production" });
    expect(saidOfAll(inputFor(appsOf(both), { observed: other }))).toContain("web1/counter blocked: foreign_app");
    const without = saidOfAll(inputFor(appsOf([app("greeter")]), { observed: other }));
    expect(without.filter((item) => item.startsWith("web1/counter"))).toEqual([]);
    const { items } = planRollback(inputFor(appsOf(both), { observed: other }), null);
    expect(items.filter((item) => item.host === "web1" && item.app === "counter")).toEqual([]);
  });

  test("is told with the file that is wrong", () => {
    const text = planText(plan(inputFor(appsOf([app("greeter")]), { observed: unreadable() })), plain).join("\n");
    expect(text).toContain("/.beamline/state/counter can't be read as a record: it is not JSON");
  });
});
