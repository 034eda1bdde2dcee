// What is in a release tarball, and the digest of it: two builds of one source differ as tarballs, not as contents.
import { createHash } from "node:crypto";
import { grouped, ReleaseTree } from "./release-tree.ts";
import { LIMITS, readTarball } from "./tarball.ts";

/** A regular file, a link (`target`), or a directory with nothing in it. Paths begin with `./`. */
export type Entry =
  | { path: string; sha256: string; isExecutable: boolean; sizeBytes: number }
  | { path: string; target: string }
  | { path: string; isEmptyDirectory: true };

export type Manifest = {
  entries: readonly Entry[];
  digest: string;
  unpackedBytes: number;
  startErl: string | null;
  /** What .app files hold, by path. */
  applicationFiles: ReadonlyMap<string, Uint8Array>;
};

/** "ERTS-VERSION RELEASE-VERSION": what the release boots. */
const START_ERL = "./releases/start_erl.data";

const APPLICATION_FILE = /^\.\/(lib\/[^/]+\/)?ebin\/(?!\._)[^/]+\.app$/;

/** Of files that are read whole: those of Erlang itself have 1 kB each, and a release some hundred. */
const MOST_KEPT = { each: 1024 ** 2, together: 64 * 1024 ** 2 };

/** Reads a .tar.gz to its end; throws a sentence for what must not be unpacked on a host. */
export async function readManifest(file: string): Promise<Manifest> {
  // Directories that are only passed through stand in no entry.
  const tree = new ReleaseTree(LIMITS.entries * 2);
  const entries = new Map<string, Entry>();
  const links = new Map<string, string>();
  const kept = new Map<string, Buffer>();
  let keptBytes = 0;
  await readTarball(file, async ({ path, kind, target, isExecutable, sizeBytes, body }) => {
    tree.place(path, kind);
    if (kind === "directory") return;
    // The later one of two has its place, too.
    entries.delete(path);
    if (kind === "link") {
      links.set(path, target);
      entries.set(path, { path, target });
      return;
    }
    const isKept = path === START_ERL || APPLICATION_FILE.test(path);
    if (isKept) keptBytes += sizeBytes;
    if (isKept && (sizeBytes > MOST_KEPT.each || keptBytes > MOST_KEPT.together)) {
      const [what, found, most] =
        sizeBytes > MOST_KEPT.each
          ? [path, sizeBytes, MOST_KEPT.each]
          : ["its .app files", keptBytes, MOST_KEPT.together];
      throw new Error(`${what} may have ${grouped(most)} bytes, and ${grouped(found)} are there`);
    }
    const hash = createHash("sha256");
    const chunks: Buffer[] = [];
    for await (const chunk of body) {
      hash.update(chunk);
      if (isKept) chunks.push(chunk);
    }
    if (isKept) kept.set(path, Buffer.concat(chunks));
    entries.set(path, { path, sha256: hash.digest("hex"), isExecutable, sizeBytes });
  });
  tree.refuseStrayLinks(links);
  // Last, so that the others are counted as the tarball has them.
  for (const path of tree.emptyDirectories()) entries.set(path, { path, isEmptyDirectory: true });
  const all = [...entries.values()];
  const unpackedBytes = all.reduce((sum, entry) => sum + ("sizeBytes" in entry ? entry.sizeBytes : 0), 0);
  const startErl = kept.get(START_ERL)?.toString("utf8") ?? null;
  kept.delete(START_ERL);
  return { entries: all, digest: contentDigest(all), unpackedBytes, startErl, applicationFiles: kept };
}

/** A line an entry, as src/host/agent/52-stage.sh reads it. */
export const manifestText = (entries: readonly Entry[]): string =>
  entries
    .map((entry) =>
      "target" in entry
        ? `l\t${entry.path}\t${entry.target}\n`
        : "isEmptyDirectory" in entry
          ? `d\t${entry.path}\n`
          : `${entry.isExecutable ? "x" : "f"}${entry.sha256.slice(0, 12)}\t${entry.path}\n`,
    )
    .join("");

/** The same text, byte for byte, as content_digest in src/host/agent/50-release.sh makes on the host. */
function contentDigest(entries: readonly Entry[]): string {
  const sorted = [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const lines = [
    ...sorted.flatMap((entry) => ("sha256" in entry ? [`${entry.sha256}  ${entry.path}`] : [])),
    ...sorted.flatMap((entry) => ("sha256" in entry && entry.isExecutable ? [entry.path] : [])),
    ...sorted.flatMap((entry) => ("target" in entry ? [`${entry.path} -> ${entry.target}`] : [])),
  ];
  return createHash("sha256")
    .update(lines.map((line) => `${line}\n`).join(""))
    .digest("hex");
}
