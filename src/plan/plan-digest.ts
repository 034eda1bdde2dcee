import type { Json } from "../core/digest.ts";
import { canonicalJson, digestOf } from "../core/digest.ts";
import type { Transaction } from "../runtime/transaction.ts";
import { deedsOf } from "./deeds.ts";
import type { PlanItem, PlannedHost } from "./plan-item.ts";

/**
 * The digest of what a plan does in an environment and how its hosts are reached: no times, no commits (a pull request's merge commit has another one), and nothing that
 * depends on a secret's value, so that a plan made without secrets can be approved. It is a digest of digests, one an app, so
 * that the text of a large plan is never there as a whole.
 */
export function planDigest(environment: string, hosts: readonly PlannedHost[], items: readonly PlanItem[]): string {
  const reached = [...hosts].sort((a, b) => (a.host < b.host ? -1 : 1));
  const apps = [...Map.groupBy(items, ({ app }) => app)].sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf([environment, reached, apps.map(([app, itsItems]) => [app, appDigest(itsItems)])]);
}

/** What is done alike on many hosts is written out once, with their names. */
function appDigest(items: readonly PlanItem[]): string {
  const deeds = [...hostsByDeed(items)].sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(deeds.map(([deed, hosts]) => [deed, hosts.sort().join(" ")]));
}

/** The canonical JSON of what is done to an app → the hosts on which that is done. */
function hostsByDeed(items: readonly PlanItem[]): Map<string, string[]> {
  const deeds = new Map<string, string[]>();
  // Items that do the same mostly share their values, which tells it at a glance; the text decides.
  const latest = new Map<unknown, { item: PlanItem; hosts: string[] }>();
  for (const item of items) {
    const kind = item.transaction ?? item.blocked?.code;
    const like = latest.get(kind);
    if (like !== undefined && isAlike(like.item, item)) {
      like.hosts.push(item.host);
      continue;
    }
    const { host, ...deed } = essenceOf(item);
    const text = canonicalJson(deed);
    const hosts = deeds.get(text) ?? [];
    hosts.push(host);
    deeds.set(text, hosts);
    latest.set(kind, { item, hosts });
  }
  return deeds;
}

/** Whether two items of an app surely differ in nothing but their hosts. */
const isAlike = (a: PlanItem, b: PlanItem): boolean =>
  a.action === b.action &&
  a.strategy === b.strategy &&
  a.from === b.from &&
  a.to === b.to &&
  a.interruption === b.interruption &&
  a.blocked?.code === b.blocked?.code &&
  a.changes === b.changes &&
  a.transaction === b.transaction;

/** As much of an item as decides what it does: of one planned now, or of one read back from an approved plan. */
type Comparable = Pick<PlanItem, "app" | "host" | "from" | "to" | "strategy"> & {
  action: string;
  changes: readonly { field: string; from: string | null; to: string | null }[];
  interruption: string;
  blocked: { code: string } | null;
  transaction: Transaction | { does?: string | undefined } | null;
};

/** What is done, as a digest: of a transaction, or as the plan that it stood in says it. */
const deeds = (transaction: Comparable["transaction"]): string | null =>
  transaction === null ? null : "expects" in transaction ? deedsOf(transaction) : (transaction.does ?? null);

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
    steps: deeds(transaction),
  } satisfies Json;
}
