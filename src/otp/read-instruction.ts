// Instructions as terms → as values (sasl, appup(4)). What the manual does not have is refused, not guessed.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { formatTerm } from "../spec/erlang-term.ts";
import type { Instruction, PurgeMode, Purging } from "./instruction.ts";
import { DEFAULT_PURGING } from "./instruction.ts";
import { isLowLevel } from "./low-level-shape.ts";
import { atom, atomIn, atomsIn, list, textIn, tupleIn } from "./term-shape.ts";

/** Reads one instruction; an error quotes it. */
export function readInstruction(term: ErlangTerm): Instruction | { error: string } {
  return instructionOf(term) ?? { error: `no instruction is ${shortText(term)}` };
}

const RESTARTS: ReadonlySet<string> = new Set(["restart_new_emulator", "restart_emulator", "restart", "reboot"]);
const START_TYPES: ReadonlySet<string> = new Set(["permanent", "transient", "temporary", "load", "none"]);

function instructionOf(term: ErlangTerm): Instruction | null {
  const plain = atomIn(term);
  if (plain === "point_of_no_return") return { kind: plain };
  if (plain !== null) return RESTARTS.has(plain) ? { kind: "restart", name: plain } : null;
  const [tag, ...rest] = tupleIn(term) ?? [];
  const name = atomIn(tag);
  const subject = atomIn(rest[0]);
  switch (name) {
    case null:
      return null;
    case "update":
      return subject === null ? null : updateOf(subject, rest.slice(1));
    case "load_module":
      return subject === null ? null : loadOf(subject, rest.slice(1));
    case "add_module":
    case "delete_module": {
      const needs = atomsIn(rest[1] ?? list([]));
      return subject === null || needs === null || rest.length > 2 ? null : { kind: name, module: subject, needs };
    }
    case "add_application": {
      const startType = atomIn(rest[1] ?? atom("permanent")) ?? "";
      const isKnown = subject !== null && START_TYPES.has(startType) && rest.length <= 2;
      return isKnown ? { kind: name, application: subject, startType } : null;
    }
    case "remove_application":
    case "restart_application":
      return subject === null || rest.length > 1 ? null : { kind: name, application: subject };
    case "load_object_code": {
      const [application, version, modules] = tupleIn(rest[0]) ?? [];
      const [library, text, names] = [atomIn(application), textIn(version), atomsIn(modules)];
      const isWhole = library !== null && text !== null && names !== null && rest.length === 1;
      return isWhole ? { kind: name, application: library, version: text, modules: names } : null;
    }
    default:
      return isLowLevel(name, rest) ? { kind: "low", name, term } : null;
  }
}

/** {update, Module, …} in its eight variants. */
function updateOf(module: string, rest: readonly ErlangTerm[]): Instruction | null {
  if (rest.length === 1 && atomIn(rest[0]) === "supervisor")
    return updateOf(module, [atom("static"), atom("default"), ADVANCED, BRUTAL, BRUTAL, list([])]);
  const [type, timeout, change, purging, needs] = completed(rest) ?? [];
  const isStatic = atomIn(type) === "static";
  const extra = extraOf(change);
  const [modes, names] = [purgingOf(purging), atomsIn(needs)];
  if (!type || !timeout || extra === undefined || modes === null || names === null) return null;
  if (!isStatic && atomIn(type) !== "dynamic") return null;
  const isDefault = atomIn(timeout) === "default";
  if (!isDefault && !isTimeout(timeout)) return null;
  return {
    kind: "update",
    module,
    needs: names,
    purging: modes,
    isStatic,
    timeout: isDefault ? null : timeout,
    extra,
  };
}

const BRUTAL = atom("brutal_purge");
const ADVANCED: ErlangTerm = { tuple: [atom("advanced"), list([])] };

/** Type, timeout, change, both purge modes as a pair, and needed modules. */
function completed(rest: readonly ErlangTerm[]): readonly (ErlangTerm | undefined)[] | null {
  const [dynamic, standard, soft, brutal] = [atom("dynamic"), atom("default"), atom("soft"), pair(BRUTAL, BRUTAL)];
  const [a, b, c, d, e, f] = rest;
  switch (rest.length) {
    case 0:
      return [dynamic, standard, soft, brutal, list([])];
    case 1:
      return atomsIn(a) ? [dynamic, standard, soft, brutal, a] : [dynamic, standard, a, brutal, list([])];
    case 2:
      return [dynamic, standard, a, brutal, b];
    case 4:
      return [dynamic, standard, a, pair(b, c), d];
    case 5:
      return [dynamic, a, b, pair(c, d), e];
    case 6:
      return [a, b, c, pair(d, e), f];
    default:
      return null;
  }
}

const pair = (a: ErlangTerm | undefined, b: ErlangTerm | undefined): ErlangTerm => list(a && b ? [a, b] : []);

/** What code_change is told; null for soft, undefined for what is neither. */
function extraOf(change: ErlangTerm | undefined): ErlangTerm | null | undefined {
  if (atomIn(change) === "soft") return null;
  const [tag, extra, ...more] = tupleIn(change) ?? [];
  return atomIn(tag) === "advanced" && more.length === 0 ? extra : undefined;
}

function purgingOf(modes: ErlangTerm | undefined): Purging | null {
  const [before, behind] = atomsIn(modes) ?? [];
  return isPurgeMode(before) && isPurgeMode(behind) ? { before, behind } : null;
}

const isPurgeMode = (name: string | undefined): name is PurgeMode => name === "soft_purge" || name === "brutal_purge";

const isTimeout = (term: ErlangTerm): boolean =>
  atomIn(term) === "infinity" || ("integer" in term && BigInt(term.integer) > 0n);

/** {load_module, Module, …} in its three variants. */
function loadOf(module: string, rest: readonly ErlangTerm[]): Instruction | null {
  if (rest.length !== 0 && rest.length !== 1 && rest.length !== 3) return null;
  const needs = atomsIn(rest.at(-1) ?? list([]));
  const purging = rest.length === 3 ? purgingOf(pair(rest[0], rest[1])) : DEFAULT_PURGING;
  return needs && purging ? { kind: "load_module", module, needs, purging } : null;
}

function shortText(term: ErlangTerm): string {
  const text = formatTerm(term);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
