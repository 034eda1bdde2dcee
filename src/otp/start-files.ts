// The files of a release that decide how its VM starts. One that runs has read its own, and takes up no others.
import { KNOWN_DIGITS } from "./priv-digest.ts";

/** By name below releases/VERSION, what becomes of each (relx: vm.args, vm.args.src; mix: vm.args, env.sh, runtime.exs). */
const FILES: ReadonlyMap<string, string> = new Map([
  ["vm.args", "which a VM reads when it starts"],
  ["vm.args.src", "which a VM's arguments are made of when it starts"],
  ["env.sh", "which sets a VM's environment when it starts"],
  ["runtime.exs", "which is evaluated when a VM starts"],
  // Of mix, and of all versions: releases/COOKIE.
  ["COOKIE", "which a VM takes up when it starts"],
]);

/** Of the files in releases/VERSION, each with its content's SHA-256 in hex, those that count: name → as much as hosts know of it. */
export const startFilesOf = (files: Iterable<readonly [name: string, digest: string]>): ReadonlyMap<string, string> =>
  new Map(
    Array.from(files).flatMap(([name, digest]) => (FILES.has(name) ? [[name, digest.slice(0, KNOWN_DIGITS)]] : [])),
  );

/** What differs, a text each: `vm.args changes, which …`; nothing where of one of the two nothing is known. */
export function startFileChanges(
  from: ReadonlyMap<string, string> | null,
  to: ReadonlyMap<string, string> | null,
): string[] {
  if (from === null || to === null) return [];
  return [...FILES].flatMap(([name, why]) => (from.get(name) === to.get(name) ? [] : [`${name} changes, ${why}`]));
}
