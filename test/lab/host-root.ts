/** A host's file system: an overlay of the machine's own, so Erlang and tools are there, with its leftovers hidden. */
import { randomBytes } from "node:crypto";
import { chmod, chown, copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "./command.ts";
import { addDeploy, DEPLOY, writeSudoers } from "./deploy-user.ts";
import { makeBlockDisk } from "./disk.ts";

/** sshd's: its own default, or one that is not safe from quantum computers and costs a tenth. */
export type KeyExchange = "usual" | "quick";

export type RootPlan = {
  directory: string;
  name: string;
  port: number;
  noise: boolean;
  keyExchange: KeyExchange;
  authorizedKey: string;
  etcHosts: string;
  /** Whether PID 1 will be systemd, with sshd as a service and the deploy user's own manager lingering. */
  systemd: boolean;
  /** Whether its shell and small tools are busybox', as on Alpine or a router. */
  busybox: boolean;
  /** Tools that it does not have. */
  without: readonly string[];
  /** Size of a disk of its own for /opt, as tmpfs' option size wants it; behind `blocks ` one that can break; undefined for none. */
  disk: string | undefined;
  /** Whether the deploy user may sudo without a password; otherwise not at all. */
  sudo: boolean;
};
export type HostRoot = { rootDirectory: string; hostKey: string; machineId: string };

// All that a host sees of the machine. The rest of / (checkouts, homes, /opt) is not there, or empty.
const SEEN = new Set(["bin", "etc", "lib", "lib32", "lib64", "libx32", "sbin", "usr", "var"]);
const EMPTY = ["dev", "home", "media", "mnt", "opt", "proc", "run", "srv", "sys", "tmp"];
const HIDDEN_BELOW = [
  "etc/ssh",
  "etc/machine-id",
  "etc/systemd/system",
  "var/lib/systemd",
  "var/log/journal",
  "var/lib/dbus",
  "var/tmp",
];

/** sshd as a service: its sessions outlive its restart, as on any Debian. */
const SSHD_UNIT = `[Unit]
After=network.target
[Service]
ExecStart=/usr/sbin/sshd -D -e
StandardError=append:/var/log/sshd.log
KillMode=process
Restart=always
`;

/** Makes and mounts the root of a host; what is in it survives kill() and boot(). */
export async function makeHostRoot(plan: RootPlan): Promise<HostRoot> {
  const upper = join(plan.directory, "upper");
  const work = join(plan.directory, "work");
  const root = join(plan.directory, "root");
  for (const part of [upper, work, root]) await mkdir(part, { recursive: true });
  await whiteOut(upper);
  await must(["mount", "-t", "overlay", "-o", `lowerdir=/,upperdir=${upper},workdir=${work}`, plan.name, root]);
  await Promise.all(EMPTY.map((name) => mkdir(join(root, name), { mode: 0o755 })));
  await mkdir(join(root, "var/tmp"));
  await chmod(join(root, "var/tmp"), 0o1777);
  const machineId = randomBytes(16).toString("hex");
  await writeFile(join(root, "etc/machine-id"), `${machineId}\n`, { mode: 0o444 });
  await writeFile(join(root, "etc/hostname"), `${plan.name}\n`);
  await writeFile(join(root, "etc/hosts"), plan.etcHosts);
  await addDeploy(root);
  await writeSudoers(root, plan);
  if (plan.disk !== undefined) await mountDisk(root, plan.disk);
  if (plan.systemd) await enableServices(root);
  if (plan.busybox) await useBusybox(root);
  for (const tool of plan.without) await rm(join(root, "usr/bin", tool));
  await makeHome(root, "root", { plan, id: 0 });
  await makeHome(root, `home/${DEPLOY.name}`, { plan, id: DEPLOY.id });
  return { rootDirectory: root, machineId, hostKey: await configureSshd(root, plan) };
}

/** Character device 0/0 is overlayfs' "not there"; a directory made over one starts empty. */
async function whiteOut(upper: string): Promise<void> {
  for (const path of ["etc", "etc/systemd", "var", "var/lib", "var/log"])
    await mkdir(join(upper, path), { mode: 0o755 });
  const hidden = (await readdir("/")).filter((name) => !SEEN.has(name));
  const script = 'cd "$0"; for path do mknod "$path" c 0 0; done';
  await must(["sh", "-ec", script, upper, ...hidden, ...HIDDEN_BELOW]);
}

/** In the lab's own mounts, so that it outlives the host's; stopLab() takes it away. */
async function mountDisk(root: string, size: string): Promise<void> {
  if (size.startsWith("blocks ")) return makeBlockDisk(root, size.slice("blocks ".length));
  await must(["mount", "-t", "tmpfs", "-o", `size=${size},mode=0755`, "opt", join(root, "opt")]);
}

/** Nothing that the machine has enabled runs; what Debian itself wants at boot does. */
async function enableServices(root: string): Promise<void> {
  const units = join(root, "etc/systemd/system");
  const wants = join(units, "multi-user.target.wants");
  await mkdir(wants, { recursive: true });
  await writeFile(join(units, "sshd.service"), SSHD_UNIT);
  await symlink("../sshd.service", join(wants, "sshd.service"));
  await mkdir(join(root, "var/log/journal"), { recursive: true });
  // loginctl enable-linger (loginctl(1)).
  await mkdir(join(root, "var/lib/systemd/linger"), { recursive: true });
  await writeFile(join(root, `var/lib/systemd/linger/${DEPLOY.name}`), "");
}

/** All that busybox has of what the agent needs; Debian's has no flock, Alpine's does. */
const APPLETS =
  "sh awk cat chmod cmp cp cut dd df find grep gzip head id ln ls mkdir mv od readlink rm sed setsid sha256sum sort sync tail tar tr wc";

async function useBusybox(root: string): Promise<void> {
  const bin = join(root, "usr/bin");
  await copyFile("/usr/bin/busybox", join(root, "usr/lib/busybox"));
  for (const applet of APPLETS.split(" ")) {
    await rm(join(bin, applet), { force: true });
    await symlink("../lib/busybox", join(bin, applet));
  }
}

async function makeHome(root: string, path: string, { plan, id }: { plan: RootPlan; id: number }): Promise<void> {
  const home = join(root, path);
  await mkdir(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  await chmod(home, 0o700);
  await writeFile(join(home, ".ssh/authorized_keys"), plan.authorizedKey, { mode: 0o600 });
  if (plan.noise) await writeFile(join(home, ".bashrc"), "echo hello from .bashrc\necho hello from .bashrc >&2\n");
  if (id !== 0) for (const it of await readdir(home, { recursive: true })) await chown(join(home, it), id, id);
  await chown(home, id, id);
}

async function configureSshd(root: string, { port, noise, keyExchange, name }: RootPlan): Promise<string> {
  const etc = join(root, "etc/ssh");
  await mkdir(etc, { mode: 0o755 });
  const key = join(etc, "ssh_host_ed25519_key");
  await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
  const config = [
    `Port ${port}`,
    "AddressFamily inet",
    "HostKey /etc/ssh/ssh_host_ed25519_key",
    "PidFile /run/sshd.pid",
    "LogLevel VERBOSE",
    "UseDNS no",
    "UsePAM no",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "AcceptEnv LANG LC_*",
    "Subsystem sftp /usr/lib/openssh/sftp-server",
    `PrintMotd ${noise ? "yes" : "no"}`,
    ...(keyExchange === "quick" ? ["KexAlgorithms curve25519-sha256"] : []),
    ...(noise ? ["Banner /etc/ssh/banner"] : []),
  ];
  await writeFile(join(etc, "sshd_config"), `${config.join("\n")}\n`);
  await rm(join(root, "etc/motd"), { force: true });
  if (noise) {
    await writeFile(join(etc, "banner"), `*** ${name}: authorised use only ***\n`);
    await writeFile(join(root, "etc/motd"), `Welcome to ${name}. The disk is 40 % full.\n`);
  }
  return (await readFile(`${key}.pub`, "utf8")).trim();
}
