// The hand-written loop's side: its unit on the hosts, and running it.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../lab/command.ts";
import type { Host, Lab } from "../lab/lab.ts";
import type { Release } from "./release.ts";

const SCRIPT = join(import.meta.dirname, "loop.sh");

export const LOOP_PORT = 8180;

/** As in most tutorials. Port and node name of its own: Beamline's counter runs on the same host. */
const UNIT = `[Service]
Environment="ERL_FLAGS=-counter port ${LOOP_PORT}" VMARGS_PATH=/srv/loop/vm.args
ExecStart=/srv/loop/current/bin/counter foreground
User=root
Restart=on-failure
[Install]
WantedBy=multi-user.target
`;

export async function prepareLoop(hosts: readonly Host[]): Promise<void> {
  for (const host of hosts) {
    await mkdir(host.file("/srv/loop"), { recursive: true });
    await writeFile(host.file("/srv/loop/vm.args"), "-sname loop\n+pc unicode\n");
    await writeFile(host.file("/etc/systemd/system/loop-counter.service"), UNIT);
    await host.exec(["systemctl", "daemon-reload"]);
    await host.exec(["systemctl", "--quiet", "enable", "loop-counter"]);
  }
}

export async function deployByLoop(lab: Lab, hosts: readonly Host[], { version, file }: Release): Promise<void> {
  await loop(lab, hosts, file, version);
}

/** One bare login a host. */
export async function loginByLoop(lab: Lab, hosts: readonly Host[]): Promise<void> {
  await loop(lab, hosts, "-", "-");
}

async function loop(lab: Lab, hosts: readonly Host[], ...what: readonly [string, string]): Promise<void> {
  const addresses = hosts.map(({ address }) => address);
  await must(["sh", SCRIPT, lab.userKey.path, lab.knownHosts.path, ...what, ...addresses]);
}
