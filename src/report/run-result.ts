import type { Problem } from "../core/problem.ts";
import type { PlanItem } from "../plan/plan-item.ts";
import type { AppState } from "../runtime/app-state.ts";
import type { TimedStep } from "./timeline.ts";

/** How one item ended, as reports show it. */
export type ReportedItem = {
  item: PlanItem;
  /**
   * Of an op: it is as wanted; what ran before runs again; nothing ran before, or nothing runs now; nobody knows, or the way back
   * failed. The other words are for items that no op was started for.
   */
  outcome: "deployed" | "rolled_back" | "failed" | "broken" | "unchanged" | "blocked" | "skipped";
  problem: Problem | null;
  steps: readonly TimedStep[];
  durationMs: number;
};

/** A whole run, as reports and outputs show it. */
export type RunResult = {
  environment: string;
  items: readonly ReportedItem[];
  /** Problems of hosts and apps beyond single items. */
  problems: readonly Problem[];
  /** bc_gitops' words: all as wanted; some not; nothing could be done. */
  status: "synced" | "degraded" | "error";
  /** app → host → app_state. */
  state: Readonly<Record<string, Readonly<Record<string, AppState>>>>;
};

/** The action's outputs of an apply: counts by what was done, each app and host counted once. */
export function outputCounts({ items }: Pick<RunResult, "items">): Record<string, number> {
  const done = (action: string): number =>
    items.filter(({ item, outcome }) => outcome === "deployed" && item.action === action).length;
  const ended = (...outcomes: string[]): number => items.filter(({ outcome }) => outcomes.includes(outcome)).length;
  return {
    deployed: done("deploy"),
    upgraded: done("upgrade"),
    reconfigured: done("reconfigure"),
    removed: done("remove"),
    unchanged: ended("unchanged"),
    failed: ended("rolled_back", "failed", "broken", "blocked", "skipped"),
    "rolled-back": ended("rolled_back"),
  };
}

/** Whether everything is as wanted. */
export function statusOf(
  items: readonly Pick<ReportedItem, "outcome">[],
  problems: readonly Problem[],
): RunResult["status"] {
  const isWell = ({ outcome }: Pick<ReportedItem, "outcome">): boolean =>
    outcome === "deployed" || outcome === "unchanged";
  if (problems.length === 0 && items.every(isWell)) return "synced";
  return items.some(isWell) ? "degraded" : "error";
}
