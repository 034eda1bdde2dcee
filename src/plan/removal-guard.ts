// A plan that removes much of what is there is rather a mistake than a wish: a wrong folder, branch or environment looks just like it.
// What git says counts for the whole plan. What only a host says, that an app of ours is on it, counts for that host: one that
// makes up a hundred of them must not keep the others from being deployed to.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { ObservedApp } from "../runtime/observed.ts";
import { selects } from "../spec/host-selection.ts";
import { isFromFolder, isOurs } from "./ownership.ts";
import type { PlanInput, RemovalLimit } from "./plan-input.ts";
import type { PlanItem } from "./plan-item.ts";

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

type Looked = Pick<PlanInput, "owner" | "folder" | "observed" | "desired" | "previous" | "hosts">;

/**
 * Why a plan is refused for what it removes of the apps that the base commit has on these hosts; null where it is not. Apps count,
 * not hosts: one that is wanted and only leaves some hosts is not removed. Less than all of them is more than any share below
 * 100 %, so only that one lets all of them go.
 */
export function removalProblem(input: Looked, items: readonly PlanItem[], limit: RemovalLimit): Problem | null {
  const isKnown = knownToGit(input);
  const removed = items.filter((item) => isRemoved(input, item) && isKnown(item.app, item.host));
  const owned = ownedOf(input).filter(({ app, host }) => isKnown(app, host));
  const facts = excess(removed, owned, limit);
  return facts === null ? null : problem("too_many_removals", { in: "input", name: "max-removals" }, facts);
}

/**
 * Items with those blocked that would remove too much of what only hosts say is there: on one host, by all that is removed
 * there; or on many hosts at once, as where there is no base commit. One host by itself is never many.
 */
export function guarded(input: Looked, items: readonly PlanItem[], limit: RemovalLimit): readonly PlanItem[] {
  const removed = items.filter((item) => isRemoved(input, item));
  const isKnown = knownToGit(input);
  const claimed = new Set(removed.filter(({ app, host }) => !isKnown(app, host)));
  if (claimed.size === 0) return items;
  const owned = ownedOf(input);
  const byHost = Map.groupBy(owned, ({ host }) => host);
  const hosts = [...new Set([...claimed].map(({ host }) => host))];
  const here = new Map(
    hosts.map((host) => {
      const found = excess(
        removed.filter((item) => item.host === host),
        byHost.get(host) ?? [],
        limit,
      );
      return [host, found && { ...found, on: host }];
    }),
  );
  // One that claims too much by itself weighs on nobody else.
  const others = hosts.filter((host) => !here.get(host));
  const everywhere =
    others.length > allowedOf(byHost.size, limit)
      ? excess(
          [...claimed].filter(({ host }) => others.includes(host)),
          owned.filter(({ app, host }) => !isKnown(app, host) && others.includes(host)),
          limit,
        )
      : null;
  return items.map((item) => {
    const facts = claimed.has(item)
      ? (here.get(item.host) ?? (everywhere && { ...everywhere, on: "these hosts" }))
      : null;
    if (!facts) return item;
    const where = { in: "host", host: item.host, app: item.app } as const;
    return { ...item, transaction: null, blocked: problem("too_many_removals", where, facts) };
  });
}

type OnHost = { app: string; host: string };

/** Whether the base commit has an app on a host. */
const knownToGit = ({ previous, hosts }: Looked): ((app: string, host: string) => boolean) => {
  const places = new Map(hosts.map((host) => [host.name, host]));
  return (app, name) => {
    const spec = previous.get(app)?.spec;
    const host = places.get(name);
    return spec !== undefined && host !== undefined && selects(spec.hosts, host);
  };
};

const isRemoved = ({ desired }: Looked, { app, action, transaction }: PlanItem): boolean =>
  action === "remove" && transaction !== null && !desired.has(app);

/** What hosts say that we have on them. */
function ownedOf({ owner, folder, observed }: Looked): OnHost[] {
  const isOwned = ({ recorded }: ObservedApp): boolean =>
    recorded !== null && isOurs(recorded.owner, owner) && isFromFolder(recorded, folder);
  return observed.flatMap(({ host, apps }) => apps.filter(isOwned).map(({ name }) => ({ app: name, host })));
}

const allowedOf = (owned: number, limit: RemovalLimit): number =>
  Math.max(1, "apps" in limit ? limit.apps : Math.floor((owned * limit.percent) / 100));

/** Null where no more goes than may go. An app counts once, on however many hosts it is. */
function excess(removals: readonly OnHost[], owners: readonly OnHost[], limit: RemovalLimit) {
  const removed = namesOf(removals);
  const owned = namesOf(owners).length;
  const allowed = allowedOf(owned, limit);
  if (removed.length <= allowed) return null;
  const more = removed.length - NAMED;
  const apps = more > 0 ? [...removed.slice(0, NAMED), `${more} more`] : removed;
  return { removed: removed.length, owned, apps, limit: textOf(limit), allowed };
}

const namesOf = (on: readonly OnHost[]): string[] => [...new Set(on.map(({ app }) => app))].sort();

const textOf = (limit: RemovalLimit): string => ("apps" in limit ? String(limit.apps) : `${limit.percent}%`);
