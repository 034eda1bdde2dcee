// Supervisors that a script has asked (init/1) while a process stands still which they may call: neither would go on.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { ReleaseInventory } from "./inventory.ts";
import { moduleRole } from "./module-role.ts";
import { namesIn } from "./script-modules.ts";
import { atomIn, atomsIn, tupleIn } from "./term-shape.ts";
import type { Finding } from "./upgrade.ts";

/** `to`: the release that a low-level script leads to, whose code is asked. */
export function waitingSupervisors(script: readonly ErlangTerm[], to: ReleaseInventory): readonly Finding[] {
  const still = new Set<string>();
  return script.flatMap((term) => {
    const [name, ...rest] = tupleIn(term) ?? [];
    const kind = atomIn(name);
    if (kind === "suspend") for (const it of namesIn(rest[0])) still.add(it);
    if (kind === "resume") for (const it of atomsIn(rest[0]) ?? []) still.delete(it);
    return kind === "code_change" ? namesIn(rest.at(-1)).flatMap((module) => waitsOf(module, still, to)) : [];
  });
}

function waitsOf(module: string, still: ReadonlySet<string>, to: ReleaseInventory): readonly Finding[] {
  const owner = to.applications.find(({ modules }) => modules.has(module));
  const facts = owner?.modules.get(module);
  if (owner === undefined || facts === undefined || moduleRole(facts) !== "supervisor") return [];
  const called = facts.calls.filter((it) => it !== module && still.has(it));
  if (called.length === 0) return [];
  const text = `init/1 of ${module} is asked while ${called.join(", ")} stands still: if it calls that, both wait; rehearse it`;
  return [{ code: "may_wait", application: owner.name, module, text }];
}
