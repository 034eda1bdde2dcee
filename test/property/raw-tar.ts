// Tarballs as no tool makes them: each header is written by hand, so that a name can be anything.
import { gzipSync } from "node:zlib";

export type RawEntry = {
  name: string | Buffer;
  /** The typeflag: 0 file, 1 hard link, 2 symbolic link, 5 directory, L long name (GNU), x pax. */
  type?: string;
  body?: string | Buffer;
  link?: string;
  mode?: number;
  /** Where it is to be another than the body's. */
  size?: number;
};

/** The blocks of entries, without an end. */
export const blocksOf = (entries: readonly RawEntry[]): Buffer => Buffer.concat(entries.flatMap(blocks));

export const rawTar = (entries: readonly RawEntry[]): Buffer => Buffer.concat([blocksOf(entries), Buffer.alloc(1024)]);

/** The file of it. */
export const rawTarball = (entries: readonly RawEntry[]): Buffer => gzipSync(rawTar(entries), { level: 1 });

/** What GNU tar puts before a name that is too long for a header. */
export const gnuLongName = (name: string): RawEntry => ({ name: "././@LongLink", type: "L", body: `${name}\0` });

/** What pax puts before it. */
export function paxHeader(fields: Record<string, string>): RawEntry {
  const lines = Object.entries(fields).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + 1;
    while (String(length).length + rest !== length) length = String(length).length + rest;
    return `${length} ${key}=${value}\n`;
  });
  return { name: "PaxHeader", type: "x", body: lines.join("") };
}

function blocks({ name, type = "0", body = "", link = "", mode = 0o644, size }: RawEntry): Buffer[] {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, digits: number): void => {
    header.write(`${value.toString(8).padStart(digits, "0")}\0`, at, "latin1");
  };
  Buffer.from(name).copy(header, 0, 0, 100);
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size ?? bytes.length, 124, 11);
  octal(0, 136, 11);
  header.write("        ", 148, "latin1");
  header.write(type, 156, "latin1");
  Buffer.from(link).copy(header, 157, 0, 100);
  header.write("ustar\x0000", 257, "latin1");
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  header.write(" ", 155, "latin1");
  return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}
