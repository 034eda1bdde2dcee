// Passes over a term without building it: abstract code is large, and nests as deep as its expressions do.
import type { ByteReader } from "./byte-reader.ts";
import { fail, passBytes, takeNumber } from "./byte-reader.ts";

/** How long the rest of a term with a fixed size is, by its tag (ERTS user's guide, External Term Format). */
const FIXED: ReadonlyMap<number, number> = new Map([
  [97, 1], // SMALL_INTEGER_EXT
  [98, 4], // INTEGER_EXT
  [70, 8], // NEW_FLOAT_EXT
  [99, 31], // FLOAT_EXT
  [106, 0], // NIL_EXT
]);

/** Tags of atoms: their rest is a length of so many bytes, and as many as it says. */
export const ATOMS: ReadonlyMap<number, number> = new Map<number, number>([
  [100, 2], // ATOM_EXT
  [115, 1], // SMALL_ATOM_EXT
  [118, 2], // ATOM_UTF8_EXT
  [119, 1], // SMALL_ATOM_UTF8_EXT
]);

/** Tags whose rest is a length of so many bytes, more bytes, and as many as the length says. */
const SIZED: ReadonlyMap<number, readonly [length: number, more: number]> = new Map([
  [109, [4, 0]], // BINARY_EXT
  [77, [4, 1]], // BIT_BINARY_EXT
  [107, [2, 0]], // STRING_EXT
  [110, [1, 1]], // SMALL_BIG_EXT
  [111, [4, 1]], // LARGE_BIG_EXT
]);

/** Tags that a node's name follows, and so many bytes. */
const NAMED: ReadonlyMap<number, number> = new Map([
  [103, 9], // PID_EXT
  [88, 12], // NEW_PID_EXT
  [102, 5], // PORT_EXT
  [89, 8], // NEW_PORT_EXT
  [120, 12], // V4_PORT_EXT
  [101, 5], // REFERENCE_EXT
]);

/** Passes over one term. */
export function skipTerm(reader: ByteReader): void {
  for (let left = 1; left > 0 && reader.error === null; left -= 1) left += skipHead(reader);
}

/** Passes over a term but for those within it; says how many there are. */
function skipHead(reader: ByteReader): number {
  const tag = takeNumber(reader, 1);
  const fixed = FIXED.get(tag);
  if (fixed !== undefined) return skipped(reader, fixed);
  const atom = ATOMS.get(tag);
  if (atom !== undefined) return skipped(reader, takeNumber(reader, atom));
  const sized = SIZED.get(tag);
  if (sized !== undefined) return skipped(reader, takeNumber(reader, sized[0]) + sized[1]);
  const named = NAMED.get(tag);
  if (named !== undefined) {
    skipNode(reader);
    return skipped(reader, named);
  }
  switch (tag) {
    case 104: // SMALL_TUPLE_EXT
      return takeNumber(reader, 1);
    case 105: // LARGE_TUPLE_EXT
      return takeNumber(reader, 4);
    case 108: // LIST_EXT, and its tail
      return takeNumber(reader, 4) + 1;
    case 116: // MAP_EXT
      return 2 * takeNumber(reader, 4);
    case 113: // EXPORT_EXT
      return 3;
    case 112: // NEW_FUN_EXT: its size includes itself
      return skipped(reader, Math.max(takeNumber(reader, 4) - 4, 0));
    case 114: // NEW_REFERENCE_EXT
    case 90: {
      // NEWER_REFERENCE_EXT
      const words = takeNumber(reader, 2);
      skipNode(reader);
      return skipped(reader, (tag === 90 ? 4 : 1) + 4 * words);
    }
    default:
      fail(reader, `no term has the tag ${tag}`);
      return 0;
  }
}

/** The name of a node is an atom: whatever else stood there might go on for ever, one within the other. */
function skipNode(reader: ByteReader): void {
  const size = ATOMS.get(takeNumber(reader, 1));
  if (size === undefined) fail(reader, "a node without a name");
  else passBytes(reader, takeNumber(reader, size));
}

function skipped(reader: ByteReader, size: number): 0 {
  passBytes(reader, size);
  return 0;
}
