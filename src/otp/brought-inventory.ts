// What an embedded application brings along: a tarball's lib/*/ebin, or one application at its top → an inventory, as of a release
// of nothing else. Only what the application needs counts; which of it a node has of its own, the node says.
import { formatTerm } from "../spec/erlang-term.ts";
import type { ApplicationFile } from "./application-file.ts";
import { readApplicationFile } from "./application-file.ts";
import type { Unreadable } from "./inventory-of.ts";
import { byPath, inventoryOf } from "./inventory-of.ts";
import { neededBy } from "./needed-applications.ts";
import { atom, list, tuple } from "./term-shape.ts";

/** An application of the tarball, and the directory that it lies in: `lib/plugin-1.0.0/`, or nothing. */
type Brought = ApplicationFile & { directory: string };

/** Files and contents as for inventoryOf. */
export function broughtInventory(
  name: string,
  files: Iterable<readonly [path: string, bytes: Uint8Array]>,
  contents: ReadonlyMap<string, string>,
): ReturnType<typeof inventoryOf> {
  const all = [...byPath(files)];
  const digests = [...byPath(contents)];
  const brought = new Map(all.flatMap(([path, bytes]) => broughtIn(path, bytes)));
  const known = (it: string): Brought | undefined => {
    const found = brought.get(it);
    return found && "directory" in found ? found : undefined;
  };
  const names = [...neededBy(name, (it) => known(it)?.resource)];
  const unreadable = names.flatMap((it) => brought.get(it) ?? []).filter((it) => "text" in it);
  if (unreadable.length > 0) return { unreadable };
  const needed = names.flatMap((it) => known(it) ?? []);
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

/** By the name of its .app file. */
function broughtIn(path: string, bytes: Uint8Array): [string, Brought | Unreadable][] {
  const [, directory, name] = /^(|lib\/[^/]+\/)ebin\/([^/]+)\.app$/.exec(path) ?? [];
  if (directory === undefined || name === undefined) return [];
  const read = readApplicationFile(bytes);
  return [[name, "error" in read ? { file: path, text: read.error } : { ...read, directory }]];
}

/** Embedded applications are started as temporary: the node lives on where one ends. */
const releaseOf = (name: string, version: string, applications: readonly ApplicationFile[]) =>
  tuple(
    atom("release"),
    tuple({ charlist: name }, { charlist: version }),
    tuple(atom("erts"), { charlist: "0" }),
    list(applications.map((it) => tuple(atom(it.name), { charlist: it.version }, atom("temporary")))),
  );

/** Where a release would have it. */
const moved = <T>({ name, version, directory }: Brought, files: readonly (readonly [string, T])[]) =>
  files.flatMap(([path, content]) =>
    path.startsWith(directory) && (directory !== "" || !/^(lib|releases)\//.test(path))
      ? [[`lib/${name}-${version}/${path.slice(directory.length)}`, content] as const]
      : [],
  );
