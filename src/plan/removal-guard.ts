// A plan that removes much of what is there is rather a mistake than a wish: a wrong folder, branch or environment looks just like it.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { ObservedApp } from "../runtime/observed.ts";
import { isFromFolder, isOurs } from "./ownership.ts";
import type { PlanInput } from "./plan-input.ts";
import type { PlanItem } from "./plan-item.ts";

/** How many of the apps that are ours a plan may remove: a share of them, in percent, or a number. */
export type RemovalLimit = { percent: number } | { apps: number };

/** `50%`, or `3`; null for what is neither. */
export function removalLimit(text: string): RemovalLimit | null {
  const [, digits = "0", sign] = /^(\d{1,9})(%?)$/.exec(text) ?? [];
  const amount = Number(digits);
  // 0 would be a lie: one app may always go.
  if (amount < 1 || (sign === "%" && amount > 100)) return null;
  return sign === "%" ? { percent: amount } : { apps: amount };
}

/** Names that a message gives before it only counts. */
const NAMED = 5;

/**
 * Why a plan is refused for what it removes; null where it is not. Apps count, not hosts: one that is wanted and only leaves
 * some hosts is not removed. Less than all of them is more than any share below 100 %, so only that one lets all of them go.
 */
export function removalProblem(
  input: Pick<PlanInput, "owner" | "folder" | "observed" | "desired">,
  items: readonly PlanItem[],
  limit: RemovalLimit,
): Problem | null {
  const isRemoved = ({ app, action, transaction }: PlanItem): boolean =>
    action === "remove" && transaction !== null && !input.desired.has(app);
  const isOwned = ({ recorded }: ObservedApp): boolean =>
    recorded !== null && isOurs(recorded.owner, input.owner) && isFromFolder(recorded, input.folder);
  const removed = [...new Set(items.filter(isRemoved).map(({ app }) => app))].sort();
  const owned = new Set(input.observed.flatMap(({ apps }) => apps.filter(isOwned).map(({ name }) => name))).size;
  const allowed = Math.max(1, "apps" in limit ? limit.apps : Math.floor((owned * limit.percent) / 100));
  if (removed.length <= allowed) return null;
  const more = removed.length - NAMED;
  const apps = more > 0 ? [...removed.slice(0, NAMED), `${more} more`] : removed;
  const facts = { removed: removed.length, owned, apps, limit: textOf(limit), allowed };
  return problem("too_many_removals", { in: "input", name: "max-removals" }, facts);
}

const textOf = (limit: RemovalLimit): string => ("apps" in limit ? String(limit.apps) : `${limit.percent}%`);
