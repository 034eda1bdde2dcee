/**
 * Control groups for hosts whose PID 1 is systemd: one below the machine's root for each, in a namespace of its own, so that no
 * two see or kill each other's processes. Only the unified hierarchy, without controllers: systemd needs it to tell services apart.
 */
import { mkdir, readdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LAB_CGROUP } from "./lab-place.ts";

/** Makes an empty group and answers its directory. */
export async function makeCgroup(name: string): Promise<string> {
  const directory = join(LAB_CGROUP, name);
  await mkdir(directory, { recursive: true });
  return directory;
}

/** Kills what is still in it, and removes it with all groups below (kernel, cgroup-v2.rst: cgroup.kill). */
export async function removeCgroup(directory: string): Promise<void> {
  await writeFile(join(directory, "cgroup.kill"), "1");
  const below = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((it) => it.isDirectory());
  const paths = below.map((it) => join(it.parentPath, it.name)).sort((a, b) => b.length - a.length);
  for (const path of [...paths, directory]) await rmdir(path);
}
