// What a host lacks of a release, as one file to send. It is always written anew: the host's tar, which runs before anything could be
// verified there, sees regular files under plain names, and no byte of a header that a tarball came with.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { atMost } from "./at-most.ts";
import type { DiskRoom } from "./disk-room.ts";
import type { FetchedRelease } from "./fetch.ts";
import { manifestText } from "./manifest.ts";
import { END_OF_TAR, padding, tarHeader } from "./tar-file.ts";
import { readTarball } from "./tarball.ts";

export type Bundle = { file: string; sha256: string; sizeBytes: number };

/** Packed at once: each has a processor busy. */
const AT_ONCE = 4;

/** The releases of a run and their bundles; hosts that lack the same share one. */
export class Bundles {
  private readonly releases: ReadonlyMap<string, FetchedRelease>;
  private readonly directory: string;
  private readonly room: DiskRoom;
  private readonly inTurn = atMost(AT_ONCE);
  private readonly made = new Map<string, Promise<Bundle>>();

  constructor(releases: Iterable<FetchedRelease>, directory: string, room: DiskRoom) {
    this.releases = new Map([...releases].map((release) => [release.digest, release]));
    this.directory = directory;
    this.room = room;
  }

  /** The manifest of a release, for the agent. */
  manifest(digest: string): string {
    return manifestText(this.release(digest).entries);
  }

  /** A .tar.gz that has these lines of the manifest (`1-3,7`), and no others. Throws where the release has no such line. */
  bundle(digest: string, lacking: string): Promise<Bundle> {
    const key = `${digest} ${lacking}`;
    const made = this.made.get(key) ?? this.make(this.release(digest), lacking, this.made.size);
    this.made.set(key, made);
    return made;
  }

  private release(digest: string): FetchedRelease {
    const release = this.releases.get(digest);
    if (release === undefined) throw new Error(`no release with digest ${digest} was fetched in this run`);
    return release;
  }

  private async make(release: FetchedRelease, lacking: string, number: number): Promise<Bundle> {
    const lines = linesOf(lacking, release.entries.length);
    const wanted = release.entries.flatMap((entry, index) =>
      "sha256" in entry && lines.has(index + 1) ? [entry] : [],
    );
    const bytes = wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const file = `${this.directory}/bundle-${number}.tar.gz`;
    const paths = new Set(wanted.map(({ path }) => path));
    await this.inTurn(() => repack(release.file, paths, { file, level: levelFor(bytes), room: this.room }));
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return { file, sha256: hash.digest("hex"), sizeBytes: (await stat(file)).size };
  }
}

/** So that it takes no more than some seconds, however large it is. */
function levelFor(bytes: number): number {
  if (bytes < 1024 ** 2) return 9;
  return bytes < 256 * 1024 ** 2 ? 6 : 1;
}

/** A file that stands there twice is in it twice, in the same order. */
async function repack(
  tarball: string,
  wanted: ReadonlySet<string>,
  { file, level, room }: { file: string; level: number; room: DiskRoom },
): Promise<void> {
  const gzip = createGzip({ level });
  const stop = new AbortController();
  let taken = 0;
  const within = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      if (!room.take(chunk.length)) throw new Error(room.full);
      taken += chunk.length;
      yield chunk;
    }
  };
  const written = pipeline(gzip, within, createWriteStream(file, { mode: 0o600 }), { signal: stop.signal });
  // Nobody would drain it any more.
  written.catch(() => stop.abort());
  const write = async (chunk: Buffer): Promise<void> => {
    stop.signal.throwIfAborted();
    if (!gzip.write(chunk)) await once(gzip, "drain", { signal: stop.signal });
  };
  const packed = async (): Promise<void> => {
    await readTarball(tarball, async ({ kind, body, ...entry }) => {
      if (kind !== "file" || !wanted.has(entry.path)) return;
      await write(tarHeader(entry));
      for await (const chunk of body) await write(chunk);
      await write(padding(entry.sizeBytes));
    });
    await write(END_OF_TAR);
    gzip.end();
  };
  const [writing, packing] = await Promise.allSettled([
    written,
    packed().catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  ]);
  const failed =
    [packing, writing].find((it) => it.status === "rejected" && it.reason?.name !== "AbortError") ?? packing;
  if (failed.status === "fulfilled") return;
  await rm(file, { force: true });
  room.give(taken);
  throw failed.reason;
}

function linesOf(ranges: string, count: number): Set<number> {
  const lines = new Set<number>();
  let before = 0;
  for (const range of ranges.split(",")) {
    const [first = 0, last = first] = range.split("-").map(Number);
    if (last > count) throw new Error(`a manifest of ${count} lines has no line ${range}`);
    // One after the other: so there are no more of them than lines.
    if (first <= before || last < first) throw new Error(`the lines ${range} are asked for again`);
    before = last;
    for (let line = first; line <= last; line += 1) lines.add(line);
  }
  return lines;
}
