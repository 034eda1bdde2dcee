// The applications that differ between two releases, in the order in which they are dealt with.
import type { ApplicationFacts, ReleaseInventory } from "./inventory.ts";
import { isSameCode, moduleChanges } from "./module-changes.ts";

/** One application of both releases, or of one of them. */
export type ApplicationPair =
  | { readonly from: ApplicationFacts; readonly to: ApplicationFacts }
  | { readonly from: null; readonly to: ApplicationFacts }
  | { readonly from: ApplicationFacts; readonly to: null };

/**
 * As the newer release starts them, so that each finds what it needs; at the end those that go, the last started first.
 * systools has all that are added first, and so starts one before what it needs is upgraded.
 */
export function applicationPairs(
  from: ReleaseInventory,
  to: ReleaseInventory,
  standIns: ReadonlySet<string>,
): readonly ApplicationPair[] {
  const olds = new Map(from.applications.map((it) => [it.name, it]));
  const names = new Set(to.applications.map(({ name }) => name));
  const there = to.applications.map((next) => ({ from: olds.get(next.name) ?? null, to: next }));
  const gone = from.applications.filter(({ name }) => !names.has(name));
  return [
    ...there.filter((pair) => pair.from === null || isOther(pair.from, pair.to, standIns)),
    ...gone.reverse().map((it) => ({ from: it, to: null })),
  ];
}

const isOther = (from: ApplicationFacts, to: ApplicationFacts, standIns: ReadonlySet<string>): boolean =>
  from.version !== to.version || from.priv !== to.priv || !isSameCode(moduleChanges(from, to, standIns));
