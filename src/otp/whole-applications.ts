// Applications that come, go, or start anew → their modules, and calls of application(3).
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { Instruction } from "./instruction.ts";
import { atom, atoms, list, tuple } from "./term-shape.ts";
import type { Library, Translation } from "./translation.ts";

/** The same script without instructions about applications. */
export function withoutApplications(
  script: readonly Instruction[],
  { from, to }: Pick<Translation, "from" | "to">,
): { script: readonly Instruction[] } | { error: string } {
  const plain: Instruction[] = [];
  const [olds, nexts] = [byName(from), byName(to)];
  const named = new Set<string>();
  for (const it of script) {
    if (!("application" in it) || it.kind === "load_object_code") {
      plain.push(it);
      continue;
    }
    const [old, next] = [olds.get(it.application), nexts.get(it.application)];
    // Each would bring all of its modules again.
    if (named.has(it.application)) return { error: `${it.application} is named by more than one instruction` };
    named.add(it.application);
    const lacking = `no application ${it.application} is there`;
    if (it.kind === "add_application") {
      if (!next) return { error: `${lacking} to be added` };
      addAll(plain, started({ ...next, startType: it.startType }));
    } else if (!old) return { error: `${lacking} to be ${it.kind === "remove_application" ? "removed" : "restarted"}` };
    else if (it.kind === "remove_application") {
      if (next) return { error: `${it.application} is removed, but the release still has it` };
      addAll(plain, [...stopped(old), call("unload", atom(old.name))]);
    } else if (!next) return { error: `${lacking} to be restarted` };
    else addAll(plain, [...stopped(old), ...started(next)]);
  }
  return { script: plain };
}

const byName = (libraries: readonly Library[]): ReadonlyMap<string, Library> =>
  new Map(libraries.map((it) => [it.name, it]));

function addAll(script: Instruction[], more: readonly Instruction[]): void {
  for (const it of more) script.push(it);
}

const call = (name: string, ...args: ErlangTerm[]): Instruction =>
  low("apply", tuple(atom("application"), atom(name), list(args)));

const low = (name: string, subject: ErlangTerm): Instruction => ({
  kind: "low",
  name,
  term: tuple(atom(name), subject),
});

const stopped = ({ name, modules }: Library): readonly Instruction[] => [
  call("stop", atom(name)),
  ...modules.map((it) => low("remove", tuple(atom(it), atom("brutal_purge"), atom("brutal_purge")))),
  low("purge", atoms(modules)),
];

function started({ name, startType, modules }: Library): readonly Instruction[] {
  const added = modules.map((module) => ({ kind: "add_module", module, needs: [] }) as const);
  if (startType === "none") return added;
  return [...added, startType === "load" ? call("load", atom(name)) : call("start", atom(name), atom(startType))];
}
