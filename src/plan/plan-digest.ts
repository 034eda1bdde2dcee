import type { Json } from "../core/digest.ts";
import { digestOf } from "../core/digest.ts";
import type { PlanItem } from "./plan-item.ts";

/**
 * The digest of what a plan does: no times, no commits (a pull request's merge commit has another one), and nothing that
 * depends on a secret's value, so that a plan made without secrets can be approved.
 */
export function planDigest(items: readonly PlanItem[]): string {
  return digestOf(items.map(essenceOf).sort((a, b) => (`${a.app}/${a.host}` < `${b.app}/${b.host}` ? -1 : 1)));
}

/** As much of an item as decides what it does: of one planned now, or of one read back from an approved plan. */
type Comparable = Pick<PlanItem, "app" | "host" | "from" | "to" | "strategy"> & {
  action: string;
  changes: readonly { field: string; from: string | null; to: string | null }[];
  interruption: string;
  blocked: { code: string } | null;
  transaction: {
    steps: readonly {
      id: string;
      action: { verb: string; digest?: string | undefined; release?: string | null | undefined };
    }[];
  } | null;
};

/** What two plans must agree on to be the same. */
export function essenceOf(item: Comparable) {
  const { app, host, action, strategy, from, to, changes, interruption, blocked, transaction } = item;
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
        const digest = action.verb === "stage" ? (action.digest ?? null) : null;
        return { id, digest, release: action.release ?? null };
      }) ?? [],
  } satisfies Json;
}
