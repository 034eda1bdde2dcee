/** Real SSH hosts on this machine, in a network that nothing leaves: for the end-to-end tests and the demo. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must, run } from "./command.ts";
import { Host } from "./host.ts";
import { type KeyExchange, makeHostRoot } from "./host-root.ts";
import { LAB_ROOT, whyNoLab } from "./lab-place.ts";
import { SSHD_ALONE, SYSTEMD } from "./pid1.ts";

export { whyNoLab } from "./lab-place.ts";
export type { Host };

export type HostOptions = {
  /** Of sshd; 22 when absent. */
  port?: number;
  /** A banner, a message of the day, and a .bashrc that writes to stdout and stderr. */
  noise?: boolean;
  /** How sshd and ssh agree upon a key; "usual" costs 0.15 s of processor time a connection on Debian 12. "usual" when absent. */
  keyExchange?: KeyExchange;
  /** Real systemd as PID 1, journald, and a lingering manager for the user deploy; sshd alone when absent. */
  systemd?: boolean;
  /** busybox for /bin/sh and the small tools; Debian's own when absent. */
  busybox?: boolean;
  /** Tools, by name, that it does not have; all that the machine has when absent. */
  without?: readonly string[];
  /** Size of a small disk of its own for /opt, such as "80m"; it keeps its files while the host is down. None when absent. */
  disk?: string;
  /** Whether the deploy user may sudo without a password; when absent it has no sudo. */
  sudo?: boolean;
};

export type LabOptions = HostOptions & {
  /** How many, or what each has that differs from the options given for all. */
  hosts: number | readonly HostOptions[];
};

export type Lab = {
  /** web1, web2, … */
  hosts: readonly Host[];
  /** The one of that name; throws when there is none. */
  host(name: string): Host;
  /** Of a private key that may log in as root and as deploy. */
  userKey: { path: string; text: string };
  /** A known_hosts file with the true keys of all hosts. */
  knownHosts: { path: string; text: string };
  /** Kills the hosts and removes all their files. */
  stop(): Promise<void>;
};

/** Boots hosts, all at the same time. Only inside enter.ts. Several labs can be up at once, each on a subnet of its own. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const because = whyNoLab();
  if (because !== undefined) throw new Error(because);
  const { directory, subnet } = await claimSubnet();
  const hosts: Host[] = [];
  const stop = () => stopLab(directory, hosts);
  try {
    const userKey = await makeUserKey(directory);
    const plans = hostOptions(options).map((each, index) => ({ ...each, ...identity(subnet, index + 1) }));
    const etcHosts = ["127.0.0.1 localhost", ...plans.map((it) => `${it.address} ${it.name}`), ""].join("\n");
    const made = await settled(
      plans.map(async (plan) => {
        const own = join(directory, plan.name);
        const root = await makeHostRoot({ ...plan, directory: own, etcHosts, authorizedKey: userKey.publicText });
        const logFile = plan.systemd ? join(root.rootDirectory, "var/log/sshd.log") : join(own, "sshd.log");
        const pid1 = plan.systemd ? SYSTEMD : SSHD_ALONE;
        return new Host({ ...plan, ...root, logFile, bootLog: join(own, "boot.log"), pid1 });
      }),
    );
    hosts.push(...made);
    await settled(hosts.map((host) => host.boot()));
    const { path, text } = userKey;
    const knownHosts = await writeKnownHosts(directory, hosts);
    return { hosts, host: (name) => hostNamed(name, hosts), userKey: { path, text }, knownHosts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** mkdir is atomic: test files in processes of their own get different subnets. */
async function claimSubnet(): Promise<{ directory: string; subnet: number }> {
  for (let subnet = 1; subnet < 255; subnet += 1) {
    const directory = join(LAB_ROOT, `subnet${subnet}`);
    try {
      await mkdir(directory);
      return { directory, subnet };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
  throw new Error("254 labs are up already");
}

const USUAL = {
  port: 22,
  noise: false,
  keyExchange: "usual",
  systemd: false,
  busybox: false,
  without: [],
  disk: undefined,
  sudo: false,
} as const;

function hostOptions({ hosts, ...common }: LabOptions) {
  const each = typeof hosts === "number" ? Array.from({ length: hosts }, () => ({})) : hosts;
  return each.map((own: HostOptions) => ({ ...USUAL, ...common, ...own }));
}

function identity(subnet: number, number: number): { name: string; address: string; link: string; mac: string } {
  const hex = [subnet, number].map((it) => it.toString(16).padStart(2, "0"));
  return {
    name: `web${number}`,
    address: `198.18.${subnet}.${number}`,
    link: `lab${subnet}web${number}`,
    mac: ["02:00:c6:12", ...hex].join(":"),
  };
}

async function makeUserKey(directory: string): Promise<{ path: string; text: string; publicText: string }> {
  const path = join(directory, "user_key");
  await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "beamline-lab", "-f", path]);
  return { path, text: await readFile(path, "utf8"), publicText: await readFile(`${path}.pub`, "utf8") };
}

async function writeKnownHosts(directory: string, hosts: readonly Host[]): Promise<{ path: string; text: string }> {
  const path = join(directory, "known_hosts");
  const lines = hosts.map(({ address, port, hostKey }) =>
    port === 22 ? `${address} ${hostKey}\n` : `[${address}]:${port} ${hostKey}\n`,
  );
  await writeFile(path, lines.join(""));
  return { path, text: lines.join("") };
}

async function stopLab(directory: string, hosts: readonly Host[]): Promise<void> {
  await settled(hosts.map((host) => host.kill()));
  // Read, not remembered: a host whose making failed half-way has a mount, too.
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" ")[1] ?? "");
  for (const mount of mounts.filter((it) => it.startsWith(`${directory}/`))) await run(["umount", "--lazy", mount]);
  await rm(directory, { recursive: true, force: true });
}

function hostNamed(name: string, hosts: readonly Host[]): Host {
  const host = hosts.find((it) => it.name === name);
  if (host === undefined) throw new Error(`no host ${name} in the lab, only ${hosts.map((it) => it.name).join(", ")}`);
  return host;
}

/** Like Promise.all, but waits for all, so that nothing is still being made when a failure is cleaned up. */
async function settled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
