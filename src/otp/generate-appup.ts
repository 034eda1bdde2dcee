// The appup that a developer would write for an application whose modules differ (OTP design principles, Appup Cookbook).

import type { Instruction, ModuleInstruction } from "./instruction.ts";
import { DEFAULT_PURGING } from "./instruction.ts";
import type { ModuleChanges, ModulePair } from "./module-changes.ts";
import { canChangeCode, moduleRole } from "./module-role.ts";
import { stateChange } from "./state-change.ts";
import type { Finding, Refusal } from "./upgrade.ts";

export type Generated = {
  readonly up: readonly Instruction[];
  readonly down: readonly Instruction[];
  readonly findings: readonly Finding[];
};

/** Both ways; the way down is the mirror of the way up: what was added goes, and what went comes back. */
export function generatedAppup(
  application: string,
  changes: ModuleChanges,
): Generated | { refused: readonly Refusal[] } {
  const native = changes.changed.filter(({ from, to }) => from.isNative || to.isNative);
  if (native.length > 0) {
    const text = "loads native code, or acts when it is loaded";
    return { refused: native.map(({ name }) => ({ application, module: name, text: `${name} ${text}` })) };
  }
  const added = changes.added.map(([name]) => name);
  const there = [...added, ...changes.changed.map(({ name }) => name)];
  const places = new Map(there.map((name, index) => [name, index]));
  const isAdded = new Set(added);
  const called = new Map(
    [...changes.added, ...changes.changed.map(({ name, to }) => [name, to] as const)].map(([name, { calls }]) => [
      name,
      // As they stand here, whatever the order of its calls.
      [...new Set(calls.flatMap((it) => (it === name ? [] : (places.get(it) ?? []))))]
        .sort((a, b) => a - b)
        .flatMap((index) => there[index] ?? []),
    ]),
  );
  const needs = (name: string): readonly string[] => called.get(name) ?? [];
  const back = (name: string): readonly string[] => needs(name).filter((it) => !isAdded.has(it));
  return {
    up: [
      ...changes.added.map(([name]) => ({ kind: "add_module", module: name, needs: needs(name) }) as const),
      ...changes.changed.map((pair) => changeOf(pair, needs(pair.name))),
      // Behind all that may call it still.
      ...changes.deleted.map(([name]) => ({ kind: "delete_module", module: name, needs: [] }) as const),
    ],
    down: [
      ...changes.deleted.map(([name]) => ({ kind: "add_module", module: name, needs: [] }) as const),
      ...changes.changed.map((pair) => changeOf(pair, back(pair.name))),
      ...changes.added.map(([name]) => ({ kind: "delete_module", module: name, needs: [] }) as const),
    ],
    findings: findingsOf(application, changes),
  };
}

/** On both ways it is the newer module that changes the state: behind its load, or before it goes. */
function changeOf({ name: module, from, to }: ModulePair, needs: readonly string[]): ModuleInstruction {
  const purging = DEFAULT_PURGING;
  const role = moduleRole(to);
  // A supervisor asks init/1 of whatever is loaded, so it is asked behind the load on both ways.
  if (role === "supervisor")
    return { kind: "update", module, needs, purging, isStatic: true, timeout: null, extra: NONE, isApart: true };
  const isStateful = role === "stateful" || moduleRole(from) === "stateful";
  return isStateful && canChangeCode(to)
    ? { kind: "update", module, needs, purging, isStatic: false, timeout: null, extra: NONE, isApart: true }
    : { kind: "load_module", module, needs, purging };
}

const NONE = { list: [] };

function findingsOf(application: string, { added, deleted, changed }: ModuleChanges): readonly Finding[] {
  const states = changed.filter(
    ({ from, to }) => !canChangeCode(to) && [moduleRole(from), moduleRole(to)].includes("stateful"),
  );
  // The children of those that differ come and go with them.
  const isSupervised = changed.some(({ to }) => moduleRole(to) === "supervisor");
  const processes = (modules: ModuleChanges["added"]): readonly string[] =>
    isSupervised ? [] : modules.filter(([, it]) => moduleRole(it) !== "plain").map(([name]) => name);
  return [
    ...states.flatMap((pair) => stateFinding(application, pair)),
    ...bothWays(application, changed),
    ...processes(added).map((module) => ({
      code: "children_unseen" as const,
      application,
      module,
      text: `${module} is new, and no supervisor differs that would start a process of it`,
    })),
    ...processes(deleted).map((module) => ({
      code: "children_unseen" as const,
      application,
      module,
      text: `${module} goes, and no supervisor differs that would stop the processes that it has`,
    })),
  ];
}

/** Of two that call each other one stands still while the other changes its state, whichever is first. */
function bothWays(application: string, changed: ModuleChanges["changed"]): readonly Finding[] {
  const changing = new Map(
    changed.flatMap(({ name, to }) =>
      moduleRole(to) === "stateful" && canChangeCode(to) ? [[name, new Set(to.calls)] as const] : [],
    ),
  );
  return [...changing].flatMap(([module, calls]) =>
    [...calls]
      .filter((it) => module < it && changing.get(it)?.has(module))
      .map((it) => ({
        code: "may_wait" as const,
        application,
        module,
        text: `${module} and ${it} call each other, and both change: a code_change that does so, too, waits until it fails; rehearse it`,
      })),
  );
}

/** Of a process' module without code_change. */
export function stateFinding(application: string, pair: ModulePair): readonly Finding[] {
  const { name: module } = pair;
  const change = stateChange(pair);
  if (change.kind === "same") return [];
  const [code, text] =
    change.kind === "record"
      ? (["record_changed", `${module} has no code_change, and its record changes: ${change.text}`] as const)
      : (["state_unseen", `${module} has no code_change, and whether its state changes can't be seen`] as const);
  return [{ code, application, module, text }];
}
