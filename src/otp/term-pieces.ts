// Pieces of a term in external format, for who needs a little of a large one. What is not of the asked kind is passed over.
import type { ByteReader } from "./byte-reader.ts";
import { takeNumber } from "./byte-reader.ts";
import { takeTerm } from "./external-term.ts";
import { ATOMS, skipTerm } from "./skip-term.ts";

/** The name of an atom; null for another term. */
export function takeAtom(reader: ByteReader): string | null {
  if (!ATOMS.has(reader.bytes[reader.offset] ?? 0)) return passed(reader);
  const term = takeTerm(reader);
  return "atom" in term ? term.atom : null;
}

/** How many elements of a tuple follow; null for another term. */
export function takeTupleSize(reader: ByteReader): number | null {
  const tag = reader.bytes[reader.offset];
  if (tag !== 104 && tag !== 105) return passed(reader);
  takeNumber(reader, 1);
  return takeNumber(reader, tag === 104 ? 1 : 4);
}

/** Has each element of a list taken by `take`; false for another term. */
export function takeEach(reader: ByteReader, take: () => void): boolean {
  if (reader.bytes[reader.offset] !== 108) {
    skipTerm(reader);
    return false;
  }
  takeNumber(reader, 1);
  for (let left = takeNumber(reader, 4); left > 0 && reader.error === null; left -= 1) take();
  skipTerm(reader);
  return true;
}

/** Has each value of a map taken by `take`, which is told its key if that is an atom; false for another term. */
export function takeValues(reader: ByteReader, take: (key: string | null) => void): boolean {
  if (reader.bytes[reader.offset] !== 116) {
    skipTerm(reader);
    return false;
  }
  takeNumber(reader, 1);
  for (let left = takeNumber(reader, 4); left > 0 && reader.error === null; left -= 1) take(takeAtom(reader));
  return true;
}

function passed(reader: ByteReader): null {
  skipTerm(reader);
  return null;
}
