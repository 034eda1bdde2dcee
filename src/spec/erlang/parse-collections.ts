// Lists, tuples and maps (Erlang reference manual, Data Types, Tuple, Map and List). Whoever reads their elements is handed in.
import { formatTerm } from "../erlang-term.ts";
import type { Cursor } from "./cursor.ts";
import { advance, isOnMark, refusedToken, tookMark } from "./cursor.ts";
import type { PlacedTerm } from "./placed-term.ts";
import { termOfPlaced } from "./placed-term.ts";
import type { Refusal } from "./refusal.ts";
import { isRefusal, shortened } from "./refusal.ts";

/** Where collections are read from: their elements by `element`, their keys told apart by `identityOf`. */
export type Elements = {
  readonly cursor: Cursor;
  readonly element: () => PlacedTerm | Refusal;
  readonly identityOf: (term: PlacedTerm) => number;
};

export const TOO_MANY = "there are too many terms up to here";

/** The tuple whose { the cursor is on. */
export function parseTuple({ cursor, element }: Elements): PlacedTerm | Refusal {
  const { offset } = cursor.token;
  const items: PlacedTerm[] = [];
  advance(cursor);
  if (tookMark(cursor, "}")) return { kind: "tuple", items, offset };
  do {
    const item = element();
    if (isRefusal(item)) return item;
    items.push(item);
  } while (tookMark(cursor, ","));
  if (tookMark(cursor, "}")) return { kind: "tuple", items, offset };
  return refusedToken(cursor, 'a tuple goes on with "," or ends with "}"');
}

/** The list whose [ the cursor is on. A list behind a | is the rest of it. */
export function parseList({ cursor, element }: Elements): PlacedTerm | Refusal {
  const { offset } = cursor.token;
  const items: PlacedTerm[] = [];
  advance(cursor);
  if (tookMark(cursor, "]")) return { kind: "list", items, offset };
  do {
    const item = element();
    if (isRefusal(item)) return item;
    items.push(item);
  } while (tookMark(cursor, ","));
  if (tookMark(cursor, "]")) return { kind: "list", items, offset };
  if (!tookMark(cursor, "|")) return refusedToken(cursor, 'a list goes on with "," or ends with "]"');

  const tail = element();
  if (isRefusal(tail)) return tail;
  if (!isOnMark(cursor, "]")) return refusedToken(cursor, 'a list ends with "]" behind its tail');
  // A string is one term, its characters are as many.
  if (tail.kind === "string" && !cursor.mayHold(tail.text.length)) return { offset: tail.offset, detail: TOO_MANY };
  const rest = itemsOf(tail);
  if (rest === undefined) return { offset: tail.offset, detail: 'only a list may stand behind the "|" of a list' };
  advance(cursor);
  return { kind: "list", items: items.concat(rest), offset };
}

function itemsOf(tail: PlacedTerm): readonly PlacedTerm[] | undefined {
  if (tail.kind === "list") return tail.items;
  if (tail.kind !== "string") return undefined;
  const { offset } = tail;
  return Array.from(tail.text, (it) => ({ kind: "integer", value: BigInt(it.codePointAt(0) ?? 0), offset }));
}

/** The map whose # the cursor is on. */
export function parseMap(elements: Elements): PlacedTerm | Refusal {
  const { cursor } = elements;
  const { offset } = cursor.token;
  advance(cursor);
  if (!tookMark(cursor, "{")) return { offset, detail: whatIsNoMap(cursor) };
  const pairs: [PlacedTerm, PlacedTerm][] = [];
  if (tookMark(cursor, "}")) return { kind: "map", pairs, offset };
  const keys = new Set<number>();
  do {
    const pair = parsePair(elements, keys);
    if (isRefusal(pair)) return pair;
    pairs.push(pair);
  } while (tookMark(cursor, ","));
  if (tookMark(cursor, "}")) return { kind: "map", pairs, offset };
  return refusedToken(cursor, 'a map goes on with "," or ends with "}"');
}

/** What other languages, records and updates of maps have there. */
const OTHER_ARROWS = [":", "=", ":=", "->"];

function parsePair({ cursor, element, identityOf }: Elements, keys: Set<number>): [PlacedTerm, PlacedTerm] | Refusal {
  const key = element();
  if (isRefusal(key)) return key;
  const needed = "a map needs => after its key";
  const other = OTHER_ARROWS.find((it) => isOnMark(cursor, it));
  if (other !== undefined) return { offset: cursor.token.offset, detail: `${needed}, found "${other}"` };
  if (!tookMark(cursor, "=>")) return refusedToken(cursor, needed);
  const identity = identityOf(key);
  if (keys.has(identity)) {
    const name = shortened(formatTerm(termOfPlaced(key)));
    return { offset: key.offset, detail: `the key ${name} stands twice in this map` };
  }
  keys.add(identity);
  const value = element();
  return isRefusal(value) ? value : [key, value];
}

/** #Ref<0.1.2.3> and its like are printed by Erlang, and not read. */
function whatIsNoMap({ text, token }: Cursor): string {
  if (token.kind === "variable" && text.charAt(token.end) === "<")
    return `#${shortened(token.name)}<…> names what lives in one VM; it can't be written down`;
  if (token.kind === "atom") return `#${shortened(token.name)} makes a record; a spec holds values only`;
  return "# begins a map, and { follows it";
}
