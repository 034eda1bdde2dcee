// Bytes from a file that nobody vouches for. What goes wrong stays wrong, and ends every loop over what is there.

/** Reads big-endian numbers and pieces of bytes, one after the other. */
export type ByteReader = {
  readonly bytes: Uint8Array;
  offset: number;
  /** What was wrong first; null while all is well. From then on every number is 0, every piece empty. */
  error: string | null;
  /** How many terms may still be taken: each byte may be one, and takes a hundred in memory. */
  spareTerms: number;
};

const MOST_TERMS = 100_000;

export const readerOf = (bytes: Uint8Array, spareTerms = MOST_TERMS): ByteReader => ({
  bytes,
  offset: 0,
  error: null,
  spareTerms,
});

/** Remembers what is wrong, unless something was before. */
export function fail(reader: ByteReader, error: string): void {
  reader.error ??= error;
}

/** Counts so many terms. */
export function countTerms(reader: ByteReader, count: number): void {
  reader.spareTerms -= count;
  if (reader.spareTerms < 0) fail(reader, "it holds too many terms");
}

/** An unsigned number of so many bytes, at most six. */
export function takeNumber(reader: ByteReader, size: number): number {
  const { bytes, offset } = reader;
  passBytes(reader, size);
  if (reader.error !== null) return 0;
  let value = 0;
  for (let index = offset; index < offset + size; index += 1) value = value * 256 + (bytes[index] ?? 0);
  return value;
}

/** The next so many bytes, not copied. */
export function takeBytes(reader: ByteReader, size: number): Uint8Array {
  const { bytes, offset } = reader;
  passBytes(reader, size);
  return reader.error === null ? bytes.subarray(offset, offset + size) : new Uint8Array();
}

/** Passes over so many bytes. */
export function passBytes(reader: ByteReader, size: number): void {
  if (size > reader.bytes.length - reader.offset) fail(reader, "it ends too early");
  if (reader.error === null) reader.offset += size;
}

/** Whether there is something left that can be read. */
export const hasMore = ({ error, offset, bytes }: ByteReader): boolean => error === null && offset < bytes.length;
