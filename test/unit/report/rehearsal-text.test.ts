import { expect, test } from "vitest";
import type { Rehearsal } from "../../../src/plan/plan-item.ts";
import { planMarkdown } from "../../../src/report/plan-markdown.ts";
import { planText } from "../../../src/report/plan-text.ts";
import { item, planOf } from "./results.ts";

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
const passed = { result: "passed", durationMs: 3_100, suspendedMs: 8.04, wayBack: "hot" } as const;

test.each<[Rehearsal, string, string]>([
  [passed, "rehearsed: upgraded hot and back in 3.1 s, processes suspended for at most 8.0 ms", "✅ rehearsed"],
  [
    { ...passed, wayBack: "restart" },
    "rehearsed: upgraded hot and back in 3.1 s, processes suspended for at most 8.0 ms; the way back was a restart",
    "✅ rehearsed",
  ],
  [
    { ...passed, standIns: ["MODE", "KEY"] },
    "rehearsed: upgraded hot and back in 3.1 s, processes suspended for at most 8.0 ms; stand-ins for the secrets MODE, KEY",
    "✅ rehearsed",
  ],
  [
    { result: "failed", why: "it crashed: badarg", tail: [] },
    "rehearsal failed: it crashed: badarg",
    "❌ rehearsal failed",
  ],
  [{ result: "impossible", why: "no secret A", tail: [] }, "not rehearsed: no secret A", "⚠️ not rehearsed"],
])("a rehearsal (%j) is told below its item, and in the summary", (rehearsal, line, inSummary) => {
  const plan = planOf(item({ hot, rehearsal }));
  expect(planText(plan)).toContain(`      ${line}`);
  expect(planMarkdown(plan)).toContain(inSummary);
});
