// What must be there for an application to be started.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { atomIn, atomsIn, listIn, tupleIn } from "./term-shape.ts";

/**
 * The names of all that an application needs, itself among them; of those that `resourceOf` does not know no more than the name.
 * What is optional counts where it is known.
 */
export function neededBy(
  name: string,
  resourceOf: (name: string) => ErlangTerm | undefined,
  found: Set<string> = new Set(),
): ReadonlySet<string> {
  if (found.has(name)) return found;
  found.add(name);
  const keys = listIn(tupleIn(resourceOf(name))?.[2]) ?? [];
  const names = (key: string): readonly string[] =>
    keys.flatMap((pair) => {
      const [word, value] = tupleIn(pair) ?? [];
      return atomIn(word) === key ? (atomsIn(value) ?? []) : [];
    });
  const optional = names("optional_applications");
  for (const needed of [...names("applications"), ...names("included_applications")])
    if (!optional.includes(needed) || resourceOf(needed) !== undefined) neededBy(needed, resourceOf, found);
  return found;
}
