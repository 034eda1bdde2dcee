// The tokens of Erlang terms, as erl_scan has them (stdlib, erl_scan(3); Erlang reference manual, Data Types).
import { RESERVED } from "../erlang-term.ts";
import { isDigit, isInName, isLowerCase, isUpperCase, isWhiteSpace, runEnd } from "./characters.ts";
import { escapeAt } from "./escapes.ts";
import type { Numeral } from "./numbers.ts";
import { numberAt } from "./numbers.ts";
import { quotedText } from "./quoted-text.ts";
import type { BadLiteral } from "./refusal.ts";
import { codePoint } from "./refusal.ts";
import type { TextLiteral } from "./strings.ts";
import { sigilAt, stringAt } from "./strings.ts";

/** A token, where it begins, and where the next one may. */
export type Token = { readonly offset: number; readonly end: number } & (
  | { readonly kind: "atom"; readonly name: string }
  | { readonly kind: "reserved"; readonly name: string }
  | { readonly kind: "variable"; readonly name: string }
  /** A character is an integer: $a is 97. */
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  /** Joined with the strings that follow it, unless it is a sigil. */
  | { readonly kind: "string"; readonly text: string; readonly isSigil: boolean }
  /** A sigil that makes a binary. */
  | { readonly kind: "binary"; readonly text: string }
  /** Anything that is made of punctuation. */
  | { readonly kind: "mark"; readonly mark: string }
  /** The dot that ends a term. */
  | { readonly kind: "dot" }
  | { readonly kind: "end" }
  | { readonly kind: "bad"; readonly detail: string }
);

/** The first token from an offset on, behind white space and comments. Behind all of them is the end, again and again. */
export function tokenAt(text: string, from: number): Token {
  const offset = blankEnd(text, from);
  if (offset >= text.length) return { kind: "end", offset: text.length, end: text.length };
  const code = text.charCodeAt(offset);
  if (isDigit(code)) return literalToken(offset, numberAt(text, offset));
  if (isLowerCase(code)) return nameToken(text, offset);
  if (isUpperCase(code) || code === 0x5f) {
    const end = runEnd(text, offset, isInName);
    return { kind: "variable", name: text.slice(offset, end), offset, end };
  }
  switch (text.charAt(offset)) {
    case '"':
      return literalToken(offset, stringAt(text, offset));
    case "~":
      return literalToken(offset, sigilAt(text, offset));
    case "'":
      return quotedAtom(text, offset);
    case "$":
      return literalToken(offset, characterAt(text, offset));
    default:
      return markAt(text, offset);
  }
}

/** A bad literal is found where it is bad, which may be within it. */
const literalToken = (offset: number, read: Numeral | TextLiteral | BadLiteral): Token =>
  "detail" in read ? { kind: "bad", ...read } : { offset, ...read };

function blankEnd(text: string, from: number): number {
  let end = runEnd(text, from, isWhiteSpace);
  while (text.charAt(end) === "%") {
    const line = text.indexOf("\n", end);
    end = line < 0 ? text.length : runEnd(text, line, isWhiteSpace);
  }
  return end;
}

const MAX_ATOM = 255;

function nameToken(text: string, offset: number): Token {
  const end = runEnd(text, offset, isInName);
  const name = text.slice(offset, end);
  return RESERVED.has(name) ? { kind: "reserved", name, offset, end } : atomToken(name, offset, end);
}

function quotedAtom(text: string, offset: number): Token {
  const read = quotedText(text, offset, { what: "an atom", close: "'", isVerbatim: false });
  return "detail" in read ? { kind: "bad", ...read } : atomToken(read.text, offset, read.end);
}

function atomToken(name: string, offset: number, end: number): Token {
  // Cut first: an atom that goes on to the end of a large file need not be counted.
  if ([...name.slice(0, 2 * MAX_ATOM + 1)].length <= MAX_ATOM) return { kind: "atom", name, offset, end };
  return { kind: "bad", detail: `an atom may have ${MAX_ATOM} characters at most`, offset, end };
}

function characterAt(text: string, offset: number): Numeral | BadLiteral {
  const code = text.codePointAt(offset + 1);
  const plain = { code: code ?? 0, end: offset + 1 + String.fromCodePoint(code ?? 0).length };
  const read = text.charAt(offset + 1) === "\\" ? escapeAt(text, offset + 1) : plain;
  if (code === undefined || read === undefined)
    return { offset, detail: "$ is followed by a character", end: text.length };
  return "detail" in read ? read : { kind: "integer", value: BigInt(read.code), end: read.end };
}

const LONG_MARKS = new Set("=:= =/= ... << >> => := || -> <- <= =< >= == /= ++ -- :: .. ?=".split(" "));

function markAt(text: string, offset: number): Token {
  const next = text.charCodeAt(offset + 1);
  const isDot = text.charAt(offset) === "." && (Number.isNaN(next) || isWhiteSpace(next) || next === 0x25);
  if (isDot) return { kind: "dot", offset, end: offset + 1 };
  // The longest, as in erl_scan: -- is never two signs.
  const long = [text.slice(offset, offset + 3), text.slice(offset, offset + 2)].find((it) => LONG_MARKS.has(it));
  const mark = long ?? String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const end = offset + mark.length;
  if (/^[!-~]/.test(mark)) return { kind: "mark", mark, offset, end };
  return { kind: "bad", detail: `${codePoint(mark)} may stand in quotes or comments only`, offset, end };
}
