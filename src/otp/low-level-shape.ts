// How low-level instructions other than load_object_code look (sasl, appup(4)). release_handler crashes on others half-way.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { atomIn, atomsIn, listIn, tupleIn } from "./term-shape.ts";

type Shape = (terms: readonly ErlangTerm[]) => boolean;

const areModules: Shape = ([modules, ...more]) => atomsIn(modules) !== null && more.length === 0;

const isPurged: Shape = ([purged, ...more]) => {
  const [module, before, behind, ...others] = tupleIn(purged)?.map(atomIn) ?? [];
  return Boolean(module) && isMode(before) && isMode(behind) && more.length + others.length === 0;
};

const isMode = (mode: string | null | undefined): boolean => mode === "soft_purge" || mode === "brutal_purge";

const isCall = (term: ErlangTerm | undefined): boolean => {
  const [module, name, args, ...more] = tupleIn(term) ?? [];
  return atomIn(module) !== null && atomIn(name) !== null && listIn(args) !== null && more.length === 0;
};

const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ["load", isPurged],
  ["remove", isPurged],
  ["purge", areModules],
  [
    "suspend",
    ([modules, ...more]) =>
      more.length === 0 &&
      listIn(modules)?.every(
        (it) => atomIn(it) !== null || (tupleIn(it)?.length === 2 && atomIn(tupleIn(it)?.[0]) !== null),
      ) === true,
  ],
  ["resume", areModules],
  ["stop", areModules],
  ["start", areModules],
  [
    "code_change",
    (terms) => {
      const [mode, pairs] = terms.length === 1 ? ["up", terms[0]] : [atomIn(terms[0]), terms[1]];
      const areChanges = listIn(pairs)?.every((it) => tupleIn(it)?.length === 2 && atomIn(tupleIn(it)?.[0]) !== null);
      return areChanges === true && (mode === "up" || mode === "down") && terms.length <= 2;
    },
  ],
  [
    "sync_nodes",
    ([id, nodes, ...more]) => id !== undefined && (isCall(nodes) || atomsIn(nodes) !== null) && more.length === 0,
  ],
  ["apply", ([call, ...more]) => isCall(call) && more.length === 0],
]);

/** Whether a name and what follows it are such an instruction. */
export const isLowLevel = (name: string, terms: readonly ErlangTerm[]): boolean => SHAPES.get(name)?.(terms) ?? false;
