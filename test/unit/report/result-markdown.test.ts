import { describe, expect, test } from "vitest";
import { problem } from "../../../src/core/problem.ts";
import { appMarkdown, resultMarkdown } from "../../../src/report/result-markdown.ts";
import type { RunResult } from "../../../src/report/run-result.ts";
import { appState } from "../../../src/runtime/app-state.ts";
import { presentOf, targetOf } from "../runtime/release.ts";
import { item, reported, resultOf, unchanged, unhealthy } from "./results.ts";
import { partsOf, withoutCode } from "./tables.ts";

const state = {
  counter: { web1: appState(presentOf(targetOf({ version: "1.1.0" })), "/opt/releases") },
};
const rolledBack = reported({ item: item({ host: "web2" }), outcome: "rolled_back", problem: unhealthy });
const rows = (result: RunResult) => partsOf(resultMarkdown(result)).tables[0]?.slice(2);

describe("a run in the job summary", () => {
  test("leads with the environment and its status", () => {
    expect(resultMarkdown(resultOf([reported()], { status: "degraded" })).split("\n")[0]).toBe(
      "## production: degraded",
    );
  });

  test("has a row an item, with its outcome, health and time", () => {
    expect(rows(resultOf([reported(), rolledBack], { state }))).toEqual([
      ["counter", "web1", "upgrade", "1.0.0 → 1.1.0", "✅ deployed", "healthy", "4.2 s"],
      ["counter", "web2", "upgrade", "1.0.0 → 1.1.0", "↩️ rolled back", "", "4.2 s"],
    ]);
  });

  test.each([
    ["deployed", "✅ deployed"],
    ["unchanged", "➖ unchanged"],
    ["rolled_back", "↩️ rolled back"],
    ["broken", "❌ broken"],
    ["blocked", "⛔ blocked"],
    ["skipped", "⏭️ skipped"],
  ] as const)("says %s as %s", (outcome, words) => {
    expect(rows(resultOf([reported({ outcome })]))?.[0]?.[4]).toBe(words);
  });

  test("says no time where nothing was run", () => {
    const row = rows(resultOf([reported({ item: unchanged(), outcome: "unchanged", durationMs: 0 })]))?.[0];
    expect(row?.at(-1)).toBe("");
  });

  test("says so where nothing is wanted and nothing there", () => {
    expect(resultMarkdown(resultOf([]))).toContain("Nothing is wanted here, and nothing is there.");
  });

  test("tells each failure with its remedy and what the host said last", () => {
    const { blocks, rest } = partsOf(resultMarkdown(resultOf([reported(), rolledBack])));
    expect(rest.filter((line) => line.startsWith("**"))).toEqual([
      expect.stringMatching(/^\*\*web2\/counter rolled back\*\*: GET /),
    ]);
    expect(blocks).toEqual([
      [
        "web1/counter/6-health: health_check_failed: GET :8080/health was not healthy within 1 min: HTTP 500",
        "    → Read the app's last lines below; raise health.start_timeout if it only needs longer.",
        "    | starting",
        "    | crash!",
      ],
    ]);
  });

  test("tells problems of hosts that have no row", () => {
    const problems = [
      problem("host_unreachable", { in: "host", host: "web9" }, { address: "web9:22", detail: "timed out" }),
    ];
    expect(partsOf(resultMarkdown(resultOf([], { problems }))).blocks[0]?.[0]).toBe(
      "web9: host_unreachable: web9:22 can't be reached: timed out",
    );
  });

  test("keeps what hosts say out of its markup", () => {
    const evil = "x | y\n```\n| <img src=x> @everyone [x](javascript:alert(1)) ````";
    const failure = problem("start_failed", { in: "host", host: "web1", app: "counter" }, { detail: evil }, [evil]);
    const { tables, blocks, rest } = partsOf(
      resultMarkdown(resultOf([reported({ outcome: "broken", problem: failure })], { problems: [failure] })),
    );
    expect(tables.map((table) => table.map((cells) => cells.length))).toEqual([[7, 7, 7]]);
    expect(blocks).toHaveLength(2);
    expect([...tables.flat(2), ...rest].map(withoutCode).join("\n")).not.toMatch(/[<@[]|\]\(/);
  });
});

describe("an app in its check", () => {
  const steps = [
    { step: "1-stage", durationMs: 2500, result: "done" },
    { step: "6-health", durationMs: 61_000, result: "failed" },
    { step: "5-start, stop", durationMs: 200, result: "undone" },
  ] as const;

  test("has its own hosts only", () => {
    const result = resultOf([reported(), reported({ item: item({ app: "api" }) })]);
    const [hosts] = partsOf(appMarkdown("api", result)).tables;
    expect(hosts?.slice(2).map(([app]) => app)).toEqual(["api"]);
  });

  test("shows the steps of each host and how long each took", () => {
    const [, timeline] = partsOf(appMarkdown("counter", resultOf([reported({ steps })]))).tables;
    expect(timeline).toEqual([
      ["Host", "Steps"],
      ["---", "---"],
      ["web1", "1&#45;stage 2.5 s, 6&#45;health failed 1 min 1 s, 5&#45;start, stop undone 200 ms"],
    ]);
  });

  test("shows no steps where nothing was run", () => {
    expect(partsOf(appMarkdown("counter", resultOf([reported()]))).tables).toHaveLength(1);
  });

  test("tells its failures", () => {
    expect(partsOf(appMarkdown("counter", resultOf([rolledBack]))).blocks[0]).toContain("    | crash!");
  });
});
