// Escape sequences in strings, quoted atoms and characters (Erlang reference manual, Data Types, Escape Sequences).
import { isHexDigit, isOctalDigit, runEnd } from "./characters.ts";
import type { BadLiteral } from "./refusal.ts";
import { shortened } from "./refusal.ts";

/** A character that was written as an escape sequence. */
export type Escape = { readonly code: number; readonly end: number };

const NAMED = new Map(Object.entries({ b: 8, d: 127, e: 27, f: 12, n: 10, r: 13, s: 32, t: 9, v: 11 }));

/** The escape sequence whose backslash stands at an offset; undefined where the text ends within it. */
export function escapeAt(text: string, offset: number): Escape | BadLiteral | undefined {
  const code = text.codePointAt(offset + 1);
  if (code === undefined) return undefined;
  const letter = String.fromCodePoint(code);
  if (letter === "x") return hexEscape(text, offset);
  if (letter === "^") return controlEscape(text, offset);
  if (isOctalDigit(code)) {
    const end = Math.min(runEnd(text, offset + 1, isOctalDigit), offset + 4);
    return { code: Number.parseInt(text.slice(offset + 1, end), 8), end };
  }
  // A character without a meaning of its own stands for itself, the end of a line too.
  return { code: NAMED.get(letter) ?? code, end: offset + 1 + letter.length };
}

function hexEscape(text: string, offset: number): Escape | BadLiteral | undefined {
  const isBraced = text[offset + 2] === "{";
  const from = offset + (isBraced ? 3 : 2);
  const run = runEnd(text, from, isHexDigit);
  const last = isBraced ? run : Math.min(run, from + 2);
  if (last === text.length) return undefined;
  const end = isBraced && text[last] === "}" ? last + 1 : last;
  if (isBraced ? last === from || end === last : last !== from + 2)
    return { offset, detail: "\\x takes two hex digits, or any number of them in {}", end };
  const digits = text.slice(from, last).replace(/^0+(?=.)/, "");
  const code = digits.length > 6 ? Number.POSITIVE_INFINITY : Number.parseInt(digits, 16);
  if (isCharacter(code)) return { code, end };
  return { offset, detail: `${shortened(text.slice(offset, end))} is no character that text may have`, end };
}

/** erl_scan refuses halves of surrogate pairs and two code points that are no characters. */
const isCharacter = (code: number): boolean =>
  code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;

function controlEscape(text: string, offset: number): Escape | BadLiteral | undefined {
  const code = text.charCodeAt(offset + 2);
  if (Number.isNaN(code)) return undefined;
  if ((code >= 0x40 && code <= 0x5f) || (code >= 0x61 && code <= 0x7a)) return { code: code & 31, end: offset + 3 };
  // \^? is 31 up to OTP 25 and 127 since; others are refused since OTP 26.
  return { offset, detail: "\\^ takes a letter or one of @[\\]^_", end: offset + 2 };
}
