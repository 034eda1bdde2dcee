// A release's files → what is in it. Only the booted version counts, and of each application only the version that it names.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { ApplicationFile } from "./application-file.ts";
import { readApplicationFile } from "./application-file.ts";
import { readBeam } from "./beam-file.ts";
import type { ApplicationFacts, ModuleFacts, ReleaseInventory } from "./inventory.ts";
import { privDigests } from "./priv-digest.ts";
import type { ReadingBudget } from "./reading-budget.ts";
import { readingBudget } from "./reading-budget.ts";
import type { ReleasedApplication, ReleaseFile } from "./release-file.ts";
import { readReleaseFile } from "./release-file.ts";
import type { SortedFiles } from "./sorted-files.ts";
import { below, sortedFiles } from "./sorted-files.ts";
import { startFilesOf } from "./start-files.ts";
import { startOrder } from "./start-order.ts";
import { readTermFile } from "./term-file.ts";

/** A file of a release that can't be read, or is not there; `text` ends a sentence that begins with the file. */
export type Unreadable = { readonly file: string; readonly text: string };

/** Files by path below the release's root: `lib/counter-1.0.0/ebin/counter.app`. */
type Files = { readonly byPath: ReadonlyMap<string, Uint8Array>; readonly sorted: SortedFiles<Uint8Array> };

/** What reading goes along with: what is wrong so far, and how much may still be read. */
type Reading = { readonly unreadable: Unreadable[]; readonly budget: ReadingBudget };

/** A relup has all of a release's modules, many times over. */
const LARGEST_RELUP = 4 * 1024 ** 2;

/**
 * What is in a release; or all that is wrong with its files. `contents`: digests (SHA-256, hex) of files that need not be read,
 * by path: of what lies in priv only those count. An appup that can't be read is wrong for its application alone.
 */
export function inventoryOf(
  files: Iterable<readonly [path: string, bytes: Uint8Array]>,
  contents: ReadonlyMap<string, string>,
  budget: ReadingBudget = readingBudget(),
): { inventory: ReleaseInventory } | { unreadable: readonly Unreadable[] } {
  const read = byPath(files);
  const all: Files = { byPath: read, sorted: sortedFiles(read) };
  const release = releaseIn(all, budget);
  if ("text" in release) return { unreadable: [release] };
  const reading: Reading = { unreadable: [], budget };
  const { unreadable } = reading;
  const digests = byPath(contents);
  const sorted = sortedFiles(digests);
  const directory = `releases/${release.version}/`;

  const applications = startOrder(
    release.applications.flatMap((it) => applicationIn(all, it, { contents: sorted, reading }) ?? []),
  );
  const appups = applications.flatMap(({ facts: { name, version } }) => {
    const bytes = read.get(`lib/${name}-${version}/ebin/${name}.appup`);
    // More than one term stand in those that are made by macros; systools takes the first.
    const appup = bytes && readTermFile(bytes, budget, { first: true });
    return appup === undefined ? [] : [[name, "term" in appup ? appup.term : appup] as const];
  });
  const relup = `${directory}relup`;
  const inventory = {
    name: release.name,
    version: release.version,
    erts: release.erts,
    applications: applications.map(({ facts }) => facts),
    appups: new Map(appups),
    relup: termIn(relup, read.get(relup), reading),
    consolidated: modulesIn(all, `${directory}consolidated/`, reading),
    startFiles: startFilesOf(startFilesIn(digests.get("releases/COOKIE"), below(sorted, directory))),
    made: new Map(),
  };
  return unreadable.length > 0 ? { unreadable } : { inventory };
}

/** Those of the version; and the cookie, of which mix has one for all. */
const startFilesIn = (cookie: string | undefined, own: SortedFiles<string>): SortedFiles<string> => [
  ...own,
  ...(cookie === undefined ? [] : [["COOKIE", cookie] as const]),
];

/** What macOS' tar packs beside a file, under its name: `._counter.beam`. */
export const isAppleDouble = (name: string): boolean => name.startsWith("._");

/** By paths that begin with no `./`. */
export const byPath = <T>(files: Iterable<readonly [path: string, T]>): Map<string, T> =>
  new Map(Array.from(files, ([path, content]) => [path.replace(/^(\.?\/)+/, ""), content]));

/** The release that releases/start_erl.data boots: `13.1.5 1.0.0` (embedded systems user's guide). */
function releaseIn(files: Files, budget: ReadingBudget): ReleaseFile | Unreadable {
  const start = "releases/start_erl.data";
  const [, version] = /^\S+\s+(\S+)\s*$/.exec(new TextDecoder().decode(files.byPath.get(start))) ?? [];
  if (version === undefined)
    return { file: start, text: files.byPath.has(start) ? "names no version" : "is not there" };
  const directory = `releases/${version}/`;
  const found = below(files.sorted, directory).filter(([path]) => /^[^/]+\.rel$/.test(path) && !isAppleDouble(path));
  if (found.length === 0) return { file: `${directory}*.rel`, text: "is not there" };
  const read = found.map(([path, bytes]) => ({ file: directory + path, release: readReleaseFile(bytes, budget) }));
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
  { contents, reading }: { contents: SortedFiles<string>; reading: Reading },
): ReadApplication | null {
  const directory = `lib/${name}-${version}/`;
  const file = `${directory}ebin/${name}.app`;
  const bytes = files.byPath.get(file);
  const read = bytes ? readApplicationFile(bytes, reading.budget) : { error: "is not there" };
  if ("error" in read) {
    reading.unreadable.push({ file, text: read.error });
    return null;
  }
  const modules = modulesIn(files, `${directory}ebin/`, reading);
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

function modulesIn(files: Files, directory: string, { unreadable, budget }: Reading): Map<string, ModuleFacts> {
  const modules = new Map<string, ModuleFacts>();
  for (const [path, bytes] of below(files.sorted, directory)) {
    if (!path.endsWith(".beam") || path.includes("/") || isAppleDouble(path)) continue;
    // Said once, and nothing more is read.
    if (budget.over !== null && unreadable.length > 0) break;
    const module = readBeam(bytes, budget);
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

function termIn(file: string, bytes: Uint8Array | undefined, { unreadable, budget }: Reading): ErlangTerm | null {
  if (!bytes) return null;
  const read = readTermFile(bytes, budget, { most: LARGEST_RELUP });
  if ("term" in read) return read.term;
  unreadable.push({ file, text: read.error });
  return null;
}
