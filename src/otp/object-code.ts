// load_object_code (sasl, appup(4)): one for each application, whatever asks for its modules.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { ObjectCode } from "./instruction.ts";
import { atom, atoms, tuple } from "./term-shape.ts";

/** In the order of the first of each application; of a module that is asked for twice, the last stays. */
export function mergedObjectCode(code: readonly ObjectCode[]): readonly ObjectCode[] | { error: string } {
  const merged = new Map<string, { version: string; modules: Set<string> }>();
  for (const { application, version, modules } of code) {
    const all = merged.get(application) ?? { version, modules: new Set() };
    if (all.version !== version) return { error: `${application} is loaded as ${all.version} and as ${version}` };
    for (const it of modules) {
      all.modules.delete(it);
      all.modules.add(it);
    }
    merged.set(application, all);
  }
  return Array.from(merged, ([application, { version, modules }]) => ({
    kind: "load_object_code",
    application,
    version,
    modules: [...modules],
  }));
}

export const loadObjectCode = ({ application, version, modules }: ObjectCode): ErlangTerm =>
  tuple(atom("load_object_code"), tuple(atom(application), { charlist: version }, atoms(modules)));
