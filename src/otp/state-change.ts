// Whether the state of a module's processes changes its form, as far as that can be seen.
import type { ModuleFacts } from "./inventory.ts";
import type { ModulePair } from "./module-changes.ts";

export type StateChange = { kind: "same" } | { kind: "unseen" } | { kind: "record"; text: string };

/** By these names states mostly go; where a module has one of them its other records say nothing about the state. */
const STATES = ["state", "data", "st", "s", "loop_data", "loopdata"];

export function stateChange({ name, from, to }: ModulePair): StateChange {
  if (from.records === null || to.records === null) return { kind: "unseen" };
  const names = stateRecords(name, from, to);
  if (names.length === 0) return { kind: "unseen" };
  const [changed] = names.filter((it) => fieldsOf(from, it) !== fieldsOf(to, it));
  if (changed === undefined) return { kind: "same" };
  return { kind: "record", text: `${changed} {${fieldsOf(from, changed)}} → {${fieldsOf(to, changed)}}` };
}

function stateRecords(module: string, from: ModuleFacts, to: ModuleFacts): readonly string[] {
  const all = [...new Set([...(from.records?.keys() ?? []), ...(to.records?.keys() ?? [])])];
  const named = all.filter((it) => STATES.includes(it) || it === module);
  return named.length > 0 ? named : all;
}

const fieldsOf = ({ records }: ModuleFacts, record: string): string => (records?.get(record) ?? []).join(", ");
