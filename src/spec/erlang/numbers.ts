// Integers and floats without their sign (Erlang reference manual, Data Types, Number): 1_000, 16#ff, 1.0e-5.
import { isDigit, isInName, runEnd } from "./characters.ts";
import type { BadLiteral } from "./refusal.ts";
import { shortened } from "./refusal.ts";

export type Numeral = { readonly end: number } & (
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
);

const MAX_DIGITS = 1_000;
const BEYOND = 10n ** BigInt(MAX_DIGITS);
const TOO_LONG = "an integer may have 1,000 digits at most";

/** The number whose first digit stands at an offset. */
export function numberAt(text: string, offset: number): Numeral | BadLiteral {
  const number = unsigned(text, offset);
  const behind = runEnd(text, number.end, isInName);
  if ("detail" in number) return { ...number, end: behind };
  // Erlang reads 1e5 as 1 and e5, and then has no use for the second.
  if (behind > number.end)
    return { offset, detail: `${shortened(text.slice(offset, behind))} is neither a number nor a name`, end: behind };
  return number;
}

function unsigned(text: string, offset: number): Numeral | BadLiteral {
  const end = digitsEnd(text, offset, isDigit);
  const next = text.charAt(end);
  if (next === "#") return based(text, offset, end);
  if (next !== "." || !isDigit(text.charCodeAt(end + 1))) return integer(text, { offset, from: offset, end, base: 10 });

  let last = digitsEnd(text, end + 1, isDigit);
  if (/[eE]/.test(text.charAt(last))) {
    const digits = last + (/[-+]/.test(text.charAt(last + 1)) ? 2 : 1);
    last = isDigit(text.charCodeAt(digits)) ? digitsEnd(text, digits, isDigit) : digits;
    if (last === digits) return { offset, detail: "a float has digits behind its e", end: last };
  }
  const value = Number(text.slice(offset, last).replaceAll("_", ""));
  if (Number.isFinite(value)) return { kind: "float", value, end: last };
  return { offset, detail: `${shortened(text.slice(offset, last))} is too large for a float`, end: last };
}

function based(text: string, offset: number, hash: number): Numeral | BadLiteral {
  const written = text.slice(offset, hash).replaceAll("_", "");
  const base = Number(written);
  if (base < 2 || base > 36)
    return { offset, detail: `${shortened(written)} is no base; a base is 2 to 36`, end: hash + 1 };
  const end = digitsEnd(text, hash + 1, (code) => Number.parseInt(String.fromCharCode(code), base) >= 0);
  if (end > hash + 1) return integer(text, { offset, from: hash + 1, end, base });
  return { offset, detail: `${base}# is followed by digits of base ${base}`, end };
}

type Digits = { offset: number; from: number; end: number; base: number };

function integer(text: string, { offset, from, end, base }: Digits): Numeral | BadLiteral {
  const digits = text.slice(from, end).replaceAll("_", "");
  // Counted before it is read: what that costs grows faster than the number of digits.
  const value = digits.length > MAX_DIGITS ? BEYOND : integerOf(digits, base);
  return value < BEYOND ? { kind: "integer", value, end } : { offset, detail: TOO_LONG, end };
}

function integerOf(digits: string, base: number): bigint {
  if (base === 10) return BigInt(digits);
  // Ten digits of any base fit a number.
  let value = 0n;
  for (let start = 0; start < digits.length; start += 10) {
    const chunk = digits.slice(start, start + 10);
    value = value * BigInt(base) ** BigInt(chunk.length) + BigInt(Number.parseInt(chunk, base));
  }
  return value;
}

/** Digits may have one underscore between each two. */
function digitsEnd(text: string, from: number, isOne: (code: number) => boolean): number {
  let end = runEnd(text, from, isOne);
  while (end > from && text.charAt(end) === "_" && isOne(text.charCodeAt(end + 1))) end = runEnd(text, end + 1, isOne);
  return end;
}
