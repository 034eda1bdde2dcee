// Terms as term_to_binary/1 writes them (ERTS user's guide, External Term Format).
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { ByteReader } from "./byte-reader.ts";
import { countTerms, fail, readerOf, takeBytes, takeNumber } from "./byte-reader.ts";
import { inflated } from "./inflated.ts";

const MAX_DEPTH = 64;
/** Of a term that is read as a whole: a module's attributes have some hundred bytes. */
const MAX_BYTES = 1024 ** 2;
/** An integer of some 1,000 digits, as in files of terms. */
const MAX_INTEGER_BYTES = 416;

/** A term in external format, or why it is none that can be written down: funs, pids, improper lists and bit strings can't. */
export function readExternalTerm(bytes: Uint8Array): { term: ErlangTerm } | { error: string } {
  const reader = externalReader(bytes, MAX_BYTES);
  const term = takeTerm(reader);
  if (reader.error === null && reader.offset < reader.bytes.length) fail(reader, "something follows the term");
  return reader.error === null ? { term } : { error: reader.error };
}

/** A reader that stands on the term within: behind the version and whatever compresses it. `most`: bytes, unpacked. */
export function externalReader(bytes: Uint8Array, most: number, spareTerms?: number): ByteReader {
  const reader = readerOf(bytes, spareTerms);
  if (bytes.length > most) fail(reader, `it has more than ${most} bytes`);
  if (takeNumber(reader, 1) !== 131) fail(reader, "it is no external term");
  if (reader.bytes[reader.offset] !== 80) return reader;
  takeNumber(reader, 1);
  const size = takeNumber(reader, 4);
  if (size > most) fail(reader, `it unpacks to ${size} bytes, more than ${most}`);
  const within = reader.error === null ? inflated(reader.bytes.subarray(reader.offset), size) : null;
  if (within?.length === size) return readerOf(within, spareTerms);
  fail(reader, "its compressed term can't be read");
  return reader;
}

const NOTHING: ErlangTerm = { list: [] };

/** The term that the reader stands on; anything where the reader fails. */
export function takeTerm(reader: ByteReader, depth = 0): ErlangTerm {
  if (depth > MAX_DEPTH) fail(reader, `nested deeper than ${MAX_DEPTH} levels`);
  countTerms(reader, 1);
  const tag = takeNumber(reader, 1);
  switch (tag) {
    case 97:
      return { integer: String(takeNumber(reader, 1)) };
    case 98:
      return { integer: String(takeNumber(reader, 4) | 0) };
    case 70:
      return { float: takeFloat(reader) };
    case 99:
      return { float: Number.parseFloat(latin1(takeBytes(reader, 31))) };
    case 100:
    case 115:
      return { atom: latin1(takeBytes(reader, takeNumber(reader, tag === 100 ? 2 : 1))) };
    case 118:
    case 119:
      return { atom: takeUtf8(reader, takeNumber(reader, tag === 118 ? 2 : 1)) };
    case 104:
    case 105:
      return { tuple: takeTerms(reader, takeNumber(reader, tag === 104 ? 1 : 4), depth) };
    case 106:
      return { list: [] };
    case 107:
      return { charlist: latin1(takeBytes(reader, takeNumber(reader, 2))) };
    case 108:
      return takeList(reader, depth);
    case 109:
      return binaryTerm(takeBytes(reader, takeNumber(reader, 4)));
    case 110:
    case 111:
      return takeBig(reader, takeNumber(reader, tag === 110 ? 1 : 4));
    case 116:
      return takeMap(reader, takeNumber(reader, 4), depth);
    default:
      fail(reader, `the tag ${tag} is of no term that can be written down`);
      return NOTHING;
  }
}

function takeTerms(reader: ByteReader, count: number, depth: number): ErlangTerm[] {
  const terms: ErlangTerm[] = [];
  while (terms.length < count && reader.error === null) terms.push(takeTerm(reader, depth + 1));
  return terms;
}

function takeList(reader: ByteReader, depth: number): ErlangTerm {
  const list = takeTerms(reader, takeNumber(reader, 4), depth);
  const tail = takeTerm(reader, depth + 1);
  if ("list" in tail) return { list: list.concat(tail.list) };
  if ("charlist" in tail) {
    countTerms(reader, tail.charlist.length);
    const characters = reader.error === null ? Array.from(tail.charlist) : [];
    return { list: list.concat(characters.map((it) => ({ integer: String(it.charCodeAt(0)) }))) };
  }
  fail(reader, "an improper list");
  return NOTHING;
}

function takeMap(reader: ByteReader, count: number, depth: number): ErlangTerm {
  const map: (readonly [ErlangTerm, ErlangTerm])[] = [];
  while (map.length < count && reader.error === null)
    map.push([takeTerm(reader, depth + 1), takeTerm(reader, depth + 1)]);
  return { map };
}

function takeFloat(reader: ByteReader): number {
  const bytes = takeBytes(reader, 8);
  if (bytes.length < 8) return 0;
  const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0);
  if (!Number.isFinite(value)) fail(reader, "a float that is no number");
  return value;
}

/** The sign stands before the digits, of which the first is the least. */
function takeBig(reader: ByteReader, size: number): ErlangTerm {
  if (size > MAX_INTEGER_BYTES) fail(reader, "an integer of more than 1,000 digits");
  const isNegative = takeNumber(reader, 1) !== 0;
  let value = 0n;
  for (const byte of takeBytes(reader, size).slice().reverse()) value = value * 256n + BigInt(byte);
  return { integer: String(isNegative ? -value : value) };
}

const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (it) => String.fromCharCode(it)).join("");

function takeUtf8(reader: ByteReader, size: number): string {
  const text = utf8(takeBytes(reader, size));
  if (text === null) fail(reader, "an atom that is no text");
  return text ?? "";
}

/** The text of UTF-8; null for other bytes. */
export function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** As src/spec reads it from a file: erl_scan refuses U+FFFE and U+FFFF in text. */
function binaryTerm(bytes: Uint8Array): ErlangTerm {
  const text = utf8(bytes);
  if (text !== null && !/[\uFFFE\uFFFF]/.test(text)) return { binary: text };
  return { bytes: Array.from(bytes, (it) => it.toString(16).padStart(2, "0")).join("") };
}
