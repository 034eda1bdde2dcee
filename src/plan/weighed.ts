// What is in the way of a plan, and whether that makes it red: one app that is held, or one host that is down, is no reason not to carry
// out the rest.
import type { Problem } from "../core/problem.ts";
import type { Code } from "../core/problem-words.ts";
import { isOfUnseenHost, type Plan } from "./plan-item.ts";

/** What a proposal brings along itself: there it is an error, and on a branch that deploys it keeps that app as it is. */
const OF_PROPOSAL: ReadonlySet<Code> = new Set(["no_hot_upgrade", "foreign_app", "too_many_removals"]);

/**
 * Problems of hosts that did not answer and of items that are blocked: errors where nothing else is left to do, where the plan is
 * `isStrict`, and of what a proposal brings along; else warnings.
 */
export function weighed(
  { items }: Pick<Plan, "items">,
  ofHosts: readonly Problem[],
  { isStrict, isProposal }: { isStrict: boolean; isProposal: boolean },
): { errors: Problem[]; warnings: Problem[] } {
  const isAllBlocked = items.every(({ blocked }) => blocked !== null);
  const isError = ({ code }: Problem): boolean => isStrict || isAllBlocked || (isProposal && OF_PROPOSAL.has(code));
  const blocked = items.flatMap((item) => (item.blocked === null || isOfUnseenHost(item.blocked) ? [] : item.blocked));
  const { errors = [], warnings = [] } = Object.groupBy([...ofHosts, ...blocked], (of) =>
    isError(of) ? "errors" : "warnings",
  );
  return { errors, warnings };
}
