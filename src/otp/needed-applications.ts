// What must be there for an application to be started.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { atomIn, atomsIn, listIn, tupleIn } from "./term-shape.ts";

/**
 * The names of all that an application needs, itself among them; of those that `resourceOf` does not know no more than the name.
 * What is optional counts where it is known.
 */
export function neededBy(name: string, resourceOf: (name: string) => ErlangTerm | undefined): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    for (const needed of directlyNeeded(next, resourceOf).reverse()) open.push(needed);
  }
  return found;
}

function directlyNeeded(name: string, resourceOf: (name: string) => ErlangTerm | undefined): string[] {
  const keys = listIn(tupleIn(resourceOf(name))?.[2]) ?? [];
  const names = (key: string): readonly string[] =>
    keys.flatMap((pair) => {
      const [word, value] = tupleIn(pair) ?? [];
      return atomIn(word) === key ? (atomsIn(value) ?? []) : [];
    });
  const optional = new Set(names("optional_applications"));
  return [...names("applications"), ...names("included_applications")].filter(
    (it) => !optional.has(it) || resourceOf(it) !== undefined,
  );
}
