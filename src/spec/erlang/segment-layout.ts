// Size and types of a segment: :16/little-unsigned (Erlang reference manual, Expressions, Bit Syntax).
import type { Layout } from "./bits.ts";
import type { Cursor } from "./cursor.ts";
import { advance, refusedToken, tookMark } from "./cursor.ts";
import type { Refusal } from "./refusal.ts";
import { isRefusal } from "./refusal.ts";

const TYPES = new Map(
  Object.entries({ integer: "type", utf8: "type", big: "order", little: "order", signed: "sign", unsigned: "sign" }),
);
// Larger than any binary that may be read; only what is smaller is a number here.
const MANY_BITS = 100_000_000n;

/** What follows the value of a segment. Eight bits where nothing does. */
export function parseLayout(cursor: Cursor): Layout | Refusal {
  const { offset } = cursor.token;
  const size = tookMark(cursor, ":") ? parseCount(cursor, "a size") : undefined;
  if (size !== undefined && isRefusal(size)) return size;
  const typed = tookMark(cursor, "/") ? parseTypes(cursor) : { types: new Map<string, string>(), unit: undefined };
  if (isRefusal(typed)) return typed;
  const { types, unit } = typed;
  if (types.get("type") === "utf8") {
    if (size === undefined && unit === undefined && types.size === 1) return { isUtf8: true };
    return { offset, detail: "utf8 has no size and no other type beside it" };
  }
  if (size === undefined && unit !== undefined) return { offset, detail: "a unit needs a size before it" };
  const bits = size === undefined ? 8 : size.count * (unit ?? 1);
  return { isUtf8: false, bits, isLittle: types.get("order") === "little" };
}

function parseCount(cursor: Cursor, what: string): { count: number } | Refusal {
  const { token, text } = cursor;
  // $a is an integer too, but none that anybody means.
  if (token.kind !== "integer" || text[token.offset] === "$") return refusedToken(cursor, `${what} is an integer`);
  advance(cursor);
  return { count: Number(token.value < MANY_BITS ? token.value : MANY_BITS) };
}

function parseTypes(cursor: Cursor): { types: Map<string, string>; unit: number | undefined } | Refusal {
  const types = new Map<string, string>();
  let unit: number | undefined;
  do {
    const { token } = cursor;
    const { offset } = token;
    if (token.kind !== "atom") return refusedToken(cursor, "the type of a segment must stand here");
    advance(cursor);
    if (token.name === "unit") {
      const read = tookMark(cursor, ":") ? parseCount(cursor, "a unit") : refusedToken(cursor, "unit is followed by :");
      if (isRefusal(read)) return read;
      if (read.count < 1 || read.count > 256 || unit !== undefined)
        return { offset, detail: "a unit is 1 to 256, once" };
      unit = read.count;
      continue;
    }
    const group = TYPES.get(token.name);
    if (group === undefined)
      return { offset, detail: `the type of a segment is one of ${[...TYPES.keys()].join(", ")}, unit` };
    if (types.has(group))
      return { offset, detail: `a segment has one ${group}, not ${types.get(group)} and ${token.name}` };
    types.set(group, token.name);
  } while (tookMark(cursor, "-"));
  return { types, unit };
}
