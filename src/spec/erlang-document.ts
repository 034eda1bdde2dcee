// Spec files in Erlang terms (app.config): one map, or one list of pairs. What a field takes as text may be an atom, a binary or a
// string there, as bc_gitops has it; below env every value keeps its exact type.
import type { z } from "zod";
import { appFields } from "./app-fields.ts";
import type { ParsedDocument, Path } from "./document.ts";
import { isPlainKey, MAX_DEPTH, Places, Tagged, TOO_DEEP } from "./document.ts";
import { parseErlangTerms } from "./erlang/parse-terms.ts";
import type { PlacedTerm } from "./erlang/placed-term.ts";

/** Reads one file of Erlang terms, without evaluating anything. */
export function parseErlang(file: string, text: string): ParsedDocument {
  const places = new Places(file, text);
  const parsed = parseErlangTerms(text);
  if ("errors" in parsed) {
    for (const { offset, detail } of parsed.errors) places.refuse(detail, offset);
    return { problems: places.problems };
  }
  const [term, second] = parsed.terms;
  if (term === undefined) {
    places.refuse("there is no term; a spec is one map or one list of pairs, and a dot", 0);
    return { problems: places.problems };
  }
  if (second !== undefined) places.refuse("a second term; a spec is one map or one list of pairs", second.offset);
  return places.document(fieldValue(term, [], places));
}

/** A value outside of env: text is text, whatever type it has; a list of pairs is a map. */
function fieldValue(term: PlacedTerm, path: Path, places: Places): unknown {
  places.value(path, term.offset);
  if (path.length > MAX_DEPTH) return places.refuse(TOO_DEEP, term.offset, path);
  const pairs = pairsOf(term, path);
  if (pairs !== null) return mapValue(pairs, path, places);
  switch (term.kind) {
    case "atom":
      return constantOf(term.name) ?? (term.name === "null" ? null : term.name);
    case "string":
      return term.text;
    case "list":
      return term.items.map((item, index) => fieldValue(item, [...path, index], places));
    default:
      return term.kind === "binary" && "text" in term ? term.text : exactValue(term, path, places);
  }
}

/** The pairs of what is meant as a map: of a map, of a list of nothing but pairs, of an empty list where a map belongs. */
function pairsOf(term: PlacedTerm, path: Path): readonly (readonly [PlacedTerm, PlacedTerm])[] | null {
  if (term.kind === "map") return term.pairs;
  if (term.kind !== "list") return null;
  if (term.items.length === 0) return MAP_FIELDS.has(path.join(".")) ? [] : null;
  const pairs = term.items.flatMap((item) => {
    if (item.kind !== "tuple") return [];
    const [key, value, ...more] = item.items;
    return key !== undefined && value !== undefined && more.length === 0 ? [[key, value] as const] : [];
  });
  return pairs.length === term.items.length ? pairs : null;
}

function mapValue(
  pairs: readonly (readonly [PlacedTerm, PlacedTerm])[],
  path: Path,
  places: Places,
): Record<string, unknown> {
  const map: Record<string, unknown> = Object.create(null);
  for (const [key, value] of pairs) {
    const name = nameOf(key);
    if (name === null || !isPlainKey(name)) {
      places.refuse("a key must be an atom or text", key.offset, path);
      continue;
    }
    const here = [...path, name];
    if (Object.hasOwn(map, name)) {
      places.refuse(`${JSON.stringify(name)} is there twice`, key.offset, here);
      continue;
    }
    places.key(here, key.offset);
    // What a record of bc_gitops has where nothing is said.
    if (path[0] !== "env" && value.kind === "atom" && value.name === "undefined") continue;
    map[name] = path[0] === "env" ? exactValue(value, here, places) : fieldValue(value, here, places);
  }
  return map;
}

/** A value of env, such that it becomes the very same term again. */
function exactValue(term: PlacedTerm, path: Path, places: Places): unknown {
  places.value(path, term.offset);
  if (path.length > MAX_DEPTH) return places.refuse(TOO_DEEP, term.offset, path);
  const each = (items: readonly PlacedTerm[]): unknown[] =>
    items.map((item, index) => exactValue(item, [...path, index], places));
  switch (term.kind) {
    case "atom":
      return term.name === "null" ? null : (constantOf(term.name) ?? new Tagged("atom", term.name));
    case "string":
      return new Tagged("charlist", term.text);
    case "binary":
      return "text" in term ? term.text : new Tagged("bytes", term.bytes);
    case "integer": {
      places.numeral(path, String(term.value));
      const isExact = term.value >= BigInt(Number.MIN_SAFE_INTEGER) && term.value <= BigInt(Number.MAX_SAFE_INTEGER);
      return isExact ? Number(term.value) : term.value;
    }
    case "float":
      places.numeral(path, places.written(term.offset, FLOAT));
      return Number.isInteger(term.value) ? new Tagged("float", term.value) : term.value;
    case "list":
      return each(term.items);
    case "tuple":
      return new Tagged("tuple", each(term.items));
    case "map":
      return exactMap(term.pairs, path, places);
  }
}

/** A map of atoms is one that an overlay can be laid over; any other is kept whole. */
function exactMap(pairs: readonly (readonly [PlacedTerm, PlacedTerm])[], path: Path, places: Places): unknown {
  if (pairs.every(([key]) => key.kind === "atom" && isPlainKey(key.name))) return mapValue(pairs, path, places);
  const terms = pairs.map(([key, value], index) => [
    exactValue(key, [...path, index, 0], places),
    exactValue(value, [...path, index, 1], places),
  ]);
  return new Tagged("map", terms);
}

/** A float as it is written; an integer has one form in decimal. */
const FLOAT = /[-+]?\s*[0-9_]+\.[0-9_]+([eE][-+]?[0-9]+)?/y;

const constantOf = (name: string): boolean | undefined =>
  name === "true" ? true : name === "false" ? false : undefined;

function nameOf(term: PlacedTerm): string | null {
  if (term.kind === "atom") return term.name;
  if (term.kind === "string") return term.text;
  return term.kind === "binary" && "text" in term ? term.text : null;
}

/** Fields that hold a map: an empty list there is an empty map. */
const MAP_FIELDS: ReadonlySet<string> = new Set(mapFields(appFields, []));

function mapFields(schema: z.ZodType, path: readonly string[]): string[] {
  const { type, innerType } = schema.def as { type: string; innerType?: z.ZodType };
  if (innerType !== undefined) return mapFields(innerType, path);
  if (type === "record") return [path.join(".")];
  if (type !== "object") return [];
  const { shape } = schema as z.ZodObject;
  return [path.join("."), ...Object.entries(shape).flatMap(([key, it]) => mapFields(it as z.ZodType, [...path, key]))];
}
