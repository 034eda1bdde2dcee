// Reading a release tarball, which may have been made to hurt whoever reads it: within limits, whatever it says of itself.
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { Extract, Header } from "tar-stream";
import { extract } from "tar-stream";
import { pathOf, shownName } from "./entry-path.ts";
import { grouped } from "./release-tree.ts";

/** Each is far more than any release has that is known; what a host does with one takes time in proportion. */
export const LIMITS = {
  /** Files, links and directories. */
  entries: 50_000,
  /** A process each on a host. */
  links: 2_000,
  /** Unpacked, headers and padding among it. */
  bytes: 4 * 1024 ** 3,
  /** What stands before an entry, and says more of it; or behind the last one. */
  betweenBytes: 16 * 1024 ** 2,
};

export type TarEntry = {
  path: string;
  kind: "file" | "link" | "directory";
  /** A link's. */
  target: string;
  isExecutable: boolean;
  modifiedAt: Date;
  sizeBytes: number;
  /** To be read to its end before the visit ends, or not at all. */
  body: AsyncIterable<Buffer>;
};

/** Visits each entry of a .tar.gz; throws a sentence for what must not be unpacked on a host. */
export async function readTarball(
  file: string,
  visit: (entry: TarEntry) => Promise<void>,
  limits = LIMITS,
): Promise<void> {
  const untar = extract();
  const fed = { bytes: 0, accounted: 0, tooMuch: undefined as Error | undefined };
  const within = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      fed.bytes += chunk.length;
      if (fed.bytes > limits.bytes) fed.tooMuch = tooManyBytes(fed.bytes, limits.bytes);
      if (fed.bytes - fed.accounted > limits.betweenBytes)
        fed.tooMuch = new Error(`it has ${grouped(fed.bytes - fed.accounted)} bytes in a row that are no file of it`);
      if (fed.tooMuch !== undefined) throw fed.tooMuch;
      yield chunk;
    }
  };
  const [feeding, reading] = await Promise.allSettled([
    pipeline(createReadStream(file), createGunzip(), within, untar),
    visitEach(untar, visit, { limits, fed }),
  ]);
  // Each end breaks the other: what zlib says is a cause, and so is what an entry says; the rest follows from them.
  if (fed.tooMuch !== undefined) throw fed.tooMuch;
  if (feeding.status === "rejected" && String(feeding.reason.code).startsWith("Z_")) throw feeding.reason;
  if (reading.status === "rejected") throw reading.reason;
  if (feeding.status === "rejected") throw feeding.reason;
}

async function visitEach(
  untar: Extract,
  visit: (entry: TarEntry) => Promise<void>,
  { limits, fed }: { limits: typeof LIMITS; fed: { bytes: number; accounted: number } },
): Promise<void> {
  let count = 0;
  let links = 0;
  for await (const stream of untar) {
    const { header } = stream;
    const kind = kindOf(header);
    count += 1;
    if (kind === "link") links += 1;
    // A directory has no contents, whatever its header says.
    const sizeBytes = kind === "directory" ? 0 : (header.size ?? 0);
    fed.accounted = fed.bytes + sizeBytes;
    if (fed.accounted > limits.bytes) throw tooManyBytes(fed.accounted, limits.bytes);
    // Counted to its end, or as far as is of interest, so that it can be said how many there are.
    if (count > limits.entries * 10) break;
    if (count > limits.entries || links > limits.links) {
      if (kind !== "directory") stream.resume();
      continue;
    }
    await visit({
      path: pathOf(header.name),
      kind,
      target: header.linkname ?? "",
      isExecutable: ((header.mode ?? 0) & 0o100) !== 0,
      modifiedAt: header.mtime ?? new Date(0),
      sizeBytes,
      body: stream as AsyncIterable<Buffer>,
    });
    if (kind !== "directory") stream.resume();
  }
  const more = count > limits.entries * 10 ? "more than " : "";
  const found = more === "" ? count : limits.entries * 10;
  if (count > limits.entries)
    throw new Error(`it holds ${more}${grouped(found)} entries; a release may have ${grouped(limits.entries)}`);
  if (links > limits.links)
    throw new Error(`it holds ${grouped(links)} links; a release may have ${grouped(limits.links)}`);
}

const tooManyBytes = (found: number, most: number): Error =>
  new Error(`it unpacks to ${grouped(found)} bytes or more; a release may have ${grouped(most)}`);

function kindOf({ name, type }: Header): TarEntry["kind"] {
  switch (type) {
    case "symlink":
      return "link";
    case "directory":
      return "directory";
    case "file":
    case "contiguous-file":
      return "file";
    default: {
      const what = type === "link" ? "hard link" : (type ?? "thing of no known type");
      throw new Error(`${shownName(name)} is a ${what}; releases hold files, directories and symbolic links`);
    }
  }
}
