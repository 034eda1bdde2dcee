// What is in a release tarball, and the digest of it: two builds of one source differ as tarballs, not as contents.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { Extract, Header } from "tar-stream";
import { extract } from "tar-stream";

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

const APPLICATION_FILE = /^\.\/(lib\/[^/]+\/)?ebin\/[^/]+\.app$/;

/** Reads a .tar.gz to its end; throws a sentence for what must not be unpacked on a host. */
export async function readManifest(file: string): Promise<Manifest> {
  const untar = extract();
  const [fed, read] = await Promise.allSettled([
    pipeline(createReadStream(file), createGunzip(), untar),
    entriesOf(untar),
  ]);
  // Each end breaks the other: what zlib says is a cause, and so is what an entry says; the rest follows from them.
  if (fed.status === "rejected" && String(fed.reason.code).startsWith("Z_")) throw fed.reason;
  if (read.status === "rejected") throw read.reason;
  if (fed.status === "rejected") throw fed.reason;
  const { entries, kept } = read.value;
  refusePathsThroughLinks(entries);
  const unpackedBytes = entries.reduce((sum, entry) => sum + ("sizeBytes" in entry ? entry.sizeBytes : 0), 0);
  const startErl = kept.get(START_ERL)?.toString("utf8") ?? null;
  kept.delete(START_ERL);
  return { entries, digest: contentDigest(entries), unpackedBytes, startErl, applicationFiles: kept };
}

async function entriesOf(untar: Extract): Promise<{ entries: Entry[]; kept: Map<string, Buffer> }> {
  const entries = new Map<string, Entry>();
  const add = (entry: Entry): void => {
    // Of files that stand in it twice the later one is what is unpacked; rebar3 packs an overlay's file behind what it replaces.
    const before = entries.get(entry.path);
    if (before !== undefined && !("sha256" in before && "sha256" in entry))
      throw new Error(`it holds ${JSON.stringify(entry.path)} twice, not both times as a file`);
    entries.delete(entry.path);
    entries.set(entry.path, entry);
  };
  const directories: string[] = [];
  const kept = new Map<string, Buffer>();
  for await (const entry of untar) {
    const { header } = entry;
    const path = safePath(header);
    const hash = createHash("sha256");
    const chunks: Buffer[] = [];
    const isKept = path === START_ERL || APPLICATION_FILE.test(path);
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      hash.update(chunk);
      if (isKept) chunks.push(chunk);
    }
    if (isKept) kept.set(path, Buffer.concat(chunks));
    if (header.type === "symlink") add({ path, target: header.linkname ?? "" });
    else if (header.type === "directory") directories.push(path);
    else
      add({
        path,
        sha256: hash.digest("hex"),
        isExecutable: ((header.mode ?? 0) & 0o100) !== 0,
        sizeBytes: header.size ?? 0,
      });
  }
  // Last, so that the others are counted as the tarball has them.
  const isEmpty = (directory: string): boolean =>
    directory !== "./" && ![...entries.keys(), ...directories].some((path) => path.startsWith(`${directory}/`));
  for (const path of new Set(directories)) if (isEmpty(path)) add({ path, isEmptyDirectory: true });
  return { entries: [...entries.values()], kept };
}

/** What tools that work line by line would escape, or take for more than text. */
const hasSpecial = (text: string): boolean =>
  [...text].some((character) => character < " " || character === "\x7f" || character === "\\");

/** The name of an entry in a tarball as a path of a manifest. */
export const pathOf = (name: string): string => `./${name.replace(/^(\.\/)+/, "").replace(/\/+$/, "")}`;

function safePath({ name, type, linkname }: Header): string {
  const path = pathOf(name);
  const shown = JSON.stringify(name);
  if (hasSpecial(path)) throw new Error(`a path in it has control characters or backslashes: ${shown}`);
  if (name.startsWith("/") || path.split("/").includes("..")) throw new Error(`a path in it leads out of it: ${shown}`);
  if (type === "symlink") {
    const target = linkname ?? "";
    if (hasSpecial(target)) throw new Error(`the link ${shown} has control characters or backslashes in its target`);
    const depth = path.split("/").length - 2;
    const up = target.split("/").filter((part) => part === "..").length;
    if (target.startsWith("/") || up > depth) throw new Error(`the link ${shown} leads out of it: ${target}`);
    return path;
  }
  if (type !== "file" && type !== "contiguous-file" && type !== "directory")
    throw new Error(`${shown} is a ${type}; releases hold files, directories and symbolic links`);
  return path;
}

/** Links are followed when files are written: a path through one, or a link to a path through one, may lead anywhere. */
function refusePathsThroughLinks(entries: readonly Entry[]): void {
  const links = new Set(entries.flatMap((entry) => ("target" in entry ? [entry.path] : [])));
  const leadsThrough = (path: string): boolean =>
    path
      .split("/")
      .some((_, index, parts) => index > 0 && index < parts.length && links.has(parts.slice(0, index).join("/")));
  for (const entry of entries) {
    if (leadsThrough(entry.path)) throw new Error(`a path in it leads through a link: ${JSON.stringify(entry.path)}`);
    if (!("target" in entry)) continue;
    const from = entry.path.split("/").slice(0, -1);
    for (const part of entry.target.split("/").slice(0, -1)) {
      if (part === "..") from.pop();
      else if (part !== "." && part !== "") from.push(part);
      if (links.has(from.join("/")))
        throw new Error(`the link ${JSON.stringify(entry.path)} leads through another link`);
    }
  }
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
