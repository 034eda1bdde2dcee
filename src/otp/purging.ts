// Who dies in a script. A process that runs the old code of a module is killed when that code is purged (kernel, code(3)).
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { atom, atomIn, tuple, tupleIn } from "./term-shape.ts";

/**
 * The same script, where processes that run old code are killed (`kill`) or in no case (`refuse`).
 *
 * With soft_purge before each load release_handler refuses a script while a process still runs code that is older than what runs;
 * with soft_purge behind it old code stays for as long as it is run. What the manual has for a module that goes, remove and purge,
 * kills all the same, so there is no purge then: remove purges by itself what nobody runs.
 */
export function withPurging(script: readonly ErlangTerm[], onLinger: "refuse" | "kill"): readonly ErlangTerm[] {
  const mode = atom(onLinger === "refuse" ? "soft_purge" : "brutal_purge");
  return script.flatMap((term) => {
    const [name, subject] = tupleIn(term) ?? [];
    const kind = atomIn(name);
    if (kind === "purge") return onLinger === "refuse" ? [] : [term];
    const [module] = kind === "load" || kind === "remove" ? (tupleIn(subject) ?? []) : [];
    return name && module ? [tuple(name, tuple(module, mode, mode))] : [term];
  });
}
