// Which of an application's modules differ between two releases.
import type { ApplicationFacts, ModuleFacts, ReleaseInventory } from "./inventory.ts";

export type ModulePair = { readonly name: string; readonly from: ModuleFacts; readonly to: ModuleFacts };

/** Sorted by name. */
export type ModuleChanges = {
  readonly added: readonly (readonly [string, ModuleFacts])[];
  readonly deleted: readonly (readonly [string, ModuleFacts])[];
  readonly changed: readonly ModulePair[];
};

/** `standIns`: what runs in place of these is not their files' code, so they count for no application (see standInsOf). */
export function moduleChanges(
  from: Pick<ApplicationFacts, "modules">,
  to: Pick<ApplicationFacts, "modules">,
  standIns: ReadonlySet<string> = new Set(),
): ModuleChanges {
  const sorted = (modules: ReadonlyMap<string, ModuleFacts>): (readonly [string, ModuleFacts])[] =>
    [...modules].filter(([name]) => !standIns.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    added: sorted(to.modules).filter(([name]) => !from.modules.has(name)),
    deleted: sorted(from.modules).filter(([name]) => !to.modules.has(name)),
    changed: sorted(to.modules).flatMap(([name, facts]) => {
      const old = from.modules.get(name);
      return old && old.md5 !== facts.md5 ? [{ name, from: old, to: facts }] : [];
    }),
  };
}

/** Protocols that are consolidated in either of two releases; and what applications made in place of their files, which is theirs. */
export const standInsOf = (from: ReleaseInventory, to: ReleaseInventory): ReadonlySet<string> =>
  new Set([...consolidatedIn(from, to), ...[from, to].flatMap(({ made }) => [...made.values()].flat())]);

/** What no application's directory has, whatever is said of it. */
export const consolidatedIn = (from: ReleaseInventory, to: ReleaseInventory): ReadonlySet<string> =>
  new Set([...from.consolidated.keys(), ...to.consolidated.keys()]);

export const isSameCode = ({ added, deleted, changed }: ModuleChanges): boolean =>
  added.length + deleted.length + changed.length === 0;
