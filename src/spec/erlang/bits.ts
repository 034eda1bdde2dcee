// The bytes that the segments of a binary make (Erlang reference manual, Expressions, Bit Syntax).
import type { PlacedTerm } from "./placed-term.ts";

/** How a number becomes bits: as UTF-8, or as so many bits in one byte order. */
export type Layout =
  | { readonly isUtf8: true }
  | { readonly isUtf8: false; readonly bits: number; readonly isLittle: boolean };

/** Bits in the order in which they were added; those that make no byte yet wait. */
export type Bits = { readonly bytes: number[]; pending: number; pendingCount: number };

export const noBits = (): Bits => ({ bytes: [], pending: 0, pendingCount: 0 });

/** Whether a number keeps its value in so many bits; Erlang would cut it. */
export const fits = (value: bigint, bits: number): boolean =>
  value < 0n ? BigInt.asIntN(bits, value) === value : BigInt.asUintN(bits, value) === value;

/** Adds a number of so many bits. In little-endian order the byte that is not whole is the last one. */
export function addInteger(bits: Bits, value: bigint, layout: { bits: number; isLittle: boolean }): void {
  const count = Math.ceil(layout.bits / 8);
  const hex = BigInt.asUintN(layout.bits, value)
    .toString(16)
    .padStart(2 * count, "0");
  for (let index = 0; index < count; index++) {
    const from = layout.isLittle ? count - 1 - index : index;
    const size = from === 0 ? layout.bits - 8 * (count - 1) : 8;
    addByte(bits, Number.parseInt(hex.slice(2 * from, 2 * from + 2), 16), size);
  }
}

function addByte(bits: Bits, value: number, size: number): void {
  const waiting = (bits.pending << size) | value;
  const count = bits.pendingCount + size;
  const rest = count % 8;
  if (count >= 8) bits.bytes.push(waiting >> rest);
  bits.pending = waiting & ((1 << rest) - 1);
  bits.pendingCount = rest;
}

/** Adds text as UTF-8. */
export function addText(bits: Bits, text: string): void {
  for (const byte of new TextEncoder().encode(text)) addByte(bits, byte, 8);
}

/** The binary of whole bytes: text where it is UTF-8 that can be written as text, else hex. */
export function binaryOf(bytes: readonly number[], offset: number): PlacedTerm {
  const text = textOf(Uint8Array.from(bytes));
  // erl_scan refuses U+FFFE and U+FFFF in text, though bytes may spell them.
  if (text !== undefined && !/[\uFFFE\uFFFF]/.test(text)) return { kind: "binary", text, offset };
  return { kind: "binary", bytes: bytes.map((it) => it.toString(16).padStart(2, "0")).join(""), offset };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
