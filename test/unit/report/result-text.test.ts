import { describe, expect, test } from "vitest";
import { itemResultText, resultText } from "../../../src/report/result-text.ts";
import { item, reported, resultOf, unchanged, unhealthy } from "./results.ts";

const STEPS = [{ step: "1-stage", durationMs: 10, result: "done" as const }];

describe("how an item ended", () => {
  test.each([
    { of: reported(), text: "web1/counter upgraded 1.0.0 → 1.1.0 in 4.2 s" },
    {
      of: reported({ item: item({ action: "deploy", from: null }), durationMs: 65_000 }),
      text: "web1/counter deployed 1.1.0 in 1 min 5 s",
    },
    {
      of: reported({ item: item({ action: "reconfigure", from: "1.1.0" }), durationMs: 340 }),
      text: "web1/counter reconfigured 1.1.0 in 340 ms",
    },
    {
      of: reported({ item: item({ action: "remove", to: null }) }),
      text: "web1/counter removed 1.0.0 in 4.2 s",
    },
    { of: reported({ item: unchanged(), outcome: "unchanged" }), text: "web1/counter unchanged 1.1.0" },
    {
      of: reported({ outcome: "rolled_back", problem: unhealthy, steps: STEPS }),
      text: "web1/counter rolled back to 1.0.0: health_check_failed: GET :8080/health was not healthy within 1 min: HTTP 500",
    },
    {
      of: reported({
        item: item({ action: "deploy", from: null }),
        outcome: "rolled_back",
        problem: unhealthy,
        steps: STEPS,
      }),
      text: "web1/counter rolled back: health_check_failed: GET :8080/health was not healthy within 1 min: HTTP 500",
    },
    {
      of: reported({ outcome: "broken", problem: unhealthy }),
      text: "web1/counter BROKEN: health_check_failed: GET :8080/health was not healthy within 1 min: HTTP 500",
    },
    {
      of: reported({ outcome: "blocked", problem: unhealthy }),
      text: "web1/counter blocked: health_check_failed: GET :8080/health was not healthy within 1 min: HTTP 500",
    },
    {
      of: reported({ outcome: "rolled_back", problem: unhealthy, steps: [] }),
      text: "web1/counter left as it was: health_check_failed: GET :8080/health was not healthy within 1 min: HTTP 500",
    },
    { of: reported({ outcome: "skipped" }), text: "web1/counter skipped, since another failed before it" },
  ])("reads: $text", ({ of, text }) => {
    expect(itemResultText(of)).toBe(text);
  });
});

describe("the end of the log", () => {
  test("names what failed before what went well, each in the plan's order", () => {
    const on = (host: string) => ({ item: item({ host }) });
    const items = [
      reported(on("web1")),
      reported({ ...on("web2"), outcome: "rolled_back", problem: unhealthy }),
      reported({ ...on("web3"), outcome: "unchanged" }),
      reported({ ...on("web4"), outcome: "skipped" }),
    ];
    const lines = resultText(resultOf(items, { status: "degraded" }));
    expect(lines[0]).toBe("Result: degraded");
    expect(lines.slice(1).map((line) => line.trim().split("/")[0])).toEqual(["web2", "web4", "web1", "web3"]);
  });
});
