// load_object_code (sasl, appup(4)): one for each application, whatever asks for its modules.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { ObjectCode } from "./instruction.ts";
import { atom, atoms, tuple } from "./term-shape.ts";

/** In the order of the first of each application; of a module that is asked for twice, the last stays. */
export function mergedObjectCode(code: readonly ObjectCode[]): readonly ObjectCode[] | { error: string } {
  const merged = new Map<string, ObjectCode>();
  for (const { kind, application, version, modules } of code) {
    const other = merged.get(application);
    if (other && other.version !== version)
      return { error: `${application} is loaded as ${other.version} and as ${version}` };
    const earlier = (other?.modules ?? []).filter((it) => !modules.includes(it));
    merged.set(application, { kind, application, version, modules: [...earlier, ...modules] });
  }
  return [...merged.values()];
}

export const loadObjectCode = ({ application, version, modules }: ObjectCode): ErlangTerm =>
  tuple(atom("load_object_code"), tuple(atom(application), { charlist: version }, atoms(modules)));
