// What a low-level script does to modules (sasl, relup(4)).
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { atomIn, atomsIn, listIn, tupleIn } from "./term-shape.ts";

export type ScriptModules = {
  readonly loaded: ReadonlySet<string>;
  /** Removed, and not loaded again. */
  readonly removed: ReadonlySet<string>;
  /** Removed, and loaded again: their application is restarted. */
  readonly reloaded: ReadonlySet<string>;
  /** Their processes change their state. */
  readonly changed: ReadonlySet<string>;
  /** All whose processes are suspended, stopped or changed. */
  readonly touched: ReadonlySet<string>;
  /** Purged by an instruction of its own, which kills what still runs their old code. */
  readonly purged: ReadonlySet<string>;
};

export function scriptModules(script: readonly ErlangTerm[]): ScriptModules {
  const [loaded, removed, reloaded] = [set(), set(), set()];
  const [changed, touched, purged] = [set(), set(), set()];
  for (const term of script) {
    const [name, ...rest] = tupleIn(term) ?? [];
    const kind = atomIn(name) ?? "";
    const module = atomIn(tupleIn(rest[0])?.[0]) ?? "";
    if (kind === "load") {
      loaded.add(module);
      if (removed.delete(module)) reloaded.add(module);
    } else if (kind === "remove") removed.add(module);
    else if (kind === "purge") addAll(purged, atomsIn(rest[0]) ?? []);
    else if (kind === "suspend" || kind === "stop") addAll(touched, namesIn(rest[0]));
    else if (kind === "code_change") addAll(changed, namesIn(rest.at(-1)));
  }
  return { loaded, removed, reloaded, changed, touched: new Set([...touched, ...changed]), purged };
}

const set = (): Set<string> => new Set();

/** Modules, or pairs that begin with one. */
export const namesIn = (term: ErlangTerm | undefined): string[] =>
  (listIn(term) ?? []).flatMap((it) => atomIn(it) ?? atomIn(tupleIn(it)?.[0]) ?? []);

function addAll(names: Set<string>, more: readonly string[]): void {
  for (const name of more) names.add(name);
}
