// What a host lacks of a release, as one file to send: the tarball itself where that is most of it, else a smaller one.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Pack } from "tar-stream";
import { extract, pack } from "tar-stream";
import type { FetchedRelease } from "./fetch.ts";
import { manifestText, pathOf } from "./manifest.ts";

export type Bundle = { file: string; sha256: string; sizeBytes: number };

/** The releases of a run and their bundles; hosts that lack the same share one. */
export class Bundles {
  private readonly releases: ReadonlyMap<string, FetchedRelease>;
  private readonly directory: string;
  private readonly made = new Map<string, Promise<Bundle>>();

  constructor(releases: Iterable<FetchedRelease>, directory: string) {
    this.releases = new Map([...releases].map((release) => [release.digest, release]));
    this.directory = directory;
  }

  /** The manifest of a release, for the agent. */
  manifest(digest: string): string {
    return manifestText(this.release(digest).entries);
  }

  /** A .tar.gz that has these lines of the manifest (`1-3,7`), and maybe others. Throws where the release has no such line. */
  bundle(digest: string, lacking: string): Promise<Bundle> {
    const key = `${digest} ${lacking}`;
    const made = this.made.get(key) ?? this.make(this.release(digest), lacking);
    this.made.set(key, made);
    return made;
  }

  private release(digest: string): FetchedRelease {
    const release = this.releases.get(digest);
    if (release === undefined) throw new Error(`no release with digest ${digest} was fetched in this run`);
    return release;
  }

  private async make(release: FetchedRelease, lacking: string): Promise<Bundle> {
    const lines = linesOf(lacking, release.entries.length);
    const wanted = release.entries.filter((_, index) => lines.has(index + 1));
    const bytes = wanted.reduce((sum, entry) => sum + ("sizeBytes" in entry ? entry.sizeBytes : 0), 0);
    const { file: tarball, sha256, sizeBytes } = release;
    if (bytes * 2 > release.unpackedBytes) return { file: tarball, sha256, sizeBytes };
    const file = `${this.directory}/bundle-${this.made.size}.tar.gz`;
    const untar = extract();
    const tar = pack();
    const hash = createHash("sha256");
    await Promise.all([
      pipeline(createReadStream(tarball), createGunzip(), untar),
      repack(untar, tar, new Set(wanted.flatMap((entry) => ("sha256" in entry ? [entry.path] : [])))),
      pipeline(tar, createGzip({ level: 9 }), createWriteStream(file, { mode: 0o600 })),
    ]);
    await pipeline(createReadStream(file), hash);
    return { file, sha256: hash.digest("hex"), sizeBytes: (await stat(file)).size };
  }
}

/** A file that stands there twice is in it twice, in the same order. */
async function repack(untar: ReturnType<typeof extract>, tar: Pack, paths: ReadonlySet<string>): Promise<void> {
  for await (const entry of untar) {
    const { name, mode = 0, size = 0 } = entry.header;
    if (!paths.has(pathOf(name))) {
      entry.resume();
      continue;
    }
    await pipeline(entry, tar.entry({ name, size, mode: mode & 0o777 }));
  }
  tar.finalize();
}

function linesOf(ranges: string, count: number): Set<number> {
  const lines = new Set<number>();
  for (const range of ranges.split(",")) {
    const [first = 0, last = first] = range.split("-").map(Number);
    if (first < 1 || last > count) throw new Error(`a manifest of ${count} lines has no line ${range}`);
    for (let line = first; line <= last; line += 1) lines.add(line);
  }
  return lines;
}
