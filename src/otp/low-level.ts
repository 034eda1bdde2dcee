// High-level instructions of several applications → one script of low-level ones (sasl, appup(4) and relup(4)).
// What systools:make_relup/3 makes of the same, but where it leaves an order open (the order of what needs nothing from each other).
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { Instruction, ModuleInstruction, ObjectCode } from "./instruction.ts";
import { DEFAULT_PURGING } from "./instruction.ts";
import { groupsByNeed } from "./needs-order.ts";
import { loadObjectCode, mergedObjectCode } from "./object-code.ts";
import { scriptProblem } from "./script-problem.ts";
import { atom, atoms, list, tuple } from "./term-shape.ts";
import type { Direction, Translation } from "./translation.ts";
import { withoutApplications } from "./whole-applications.ts";

/** A script as in a relup file; or why there is none, as a sentence. */
export function lowLevelScript(translation: Translation): { script: readonly ErlangTerm[] } | { error: string } {
  const splits: Split[] = [];
  for (const script of translation.scripts) {
    const split = splitScript(script);
    if ("error" in split) return split;
    splits.push(split);
  }
  const before = splits.flatMap((it) => it.before);
  const behind = splits.flatMap((it) => it.behind);
  const problem = scriptProblem(before, behind);
  if (problem !== null) return { error: problem };
  const modules = withoutApplications(behind, translation);
  if ("error" in modules) return modules;
  const translated = withoutModules(modules.script, translation);
  if ("error" in translated) return translated;
  const code = mergedObjectCode([...before.filter(isObjectCode), ...translated.code]);
  if ("error" in code) return code;
  const applies = before.flatMap((it) => (it.kind === "low" ? [it.term] : []));
  return { script: [...code.map(loadObjectCode), ...applies, atom("point_of_no_return"), ...translated.script] };
}

const isObjectCode = (it: Instruction): it is ObjectCode => it.kind === "load_object_code";

type Split = { before: readonly Instruction[]; behind: readonly Instruction[] };

/** At its point of no return; all that loads code into memory is before it, wherever it stands. */
function splitScript(script: readonly Instruction[]): Split | { error: string } {
  const point = script.findIndex(({ kind }) => kind === "point_of_no_return");
  const [before, behind] = point < 0 ? [[], script] : [script.slice(0, point), script.slice(point + 1)];
  if (behind.some(({ kind }) => kind === "point_of_no_return")) return { error: "more than one point_of_no_return" };
  const isAllowed = (it: Instruction): boolean => isObjectCode(it) || (it.kind === "low" && it.name === "apply");
  const bad = before.find((it) => !isAllowed(it));
  if (bad) return { error: `${bad.kind === "low" ? bad.name : bad.kind} before point_of_no_return` };
  return { before: [...before, ...behind.filter(isObjectCode)], behind: behind.filter((it) => !isObjectCode(it)) };
}

const isOfModule = (it: Instruction): it is ModuleInstruction => "module" in it;

type Translated = { code: readonly ObjectCode[]; script: readonly ErlangTerm[] };

/** Each group of modules that need each other is done as a whole, where the first of it stands; supervisors apart are asked at the end. */
function withoutModules(script: readonly Instruction[], translation: Translation): Translated | { error: string } {
  const instructions = script.filter(isOfModule);
  const known = new Set<string>();
  const twice = instructions.find(({ module }) => known.size === known.add(module).size);
  if (twice) return { error: `${twice.module} is named by more than one instruction` };
  const unknown = instructions.flatMap(({ needs }) => needs).find((it) => !known.has(it));
  if (unknown !== undefined) return { error: `${unknown} is needed, and named by no instruction` };

  const code: ObjectCode[] = [];
  const terms: ErlangTerm[] = [];
  const asked: Update[] = [];
  // Of applications that have the same module the first one's counts.
  const libraries = new Map(translation.to.toReversed().flatMap((it) => it.modules.map((module) => [module, it])));
  const groups = new Map(groupsByNeed(instructions).flatMap((group) => group.map((it) => [it, group] as const)));
  const done = new Set<readonly ModuleInstruction[]>();
  for (const it of script) {
    const group = isOfModule(it) ? groups.get(it) : undefined;
    if (it.kind === "low") terms.push(it.term);
    if (!group || done.has(group)) continue;
    done.add(group);
    const loaded = group.filter(({ kind }) => kind !== "delete_module");
    for (const { module } of loaded) {
      const library = libraries.get(module);
      if (!library) return { error: `no application has the module ${module}` };
      code.push({ kind: "load_object_code", application: library.name, version: library.version, modules: [module] });
    }
    for (const term of groupScript(group, translation.direction)) terms.push(term);
    for (const it of group.filter(isUpdate).filter(isAskedApart).reverse()) asked.push(it);
  }
  return {
    code,
    script: [...terms, ...asked.flatMap((it) => standingStill([it], changing([it], translation.direction)))],
  };
}

type Update = ModuleInstruction & { kind: "update" };

const isUpdate = (it: ModuleInstruction): it is Update => it.kind === "update";

/** What is loaded runs in no process of a supervisor's; its init/1, which is asked, may call whoever else is changed. */
const isAskedApart = ({ isApart, isStatic }: Update): boolean => isApart === true && isStatic;

/** Processes are suspended from those that call to those that are called, and resumed the other way round. */
function groupScript(group: readonly ModuleInstruction[], direction: Direction): readonly ErlangTerm[] {
  const updates = group.filter(isUpdate).filter((it) => !isAskedApart(it));
  const loads = group.map(moduleScript);
  // On the way up what is needed is loaded first. On the way down the newer code turns the state back before it goes; the older
  // code of a static module is what is asked.
  if (direction === "down") {
    const [first, last] = [updates.filter((it) => !it.isStatic), updates.filter((it) => it.isStatic)];
    return standingStill(updates, [...changing(first, direction), ...loads.flat(), ...changing(last, direction)]);
  }
  const loaded = loads.toReversed().flat();
  if (updates.length === 0 || !updates.every(({ isApart }) => isApart))
    return standingStill(updates, [...loaded, ...changing(updates, direction)]);
  // Who is called goes on first.
  const inTurn = updates.toReversed().flatMap((it) => [...changing([it], direction), resumed([it])]);
  return [suspended(updates), ...loaded, ...inTurn];
}

const standingStill = (updates: readonly Update[], script: readonly ErlangTerm[]): readonly ErlangTerm[] =>
  updates.length === 0 ? script : [suspended(updates), ...script, resumed(updates.toReversed())];

const suspended = (updates: readonly Update[]): ErlangTerm =>
  tuple(
    atom("suspend"),
    list(updates.map(({ module, timeout }) => (timeout ? tuple(atom(module), timeout) : atom(module)))),
  );

const resumed = (updates: readonly Update[]): ErlangTerm =>
  tuple(atom("resume"), atoms(updates.map(({ module }) => module)));

function changing(updates: readonly Update[], direction: Direction): readonly ErlangTerm[] {
  const pairs = updates.flatMap(({ module, extra }) => (extra === null ? [] : [tuple(atom(module), extra)]));
  return pairs.length > 0 ? [tuple(atom("code_change"), atom(direction), list(pairs))] : [];
}

function moduleScript(instruction: ModuleInstruction): readonly ErlangTerm[] {
  const module = atom(instruction.module);
  const { before, behind } = "purging" in instruction ? instruction.purging : DEFAULT_PURGING;
  const purged = tuple(module, atom(before), atom(behind));
  return instruction.kind === "delete_module"
    ? [tuple(atom("remove"), purged), tuple(atom("purge"), list([module]))]
    : [tuple(atom("load"), purged)];
}
