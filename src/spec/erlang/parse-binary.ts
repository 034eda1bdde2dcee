// Binaries of segments, such as <<"abc", 1:16/little>> (Erlang reference manual, Expressions, Bit Syntax).
import type { Bits, Layout } from "./bits.ts";
import { addInteger, addText, binaryOf, fits, noBits } from "./bits.ts";
import type { Cursor } from "./cursor.ts";
import { advance, isOnMark, refusedToken, takeStrings, tookMark } from "./cursor.ts";
import type { PlacedTerm } from "./placed-term.ts";
import type { Refusal } from "./refusal.ts";
import { codePoint, isRefusal, shortened } from "./refusal.ts";
import { parseLayout } from "./segment-layout.ts";

/** The binary whose << the cursor is on. */
export function parseBinary(cursor: Cursor): PlacedTerm | Refusal {
  const { offset } = cursor.token;
  const bits = noBits();
  advance(cursor);
  while (!tookMark(cursor, ">>")) {
    const refused = addSegment(cursor, bits);
    if (refused !== undefined) return refused;
    if (tookMark(cursor, ",")) {
      if (isOnMark(cursor, ">>")) return refusedToken(cursor, "a segment of a binary must stand here");
    } else if (!isOnMark(cursor, ">>")) return refusedToken(cursor, 'a binary goes on with "," or ends with ">>"');
  }
  if (bits.pendingCount === 0) return binaryOf(bits.bytes, offset);
  return {
    offset,
    detail: `a binary is made of whole bytes; this one has ${8 * bits.bytes.length + bits.pendingCount} bits`,
  };
}

/** A number, or a text whose characters are numbers. */
type Segment = { readonly offset: number } & ({ readonly value: bigint } | { readonly text: string });

function addSegment(cursor: Cursor, bits: Bits): Refusal | undefined {
  const segment = parseSegment(cursor);
  if (isRefusal(segment)) return segment;
  const layout = parseLayout(cursor);
  if (isRefusal(layout)) return layout;
  return layout.isUtf8 ? addCharacters(bits, segment) : addNumbers(cursor, bits, { segment, layout });
}

function parseSegment(cursor: Cursor): Segment | Refusal {
  const { offset, kind } = cursor.token;
  if (kind === "string" && !cursor.token.isSigil) return { offset, text: takeStrings(cursor) };
  const isNegative = isOnMark(cursor, "-");
  if (isNegative || isOnMark(cursor, "+")) advance(cursor);
  const { token } = cursor;
  if (token.kind !== "integer") return refusedToken(cursor, "a binary is made of integers and strings");
  advance(cursor);
  return { offset, value: isNegative ? -token.value : token.value };
}

function addCharacters(bits: Bits, segment: Segment): Refusal | undefined {
  const text = "text" in segment ? segment.text : characterOf(segment.value);
  if (text !== undefined) addText(bits, text);
  else if ("value" in segment)
    return { offset: segment.offset, detail: `${shortened(String(segment.value))} is no character` };
  return undefined;
}

/** Halves of surrogate pairs are no characters. */
const characterOf = (code: bigint): string | undefined =>
  code < 0n || code > 0x10ffffn || (code >= 0xd800n && code <= 0xdfffn)
    ? undefined
    : String.fromCodePoint(Number(code));

type Sized = { segment: Segment; layout: Layout & { isUtf8: false } };

function addNumbers(cursor: Cursor, bits: Bits, { segment, layout }: Sized): Refusal | undefined {
  const { offset } = segment;
  const written = "text" in segment ? Array.from(segment.text) : [segment.value];
  const needed = written.length * layout.bits;
  if (needed > cursor.spareBits) return { offset, detail: "the binaries of a text may have 1,000,000 bytes at most" };
  cursor.spareBits -= needed;
  for (const each of written) {
    const value = typeof each === "bigint" ? each : BigInt(each.codePointAt(0) ?? 0);
    const tooLarge = `takes more than ${layout.bits} bits`;
    if (fits(value, layout.bits)) addInteger(bits, value, layout);
    else if (typeof each === "bigint") return { offset, detail: `${shortened(String(value))} ${tooLarge}` };
    else return { offset, detail: `${codePoint(each)} ${tooLarge}; add /utf8 to the string` };
  }
  return undefined;
}
