import type { Json } from "../core/digest.ts";
import { canonicalJson, digestOf } from "../core/digest.ts";
import type { Plan, PlanItem } from "./plan-item.ts";

/**
 * The digest of what a plan does: no times, no commits (a pull request's merge commit has another one), and nothing that
 * depends on a secret's value, so that a plan made without secrets can be approved.
 */
export function planDigest(items: readonly PlanItem[]): string {
  return digestOf(items.map(essenceOf).sort((a, b) => (`${a.app}/${a.host}` < `${b.app}/${b.host}` ? -1 : 1)));
}

/** What two plans must agree on to be the same. */
function essenceOf({ app, host, action, strategy, from, to, changes, interruption, blocked, transaction }: PlanItem) {
  return {
    app,
    host,
    action,
    strategy,
    from,
    to,
    interruption,
    blocked: blocked?.code ?? null,
    changes: changes.map(({ field, from, to }) => ({ field, from, to })),
    steps:
      transaction?.steps.map(({ id, action }) => {
        const digest = action.verb === "stage" ? action.digest : null;
        return { id, digest, release: "release" in action ? action.release : null };
      }) ?? [],
  } satisfies Json;
}

/** In which items an approved plan and the one made now differ, in words. */
export function planDifferences(approved: Plan, now: Plan): string[] {
  const essences = (plan: Plan): Map<string, string> =>
    new Map(plan.items.map((item) => [`${item.host}/${item.app}`, canonicalJson(essenceOf(item))]));
  const [before, after] = [essences(approved), essences(now)];
  const action = (plan: Plan, name: string): string => {
    const item = plan.items.find(({ host, app }) => `${host}/${app}` === name);
    if (item === undefined) return "absent";
    if (item.blocked !== null) return `blocked (${item.blocked.code})`;
    return item.transaction === null ? "unchanged" : [item.action, item.to ?? item.from ?? ""].join(" ");
  };
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name} was ${action(approved, name)}, is now ${action(now, name)}`);
}
