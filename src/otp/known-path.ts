// From one release to another through those in between, where people know the steps and nobody knows the leap: code_change and
// appups mostly know the version before.
import { hotUpgrade } from "./hot-upgrade.ts";
import type { ReleaseInventory } from "./inventory.ts";
import type { HotOptions, HotUpgrade } from "./upgrade.ts";
import { isOlder } from "./version-order.ts";

/** What was wanted in between. `release`: null where it can't be had any more. */
export type Between = {
  release: ReleaseInventory | null;
  /** It has run: whoever came from the release before it has made that step. */
  hasRun: boolean;
};

/** How what is before becomes it. `index`: which of those in between it is; null for the last. */
export type KnownHop = { index: number | null; hot: HotUpgrade };

type Answer = ReturnType<typeof hotUpgrade>;

/**
 * Whether nobody may have thought of this leap: an appup that does not know where it begins, or a state that is changed by
 * instructions which nobody wrote. Between two versions that followed each other that is all that can be had.
 */
export const isLeap = (answer: Answer, { appup }: HotOptions): boolean =>
  "hot" in answer ? isUnknownTo(answer.hot) || changesUnasked(answer.hot) : appup === "shipped";

const isUnknownTo = ({ findings }: HotUpgrade): boolean => findings.some(({ code }) => code === "version_unknown");

const changesUnasked = ({ applications, migrated }: HotUpgrade): boolean =>
  migrated.length > 0 && applications.some(({ origin }) => origin === "generated");

/**
 * The path of fewest hops, all of them known: by an appup that somebody wrote, or since those that followed each other have made that
 * very step. Null where there is none.
 */
export function knownPath(
  from: ReleaseInventory,
  to: ReleaseInventory,
  between: readonly Between[],
  options: HotOptions,
): readonly KnownHop[] | null {
  // What a VM reads when it starts it has read already: nothing in between starts one.
  const places = [from, ...between.map(({ release }) => release && { ...release, startFiles: from.startFiles }), to];
  const last = places.length - 1;
  const hasRun = (place: number): boolean => place === 0 || place === last || between[place - 1]?.hasRun === true;
  const paths = new Map<number, readonly KnownHop[]>([[0, []]]);
  for (const [at, path] of paths) {
    const here = places[at];
    for (let next = last; next > at && here; next -= 1) {
      const there = places[next];
      if (!there || paths.has(next)) continue;
      const answer = hotUpgrade(here, there, options);
      const isStep = hasRun(at) && hasRun(next) && !range(at + 1, next).some(hasRun);
      if (!("hot" in answer) || isUnknownTo(answer.hot) || (!isStep && changesUnasked(answer.hot))) continue;
      const longer = [...path, { index: next === last ? null : next - 1, hot: answer.hot }];
      if (next === last) return longer;
      paths.set(next, longer);
    }
  }
  return null;
}

/**
 * What lies between two versions, in the order in which one becomes the other; indices of `history`, which has the versions that
 * were wanted, the oldest first. Versions without an order (see isOlder) came in the order in which they were wanted first.
 */
export function between(history: readonly string[], from: string, to: string): readonly number[] {
  // Of what was wanted several times the last: what its source is now.
  return versionsBetween(history, from, to).map((version) => history.lastIndexOf(version));
}

function versionsBetween(history: readonly string[], from: string, to: string): string[] {
  if (isOlder(from, to)) return orderedBetween(history, from, to);
  if (isOlder(to, from)) return orderedBetween(history, to, from).reverse();
  return wantedBetween(history, from, to);
}

const orderedBetween = (history: readonly string[], low: string, high: string): string[] =>
  [...new Set(history)]
    .filter((it) => isOlder(low, it) && isOlder(it, high))
    .sort((a, b) => (isOlder(a, b) ? -1 : isOlder(b, a) ? 1 : 0));

function wantedBetween(history: readonly string[], from: string, to: string): string[] {
  const versions = [...new Set([...history, to])];
  const [here, there] = [versions.indexOf(from), versions.indexOf(to)];
  if (here < 0) return [];
  return here < there ? versions.slice(here + 1, there) : versions.slice(there + 1, here).reverse();
}

const range = (begin: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - begin) }, (_, index) => begin + index);
