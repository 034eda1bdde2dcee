// Strings and sigils (Erlang reference manual, Data Types, String and Sigil). Sigils are known since OTP 27.
import { isInName, runEnd } from "./characters.ts";
import type { Quoted, Quotes } from "./quoted-text.ts";
import { quotedText } from "./quoted-text.ts";
import type { BadLiteral } from "./refusal.ts";
import { shortened } from "./refusal.ts";
import { tripleQuotedText } from "./triple-quoted.ts";

/** A string, or a sigil that makes one or a binary. */
export type TextLiteral =
  | { readonly kind: "string"; readonly text: string; readonly isSigil: boolean; readonly end: number }
  | { readonly kind: "binary"; readonly text: string; readonly end: number };

/** The string whose first quote stands at an offset. */
export function stringAt(text: string, offset: number): TextLiteral | BadLiteral {
  const isTriple = text.startsWith('"""', offset);
  const quotes: Quotes = { what: "a string", close: '"', isVerbatim: false };
  const read = isTriple ? tripleQuotedText(text, offset, true) : quotedText(text, offset, quotes);
  return "detail" in read ? read : apart(text, read, { kind: "string", isSigil: false, ...read });
}

/** Each sigil: what it makes, and whether it knows no escape sequences. ~ itself is ~b, or ~B before three quotes. */
const SIGILS = new Map<string, { kind: "string" | "binary"; isVerbatim: boolean }>([
  ["b", { kind: "binary", isVerbatim: false }],
  ["B", { kind: "binary", isVerbatim: true }],
  ["s", { kind: "string", isVerbatim: false }],
  ["S", { kind: "string", isVerbatim: true }],
]);

const CLOSING = new Map(["()", "[]", "{}", "<>", "//", "||", "''", '""', "``", "##"].map((it) => [it[0], it.slice(1)]));

/** The sigil whose tilde stands at an offset. */
export function sigilAt(text: string, offset: number): TextLiteral | BadLiteral {
  const open = runEnd(text, offset + 1, isInName);
  const name = text.slice(offset + 1, open);
  const isTriple = text.startsWith('"""', open);
  const sigil = SIGILS.get(name === "" ? (isTriple ? "B" : "b") : name);
  if (sigil === undefined)
    return { offset, detail: `~${shortened(name)} is no sigil; there are ~ ~b ~B ~s ~S`, end: open };
  const close = CLOSING.get(text.charAt(open));
  if (close === undefined)
    return { offset, detail: `~${name} is followed by one of ([{</|'"\`#`, end: Math.min(open + 1, text.length) };
  const { kind, isVerbatim } = sigil;
  const read = isTriple
    ? tripleQuotedText(text, open, isVerbatim)
    : quotedText(text, open, { what: "a sigil", close, isVerbatim });
  // One that has no end is missed where it begins, at its tilde.
  if ("detail" in read) return read.offset === open ? { ...read, offset } : read;
  const suffix = runEnd(text, read.end, isInName);
  if (suffix > read.end) {
    const detail = `a sigil has nothing behind it, not ${shortened(text.slice(read.end, suffix))}`;
    return { offset: read.end, detail, end: suffix };
  }
  return apart(text, read, kind === "binary" ? { kind, ...read } : { kind, isSigil: true, ...read });
}

/** Since OTP 27 a quote right behind a string is refused, so that nothing looks like a triple quote and is none. */
function apart(text: string, { end }: Quoted, read: TextLiteral): TextLiteral | BadLiteral {
  if (text.charAt(end) !== '"') return read;
  return { offset: end, detail: "two strings need white space between them", end };
}
