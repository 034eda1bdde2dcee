/** Lets no process of a host begin another (kernel, cgroup-v1/pids.rst); those that are there live on. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "./command.ts";
import type { Host } from "./host.ts";

const PIDS = "/sys/fs/cgroup/pids";

/** Other labs have hosts of the same names, and processes of the same ids. */
const OURS = randomUUID();
const groupOf = (host: Host): string => join(PIDS, `beamline-${OURS}-${host.name}`);

async function move(pids: readonly number[], group: string): Promise<void> {
  // Some have ended by now.
  for (const pid of pids) await writeFile(join(group, "cgroup.procs"), String(pid)).catch(() => undefined);
}

/** `free`: so many more than there are now. */
export async function allowNoProcesses(host: Host, free = 0): Promise<void> {
  const group = groupOf(host);
  await mkdir(group, { recursive: true });
  // Twice: what is begun meanwhile is found then.
  await move(host.pids(), group);
  await writeFile(join(group, "pids.max"), "0");
  await move(host.pids(), group);
  if (free === 0) return;
  const current = Number(await readFile(join(group, "pids.current"), "utf8"));
  await writeFile(join(group, "pids.max"), String(current + free));
}

export async function allowProcesses(host: Host): Promise<void> {
  const group = groupOf(host);
  if (!existsSync(group)) return;
  await writeFile(join(group, "pids.max"), "max");
  await until(`nothing is in ${group}`, async () => {
    const pids = (await readFile(join(group, "cgroup.procs"), "utf8")).split("\n").filter(Boolean);
    await move(pids.map(Number), PIDS);
    return pids.length === 0;
  });
  await rmdir(group);
}
