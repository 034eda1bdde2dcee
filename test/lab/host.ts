/** One host of a lab: a root, a link to the bridge and, while it is up, namespaces with a PID 1. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { makeCgroup, removeCgroup } from "./cgroup.ts";
import { type Finished, run, until } from "./command.ts";
import type { HostRoot } from "./host-root.ts";
import { Link, whyNoDelay } from "./link.ts";
import { PATH } from "./pid1.ts";
import { isSshListener, processesOf } from "./processes.ts";

export type HostPlan = HostRoot & {
  name: string;
  address: string;
  port: number;
  /** Of the bridge's end of the link; at most 15 characters. */
  link: string;
  mac: string;
  /** What sshd writes to. */
  logFile: string;
  /** What the boot and PID 1 write to: outside of the root. */
  bootLog: string;
  pid1: readonly string[];
  systemd: boolean;
};

const BOOT = fileURLToPath(new URL("./boot.sh", import.meta.url));
/** The first process of a host is in the host's group before it has a namespace of groups, whose root that group becomes. */
const JOIN = '[ -z "$0" ] || echo $$ >"$0/cgroup.procs"; exec "$@"';
const NAMESPACES = ["--net", "--mount", "--pid", "--uts", "--ipc"];

/** It may have ended since it was seen. */
function send(signal: NodeJS.Signals, pid: number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** A host; made by startLab(). */
export class Host {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** "ssh-ed25519 AAAA…" */
  readonly hostKey: string;
  readonly machineId: string;
  /** Its root as seen from the lab; it is there while the host is down, too. */
  readonly rootDirectory: string;
  readonly #plan: HostPlan;
  #unshare: ChildProcess | undefined;
  #pid = 0;
  readonly #link: Link;
  #cgroup: string | undefined;
  readonly #stopped = new Set<"sshd hangs" | "frozen">();

  constructor(plan: HostPlan) {
    this.name = plan.name;
    this.address = plan.address;
    this.port = plan.port;
    this.hostKey = plan.hostKey;
    this.machineId = plan.machineId;
    this.rootDirectory = plan.rootDirectory;
    this.#plan = plan;
    this.#link = new Link(plan.link, plan.mac);
  }

  get isUp(): boolean {
    return this.#unshare !== undefined;
  }

  /** Of the host's PID 1, as seen from the lab. */
  get pid(): number {
    if (!this.isUp) throw new Error(`${this.name} is down`);
    return this.#pid;
  }

  /** "up", "down", or "up" and what was done to it; for people. */
  get state(): string {
    if (!this.isUp) return "down";
    return ["up", ...this.#stopped, ...this.#link.troubles.values()].join(", ");
  }

  /** Boots with the root as it is, on a new link; resolves when sshd listens. */
  async boot(): Promise<void> {
    if (this.isUp) throw new Error(`${this.name} is up already`);
    const { link, bootLog, logFile, rootDirectory, pid1, systemd } = this.#plan;
    await this.#link.unplug(); // it may have died by itself
    const listenedBefore = await this.#timesListened();
    const boot = ["sh", BOOT, rootDirectory, this.name, this.address, systemd ? bootLog : logFile, ...pid1];
    const env = { PATH, HOME: "/root", LANG: "C.UTF-8", container: "lab" };
    this.#cgroup = systemd ? await makeCgroup(link) : undefined;
    const own = systemd ? ["--cgroup"] : [];
    const argv = ["unshare", ...NAMESPACES, ...own, "--fork", "--kill-child", ...boot];
    // A session of its own: a terminal's ^C is meant for what a person runs, not for the hosts.
    const child = spawn("sh", ["-c", JOIN, this.#cgroup ?? "", ...argv], { stdio: "pipe", env, detached: true });
    // unshare 2.38 complains about its signal mask when PID 1 was killed: only before the boot is it worth reading.
    const complaint = text(child.stderr);
    child.once("exit", () => {
      this.#unshare = undefined;
      this.#pid = 0;
      this.#stopped.clear();
    });
    child.stdin.on("error", () => {}); // when it died already; its exit says so
    this.#unshare = child;
    this.#pid = Number((await firstLine(child)) ?? 0);
    if (this.#pid === 0) throw new Error(`${this.name} did not boot: ${await complaint}${await this.sshdLog()}`);
    await this.#link.plug(this.#pid);
    child.stdin.end("go\n");
    await until(`${this.name} listens`, async () => {
      if (!this.isUp) throw new Error(`${this.name} died at boot: ${await this.sshdLog()}`);
      return (await this.#timesListened()) > listenedBefore;
    });
  }

  /** kill -9 of PID 1: all in it dies, its files stay, its peers see closed connections. After cut() they see nothing. */
  async kill(): Promise<void> {
    const child = this.#unshare;
    if (child === undefined) return;
    const exited = once(child, "exit");
    process.kill(this.#pid || (child.pid ?? 0), "SIGKILL");
    await exited;
    if (this.#cgroup !== undefined) await removeCgroup(this.#cgroup);
    this.#cgroup = undefined;
    await this.#link.unplug();
  }

  /** Pulls the cable, until restore() or the next boot(). */
  async cut(): Promise<void> {
    await this.#whilePlugged.cut();
  }

  async restore(): Promise<void> {
    await this.#whilePlugged.restore();
  }

  /** Delays what it says and what it is told by so many milliseconds each; 0, limit() or the next boot() ends it. */
  async slow(delayMs: number): Promise<void> {
    if (!(delayMs >= 0)) throw new Error(`a delay is a number of milliseconds, not ${delayMs}`);
    const because = delayMs === 0 ? undefined : await whyNoDelay();
    if (because !== undefined) throw new Error(because);
    await this.#whilePlugged.shape(delayMs === 0 ? undefined : { delayMs });
  }

  /** Lets no more bytes through in a second, each way; 0, slow() or the next boot() ends it. */
  async limit(bytesPerSecond: number): Promise<void> {
    if (!(bytesPerSecond >= 0)) throw new Error(`a limit is a number of bytes a second, not ${bytesPerSecond}`);
    await this.#whilePlugged.shape(bytesPerSecond === 0 ? undefined : { bytesPerSecond });
  }

  /** Stops the listening sshd: the kernel still completes handshakes, then nothing is said. Sessions go on. */
  hang(): void {
    for (const pid of this.pids()) if (isSshListener(pid)) send("SIGSTOP", pid);
    this.#stopped.add("sshd hangs");
  }

  /** Stops everything in the host; its kernel still acknowledges what peers send. */
  freeze(): void {
    for (const pid of this.pids()) send("SIGSTOP", pid);
    this.#stopped.add("frozen");
  }

  /** Ends hang() and freeze(). */
  resume(): void {
    for (const pid of this.pids()) send("SIGCONT", pid);
    this.#stopped.clear();
  }

  /** All processes of the host, zombies included, as the lab numbers them. */
  pids(): number[] {
    return processesOf(this.pid);
  }

  /** Runs argv as root in the host, not by ssh; its tmpfs' (/tmp, /run) are seen, too. */
  exec(argv: readonly string[], options: { input?: string | Uint8Array } = {}): Promise<Finished> {
    return run(this.entered(argv), options);
  }

  /** The command that runs argv as root in the host; what exec() runs. */
  entered(argv: readonly string[]): string[] {
    const group = this.#cgroup === undefined ? [] : ["-C"];
    const enter = ["nsenter", "--target", String(this.pid), "-m", "-u", "-i", "-n", "-p", "-r", "-w", ...group];
    return [...enter, "env", "-i", `PATH=${PATH}`, "HOME=/root", "LANG=C.UTF-8", ...argv];
  }

  /** The command that runs argv, a program of this machine, in the host's network. */
  inNetwork(argv: readonly string[]): string[] {
    return ["nsenter", "--target", String(this.pid), "-n", ...argv];
  }

  /** A host's path from outside, up or down; not for /tmp, /run, /proc, /dev, nor through absolute symbolic links. */
  file(path: string): string {
    return join(this.rootDirectory, path);
  }

  /** All that sshd (and PID 1) said since the host was made; LogLevel VERBOSE. */
  sshdLog(): Promise<string> {
    return readFile(this.#plan.logFile, { encoding: "utf8", flag: "a+" });
  }

  /** Its link, which is there while it is up. */
  get #whilePlugged(): Link {
    if (!this.isUp) throw new Error(`${this.name} is down`);
    return this.#link;
  }

  async #timesListened(): Promise<number> {
    return (await this.sshdLog()).split("Server listening on").length;
  }
}

/** undefined when it ends without one. */
async function firstLine(child: { stdout: Readable }): Promise<string | undefined> {
  for await (const line of createInterface(child.stdout)) return line;
  return undefined;
}
