// What an embedded application brings along: a tarball's lib/*/ebin, or one application at its top → an inventory, as of a release
// of nothing else. Only what the application needs counts; which of it a node has of its own, the node says.
import { formatTerm } from "../spec/erlang-term.ts";
import type { ApplicationFile } from "./application-file.ts";
import { readApplicationFile } from "./application-file.ts";
import type { Unreadable } from "./inventory-of.ts";
import { byPath, inventoryOf, isAppleDouble } from "./inventory-of.ts";
import { neededBy } from "./needed-applications.ts";
import { readingBudget } from "./reading-budget.ts";
import type { SortedFiles } from "./sorted-files.ts";
import { below, sortedFiles } from "./sorted-files.ts";
import { atom, list, tuple } from "./term-shape.ts";

/** An application of the tarball, and the directory that it lies in: `lib/plugin-1.0.0/`, or nothing. */
type Brought = ApplicationFile & { file: string; directory: string };

/** Files and contents as for inventoryOf. */
export function broughtInventory(
  name: string,
  files: Iterable<readonly [path: string, bytes: Uint8Array]>,
  contents: ReadonlyMap<string, string>,
): ReturnType<typeof inventoryOf> {
  const all = sortedFiles(byPath(files));
  const digests = sortedFiles(byPath(contents));
  const budget = readingBudget();
  const places = new Map(all.flatMap(([path, bytes]) => placeOf(path, bytes)));
  const read = new Map<string, Brought | Unreadable>();
  // What nobody needs is not read.
  const brought = (it: string): Brought | Unreadable | undefined => {
    const place = places.get(it);
    const found = read.get(it) ?? (place && broughtAt(place, readApplicationFile(place.bytes, budget)));
    if (found !== undefined) read.set(it, found);
    return found;
  };
  const known = (it: string): Brought | undefined => {
    const found = brought(it);
    return found && "directory" in found ? found : undefined;
  };
  const names = [...neededBy(name, (it) => known(it)?.resource)];
  const needed = names.flatMap((it) => known(it) ?? []);
  const unreadable = [...names.flatMap((it) => brought(it) ?? []).filter((it) => "text" in it), ...sharing(needed)];
  if (unreadable.length > 0) return { unreadable };
  const version = known(name)?.version ?? "";
  const encoder = new TextEncoder();
  return inventoryOf(
    [
      ["releases/start_erl.data", encoder.encode(`0 ${version}`)],
      [`releases/${version}/${name}.rel`, encoder.encode(`${formatTerm(releaseOf(name, version, needed))}.`)],
      ...needed.flatMap((it) => moved(it, all)),
    ],
    new Map(needed.flatMap((it) => moved(it, digests))),
  );
}

type Place = { file: string; directory: string; bytes: Uint8Array };

/** By the name of its .app file. */
function placeOf(file: string, bytes: Uint8Array): [string, Place][] {
  const [, directory, name] = /^(|lib\/[^/]+\/)ebin\/([^/]+)\.app$/.exec(file) ?? [];
  return directory === undefined || name === undefined || isAppleDouble(name)
    ? []
    : [[name, { file, directory, bytes }]];
}

const broughtAt = ({ file, directory }: Place, read: ReturnType<typeof readApplicationFile>): Brought | Unreadable =>
  "error" in read ? { file, text: read.error } : { ...read, file, directory };

/** Each has a directory of its own: of one that several share nobody knows whose its modules are. */
const sharing = (needed: readonly Brought[]): Unreadable[] =>
  [...Map.groupBy(needed, ({ directory }) => directory).values()].flatMap(([first, ...others]) =>
    others.map(({ file }) => ({ file, text: `is beside ${first?.file}` })),
  );

/** Embedded applications are started as temporary: the node lives on where one ends. */
const releaseOf = (name: string, version: string, applications: readonly ApplicationFile[]) =>
  tuple(
    atom("release"),
    tuple({ charlist: name }, { charlist: version }),
    tuple(atom("erts"), { charlist: "0" }),
    list(applications.map((it) => tuple(atom(it.name), { charlist: it.version }, atom("temporary")))),
  );

/** Where a release would have it. */
const moved = <T>({ name, version, directory }: Brought, files: SortedFiles<T>) =>
  below(files, directory).flatMap(([path, content]) =>
    directory !== "" || !/^(lib|releases)\//.test(path) ? [[`lib/${name}-${version}/${path}`, content] as const] : [],
  );
