/** The non-root user of every host, and whether it may become root. */
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const DEPLOY = { name: "deploy", id: 1500 } as const;

const { name, id } = DEPLOY;

export async function addDeploy(root: string): Promise<void> {
  const lines = {
    passwd: `${name}:x:${id}:${id}:${name}:/home/${name}:/bin/bash`,
    shadow: `${name}:*:20000:0:99999:7:::`,
    group: `${name}:x:${id}:`,
  };
  for (const [file, line] of Object.entries(lines)) {
    const path = join(root, "etc", file);
    const others = (await readFile(path, "utf8")).split("\n").filter((it) => it !== "" && !it.startsWith(`${name}:`));
    await writeFile(path, [...others, line, ""].join("\n"));
  }
}

/** What the machine grants to whom is not the host's: there it is root, and deploy if so asked. */
export async function writeSudoers(root: string, { sudo }: { sudo: boolean }): Promise<void> {
  if (sudo && !existsSync("/usr/bin/sudo")) throw new Error("hosts with sudo need the package sudo on this machine");
  const path = join(root, "etc/sudoers");
  await rm(path, { force: true });
  const grants = [
    'Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"',
    "root ALL=(ALL:ALL) ALL",
    ...(sudo ? [`${name} ALL=(ALL:ALL) NOPASSWD: ALL`] : []),
  ];
  await writeFile(path, `${grants.join("\n")}\n`, { mode: 0o440 });
}
