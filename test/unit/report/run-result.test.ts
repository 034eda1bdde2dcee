import { describe, expect, test } from "vitest";
import { outputCounts, type ReportedItem, statusOf } from "../../../src/report/run-result.ts";
import { item, reported, unchanged, unhealthy } from "./results.ts";

const done = (action: "deploy" | "upgrade" | "reconfigure" | "remove"): ReportedItem =>
  reported({ item: item({ action }) });
const ended = (outcome: ReportedItem["outcome"]): ReportedItem => reported({ outcome, problem: unhealthy });

describe("the outputs of a run", () => {
  test("count each app and host once, by what was done", () => {
    const items = [
      done("deploy"),
      done("upgrade"),
      done("upgrade"),
      done("reconfigure"),
      done("remove"),
      reported({ item: unchanged(), outcome: "unchanged" }),
      ended("rolled_back"),
      ended("broken"),
      ended("blocked"),
      ended("skipped"),
    ];
    expect(outputCounts({ items })).toEqual({
      deployed: 1,
      upgraded: 2,
      reconfigured: 1,
      removed: 1,
      unchanged: 1,
      failed: 4,
      "rolled-back": 1,
    });
  });

  test("are all there, as zeros, where nothing was done", () => {
    expect(new Set(Object.values(outputCounts({ items: [] })))).toEqual(new Set([0]));
  });

  test("do not count a deploy that was rolled back as deployed", () => {
    const items = [reported({ item: item({ action: "deploy" }), outcome: "rolled_back", problem: unhealthy })];
    expect(outputCounts({ items })).toMatchObject({ deployed: 0, failed: 1, "rolled-back": 1 });
  });
});

describe("the status of a run", () => {
  test.each<[string, ReportedItem["outcome"][], number, string]>([
    ["all is as wanted", ["deployed", "unchanged"], 0, "synced"],
    ["nothing is wanted", [], 0, "synced"],
    ["some was rolled back", ["deployed", "rolled_back"], 0, "degraded"],
    ["some is blocked", ["unchanged", "blocked"], 0, "degraded"],
    ["a host has a problem beside", ["deployed"], 1, "degraded"],
    ["all was rolled back", ["rolled_back", "skipped"], 0, "error"],
    ["all is broken", ["broken"], 0, "error"],
    ["nothing could even be planned", [], 1, "error"],
  ])("where %s: %j and %d problems is %s", (_, outcomes, problems, status) => {
    const items = outcomes.map((outcome) => ({ outcome }));
    expect(
      statusOf(
        items,
        Array.from({ length: problems }, () => unhealthy),
      ),
    ).toBe(status);
  });
});
