// The chunks of a .beam file, an IFF form (stdlib, beam_lib(3)), and the tables of atoms, imports and exports within.
import type { ByteReader } from "./byte-reader.ts";
import { fail, hasMore, readerOf, takeBytes, takeNumber } from "./byte-reader.ts";
import { utf8 } from "./external-term.ts";
import { gunzipped, LARGEST_MODULE } from "./inflated.ts";
import type { ReadingBudget } from "./reading-budget.ts";
import { spend } from "./reading-budget.ts";

/** What lies in each chunk, by its name; of two with one name the first counts, as in beam_lib. */
export type Chunks = ReadonlyMap<string, Uint8Array>;

const FORM = 0x464f5231; // FOR1
const BEAM = 0x4245414d;
const MOST_CHUNKS = 1_000;
/** Of atoms, and of what else is in a table: no VM has more (its option +t). */
const MOST_ROWS = 1_048_576;
/** Bytes: no VM takes more than 255 characters. */
const LONGEST_ATOM = 10_000;

/** Takes a whole file apart. beam_lib:strip/1 and the compiler's option compressed leave it gzipped. */
export function chunksOf(file: Uint8Array, budget: ReadingBudget): Chunks | { error: string } {
  const bytes = isForm(file) ? file : (gunzipped(file) ?? new Uint8Array());
  if (bytes.length > LARGEST_MODULE) return { error: `it has ${bytes.length} bytes, more than ${LARGEST_MODULE}` };
  if (!spend(budget, "inflatedBytes", bytes.length)) return { error: budget.over ?? "" };
  const reader = readerOf(bytes);
  const isBeam = takeNumber(reader, 4) === FORM;
  const size = takeNumber(reader, 4);
  if (!isBeam || takeNumber(reader, 4) !== BEAM) return { error: "it is no BEAM file" };
  if (size + 8 > reader.bytes.length) return { error: "it ends too early" };
  const within = readerOf(reader.bytes.subarray(12, size + 8));
  const chunks = new Map<string, Uint8Array>();
  for (let count = 1; hasMore(within); count += 1) {
    if (count > MOST_CHUNKS) fail(within, `it has more than ${MOST_CHUNKS} chunks`);
    const name = String.fromCharCode(...takeBytes(within, 4));
    const chunk = takeBytes(within, takeNumber(within, 4));
    // The last one may lack its padding.
    within.offset = Math.min(Math.ceil(within.offset / 4) * 4, within.bytes.length);
    if (within.error === null && !chunks.has(name)) chunks.set(name, chunk);
  }
  return within.error === null ? chunks : { error: within.error };
}

const isForm = (file: Uint8Array): boolean => takeNumber(readerOf(file), 4) === FORM;

/** All atoms of a module, the first of which is its name. */
export function atomsOf(chunks: Chunks): readonly string[] | { error: string } {
  const [utf8Chunk, latin1Chunk] = [chunks.get("AtU8"), chunks.get("Atom")];
  const reader = readerOf(utf8Chunk ?? latin1Chunk ?? new Uint8Array());
  // Since OTP 28 a count below zero says that the lengths are written as the loader writes numbers: an atom of 255
  // characters may have more bytes than that.
  const count = takeNumber(reader, 4) | 0;
  if (Math.abs(count) > MOST_ROWS) fail(reader, `they are more than ${MOST_ROWS}`);
  const atoms: string[] = [];
  while (atoms.length < Math.abs(count) && reader.error === null) {
    const bytes = takeBytes(reader, count < 0 ? takeTagged(reader) : takeNumber(reader, 1));
    const atom = bytes.length > LONGEST_ATOM ? null : utf8Chunk ? utf8(bytes) : String.fromCharCode(...bytes);
    if (atom === null) fail(reader, "an atom that is no text");
    else atoms.push(atom);
  }
  if (atoms.length === 0) fail(reader, "it names no module");
  return reader.error === null ? atoms : { error: `its atoms: ${reader.error}` };
}

/** An unsigned number as beam_asm encodes it: 4 bits beside its tag, or 3 and a byte, or in two bytes and more. */
function takeTagged(reader: ByteReader): number {
  const first = takeNumber(reader, 1);
  if ((first & 0b1000) === 0) return first >> 4;
  if ((first & 0b10000) === 0) return ((first >> 5) << 8) | takeNumber(reader, 1);
  const size = (first >> 5) + 2;
  if (size <= 4) return takeNumber(reader, size);
  fail(reader, "a length of more than four bytes");
  return 0;
}

/** Rows of three numbers, as the chunks ImpT and ExpT have them. */
export function rowsOf(chunk: Uint8Array): readonly (readonly [number, number, number])[] | { error: string } {
  const reader = readerOf(chunk);
  const count = takeNumber(reader, 4);
  if (count > MOST_ROWS) fail(reader, `they are more than ${MOST_ROWS}`);
  const rows: [number, number, number][] = [];
  while (rows.length < count && reader.error === null)
    rows.push([takeNumber(reader, 4), takeNumber(reader, 4), takeNumber(reader, 4)]);
  return reader.error === null ? rows : { error: reader.error };
}
