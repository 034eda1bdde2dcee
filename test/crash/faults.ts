// What may go wrong while an op stands at a point, and what mends it before the next contact.
import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { StartedJob } from "../e2e/action.ts";
import { until } from "../lab/command.ts";
import { abortDisk, repairDisk } from "../lab/disk.ts";
import type { Host } from "../lab/lab.ts";
import { allowNoProcesses, allowProcesses } from "../lab/pids.ts";
import { killVm } from "./vm.ts";

export type Fault = {
  name: string;
  /** Whether the agent dies there by itself, or waits for the fault to be done to it. */
  deed: "kill" | "wait";
  /** Whether a VM may be gone, or a manager have started one, without any op: then drift is what the next run finds. */
  causesDrift: boolean;
  /** Where the op can't go on by itself: at once, or when it needs space on the disk. */
  endsOp?: "at once" | "for want of space";
  /** Whether the VM that is struck, or that its app is embedded in, dies of it. */
  endsVm?: true;
  /** Whether all VMs do. */
  endsHost?: true;
  fillsDisk?: true;
  /** Whether the disk must be one of blocks, which the kernel makes read-only after an error. */
  needsBlocks?: true;
  /** Whether it goes on until it is mended; the app is to be served meanwhile. */
  lasts?: true;
  /** Whether its way back may be a restart where none is promised, or one more. */
  mayRestart?: true;
  strike(host: Host): Promise<void>;
  /** Once all hosts of a round were struck. */
  strikeRunner?(job: StartedJob): void;
  mend?(host: Host): Promise<void>;
};

const killAgent = (host: Host): Promise<unknown> =>
  host.exec(["pkill", "-9", "-f", "/agent-[0-9a-f]+ /opt/releases (engine|action) "]);

/** As a log would that somebody else writes: what is freed meanwhile is taken, too. */
async function fillDisk(host: Host): Promise<void> {
  const fill = "while [ -e /run/filling ]; do cat /dev/zero >>/opt/filler; sleep 0.05; done; rm /opt/filler";
  const background = `{ ${fill}; } </dev/null >/dev/null 2>&1 &`;
  await host.exec(["sh", "-c", `touch /run/filling; cat /dev/zero >/opt/filler; ${background}`]);
}

async function emptyDisk(host: Host): Promise<void> {
  await host.exec(["rm", "/run/filling"]);
  await until(`${host.name} has room again`, async () => !existsSync(host.file("/opt/filler")));
}

const nothing = async (): Promise<void> => undefined;
const SECOND = 1000;

export const FAULTS: readonly Fault[] = [
  { name: "agent killed", deed: "kill", causesDrift: false, endsOp: "at once", strike: nothing },
  {
    name: "runner killed",
    deed: "wait",
    causesDrift: false,
    strike: nothing,
    strikeRunner: (job) => job.kill("SIGKILL"),
  },
  {
    name: "cable out for 1 s",
    deed: "wait",
    causesDrift: false,
    strike: async (host) => {
      await host.cut();
      await pause(SECOND);
      await host.restore();
    },
  },
  {
    name: "cable out for good",
    deed: "wait",
    causesDrift: false,
    strike: (host) => host.cut(),
    strikeRunner: (job) => job.kill("SIGKILL"),
    mend: (host) => host.restore(),
  },
  {
    name: "power loss",
    deed: "wait",
    causesDrift: true,
    endsVm: true,
    endsHost: true,
    strike: async (host) => {
      await host.kill();
      await host.boot();
    },
  },
  {
    name: "VM killed",
    deed: "wait",
    causesDrift: true,
    endsVm: true,
    strike: (host) => killVm(host, "counter"),
  },
  {
    // As the OOM killer may. First the VM: without an agent the runner has the op undone at once.
    name: "agent and VM killed",
    deed: "wait",
    causesDrift: true,
    endsOp: "at once",
    endsVm: true,
    strike: async (host) => {
      await killVm(host, "counter");
      await killAgent(host);
    },
  },
  {
    name: "sshd killed",
    deed: "wait",
    causesDrift: false,
    strike: async (host) => {
      const sessions = await host.exec(["pgrep", "-f", "^sshd(-session)?: [^/]"]);
      for (const pid of sessions.stdout.split("\n").filter(Boolean)) await host.exec(["kill", "-9", pid]);
    },
  },
  {
    name: "disk full",
    deed: "wait",
    causesDrift: false,
    endsOp: "for want of space",
    fillsDisk: true,
    strike: fillDisk,
    mend: emptyDisk,
  },
  {
    // There the whole undo finds no more room than what was set aside for it.
    name: "agent killed on a full disk",
    deed: "wait",
    causesDrift: false,
    endsOp: "at once",
    fillsDisk: true,
    strike: async (host) => {
      await fillDisk(host);
      await killAgent(host);
    },
    mend: emptyDisk,
  },
  {
    // As after an I/O error, by which the kernel would not lose more.
    name: "disk read-only",
    deed: "wait",
    causesDrift: true,
    endsOp: "at once",
    endsVm: true,
    endsHost: true,
    needsBlocks: true,
    lasts: true,
    strike: abortDisk,
    mend: repairDisk,
  },
  {
    name: "no inodes",
    deed: "wait",
    causesDrift: false,
    endsOp: "for want of space",
    lasts: true,
    mayRestart: true,
    strike: fillInodes,
    mend: freeInodes,
  },
  {
    name: "no more processes",
    deed: "wait",
    causesDrift: true,
    endsOp: "at once",
    mayRestart: true,
    strike: async (host) => {
      await allowNoProcesses(host);
      setTimeout(() => void allowProcesses(host), 4 * SECOND);
    },
    mend: allowProcesses,
  },
  {
    name: ".beamline gone",
    deed: "wait",
    causesDrift: false,
    endsOp: "at once",
    lasts: true,
    mayRestart: true,
    strike: async (host) => {
      await host.exec([
        "sh",
        "-c",
        "rm -rf /var/backup; cp -a /opt/releases/.beamline /var/backup; rm -rf /opt/releases/.beamline",
      ]);
    },
    // What is there again is newer.
    mend: async (host) => {
      await host.exec([
        "sh",
        "-c",
        "mkdir -p /opt/releases/.beamline && cp -an /var/backup/. /opt/releases/.beamline/",
      ]);
    },
  },
  {
    // What lies there is younger than what comes.
    name: "clock back an hour",
    deed: "wait",
    causesDrift: false,
    strike: (host) => ageFiles(host, "1 hour"),
  },
  {
    name: "clock forward a day",
    deed: "wait",
    causesDrift: false,
    strike: (host) => ageFiles(host, "-1 day"),
  },
];

/** The clock is the machine's, and is left alone: what was written before is as old as it would be. */
async function ageFiles(host: Host, by: string): Promise<void> {
  await host.exec(["find", "/opt/releases", "-exec", "touch", "-h", "-d", by, "{}", "+"]);
}

/** As somebody would who makes files without end: what is freed meanwhile is taken, too. */
async function fillInodes(host: Host): Promise<void> {
  const fill =
    "i=0; while [ -e /run/filling ]; do while touch /opt/files/$i; do i=$((i + 1)); done; sleep 0.05; done; rm -r /opt/files";
  const { code, stderr } = await host.exec([
    "sh",
    "-c",
    `touch /run/filling; mkdir /opt/files
used=$(df -i /opt | awk 'NR == 2 { print $3 }')
mount -o remount,nr_inodes=$((used + 20)) /opt || exit 1
i=0; while touch /opt/files/first.$i; do i=$((i + 1)); done 2>/dev/null
{ ${fill}; } </dev/null >/dev/null 2>&1 &`,
  ]);
  if (code !== 0) throw new Error(stderr);
}

async function freeInodes(host: Host): Promise<void> {
  await host.exec(["rm", "/run/filling"]);
  await until(`${host.name} has inodes again`, async () => !existsSync(host.file("/opt/files")));
  await host.exec(["mount", "-o", "remount,nr_inodes=1000000", "/opt"]);
}
