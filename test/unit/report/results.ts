// Items and results as reports get them, each a small change of a plain one.
import { type Problem, problem } from "../../../src/core/problem.ts";
import type { Plan, PlanItem } from "../../../src/plan/plan-item.ts";
import type { ReportedItem, RunResult } from "../../../src/report/run-result.ts";
import { restart } from "../../../src/runtime/restart.ts";
import { targetOf } from "../runtime/release.ts";

export const item = (change: Partial<PlanItem> = {}): PlanItem => ({
  app: "counter",
  host: "web1",
  action: "upgrade",
  cause: "spec",
  strategy: "restart",
  from: "1.0.0",
  to: "1.1.0",
  changes: [],
  interruption: "restart",
  sendBytes: 3_700_000,
  hot: null,
  warnings: [],
  blocked: null,
  unmet: null,
  wave: 1,
  transaction: restart.deploy(targetOf({ version: "1.1.0" })),
  ...change,
});

const idle = { cause: null, interruption: "none", sendBytes: 0, transaction: null } as const;

export const unchanged = (change: Partial<PlanItem> = {}): PlanItem =>
  item({ action: "none", from: "1.1.0", ...idle, ...change });

export const blocked = (by: Problem, change: Partial<PlanItem> = {}): PlanItem =>
  item({ action: "none", ...idle, blocked: by, ...change });

export const planOf = (...items: PlanItem[]): Plan => ({
  schema: 1,
  environment: "production",
  hosts: [],
  hostChanges: [],
  items,
  digest: "d".repeat(64),
});

export const unhealthy = problem(
  "health_check_failed",
  { in: "host", host: "web1", app: "counter", step: "6-health" },
  { probe: "GET :8080/health", saw: "HTTP 500", waitedMs: 60_000 },
  ["starting", "crash!"],
);

export const reported = (change: Partial<ReportedItem> = {}): ReportedItem => ({
  item: item(),
  outcome: "deployed",
  problem: null,
  steps: [],
  durationMs: 4200,
  ...change,
});

export const resultOf = (items: ReportedItem[], change: Partial<RunResult> = {}): RunResult => ({
  environment: "production",
  items,
  problems: [],
  status: "synced",
  state: {},
  ...change,
});
