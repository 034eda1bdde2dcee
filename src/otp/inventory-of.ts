// A release's files → what is in it. Only the booted version counts, and of each application only the version that it names.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { ApplicationFile } from "./application-file.ts";
import { readApplicationFile } from "./application-file.ts";
import { readBeam } from "./beam-file.ts";
import type { ApplicationFacts, ModuleFacts, ReleaseInventory } from "./inventory.ts";
import { privDigests } from "./priv-digest.ts";
import type { ReleasedApplication, ReleaseFile } from "./release-file.ts";
import { readReleaseFile } from "./release-file.ts";
import { startFilesOf } from "./start-files.ts";
import { startOrder } from "./start-order.ts";
import { readTermFile } from "./term-file.ts";

/** A file of a release that can't be read, or is not there; `text` ends a sentence that begins with the file. */
export type Unreadable = { readonly file: string; readonly text: string };

/** Files by path below the release's root: `lib/counter-1.0.0/ebin/counter.app`. */
type Files = ReadonlyMap<string, Uint8Array>;

/**
 * What is in a release; or all that is wrong with its files. `contents`: digests (SHA-256, hex) of files that need not be read,
 * by path: of what lies in priv only those count.
 */
export function inventoryOf(
  files: Iterable<readonly [path: string, bytes: Uint8Array]>,
  contents: ReadonlyMap<string, string>,
): { inventory: ReleaseInventory } | { unreadable: readonly Unreadable[] } {
  const all: Files = byPath(files);
  const release = releaseIn(all);
  if ("text" in release) return { unreadable: [release] };
  const unreadable: Unreadable[] = [];
  const digests = byPath(contents);
  const directory = `releases/${release.version}/`;
  const termAt = (file: string): ErlangTerm | null => termIn(all, file, unreadable);

  const applications = startOrder(
    release.applications.flatMap((it) => applicationIn(all, it, { contents: digests, unreadable }) ?? []),
  );
  const appups = applications.map(({ facts: { name, version } }) => {
    const appup = termAt(`lib/${name}-${version}/ebin/${name}.appup`);
    return appup === null ? [] : ([[name, appup]] as const);
  });
  const inventory = {
    name: release.name,
    version: release.version,
    erts: release.erts,
    applications: applications.map(({ facts }) => facts),
    appups: new Map(appups.flat()),
    relup: termAt(`${directory}relup`),
    consolidated: modulesIn(all, `${directory}consolidated/`, unreadable),
    startFiles: startFilesOf(startFilesIn(digests, directory)),
    made: new Map(),
  };
  return unreadable.length > 0 ? { unreadable } : { inventory };
}

/** Those of the version; and the cookie, of which mix has one for all. */
const startFilesIn = (contents: ReadonlyMap<string, string>, directory: string): (readonly [string, string])[] => {
  const cookie = contents.get("releases/COOKIE");
  return [...below(contents, directory), ...(cookie === undefined ? [] : [["COOKIE", cookie] as const])];
};

/** By paths that begin with no `./`. */
export const byPath = <T>(files: Iterable<readonly [path: string, T]>): Map<string, T> =>
  new Map(Array.from(files, ([path, content]) => [path.replace(/^(\.?\/)+/, ""), content]));

/** The release that releases/start_erl.data boots: `13.1.5 1.0.0` (embedded systems user's guide). */
function releaseIn(files: Files): ReleaseFile | Unreadable {
  const start = "releases/start_erl.data";
  const [, version] = /^\S+\s+(\S+)\s*$/.exec(new TextDecoder().decode(files.get(start))) ?? [];
  if (version === undefined) return { file: start, text: files.has(start) ? "names no version" : "is not there" };
  const directory = `releases/${version}/`;
  const paths = [...files.keys()]
    .filter((it) => it.startsWith(directory) && /^[^/]+\.rel$/.test(it.slice(directory.length)))
    .sort();
  if (paths.length === 0) return { file: `${directory}*.rel`, text: "is not there" };
  const read = paths.map((file) => ({ file, release: readReleaseFile(files.get(file) ?? new Uint8Array()) }));
  const booted = read.filter(({ release }) => !("error" in release) && release.version === version);
  const { file, release } = (booted[0] ?? read[0]) as (typeof read)[0];
  if ("error" in release) return { file, text: release.error };
  if (release.version !== version) return { file, text: `is of ${release.version}, not of ${version}` };
  return booted.length > 1 ? { file: booted[1]?.file ?? file, text: `is beside ${file}` } : release;
}

type ReadApplication = Pick<ApplicationFile, "name" | "applications" | "included"> & { facts: ApplicationFacts };

function applicationIn(
  files: Files,
  { name, version, startType }: ReleasedApplication,
  { contents, unreadable }: { contents: ReadonlyMap<string, string>; unreadable: Unreadable[] },
): ReadApplication | null {
  const directory = `lib/${name}-${version}/`;
  const file = `${directory}ebin/${name}.app`;
  const bytes = files.get(file);
  const read = bytes ? readApplicationFile(bytes) : { error: "is not there" };
  if ("error" in read) {
    unreadable.push({ file, text: read.error });
    return null;
  }
  const modules = modulesIn(files, `${directory}ebin/`, unreadable);
  const priv = below(contents, `${directory}priv/`).map(([path, content]) => [content, path] as const);
  const facts = {
    name,
    version,
    startType,
    resource: read.resource,
    modules,
    ...privDigests(priv),
  };
  return { name, applications: read.applications, included: read.included, facts };
}

function modulesIn(files: Files, directory: string, unreadable: Unreadable[]): Map<string, ModuleFacts> {
  const modules = new Map<string, ModuleFacts>();
  for (const [path, bytes] of below(files, directory)) {
    if (!path.endsWith(".beam") || path.includes("/")) continue;
    const module = readBeam(bytes);
    const name = path.slice(0, -".beam".length);
    if ("error" in module) unreadable.push({ file: directory + path, text: module.error });
    else if (module.name !== name) unreadable.push({ file: directory + path, text: `holds the module ${module.name}` });
    else {
      const { name: _, ...facts } = module;
      modules.set(name, facts);
    }
  }
  return modules;
}

function termIn(files: Files, file: string, unreadable: Unreadable[]): ErlangTerm | null {
  const bytes = files.get(file);
  if (!bytes) return null;
  const read = readTermFile(bytes);
  if ("term" in read) return read.term;
  unreadable.push({ file, text: read.error });
  return null;
}

/** The files below a directory, by their path within it. */
const below = <T>(files: ReadonlyMap<string, T>, directory: string): (readonly [string, T])[] =>
  [...files]
    .filter(([path]) => path.startsWith(directory))
    .map(([path, bytes]) => [path.slice(directory.length), bytes] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
