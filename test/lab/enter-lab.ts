/**
 * Namespaces for a command: private network (lo, and br0 as 198.18.0.1), mounts and processes. They have no names, so nothing can
 * stay behind: when the command ends, or this process dies of whatever, even of kill -9, the kernel kills everything inside and
 * drops mounts and network with it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname } from "node:path";
import { BRIDGE, BRIDGE_ADDRESS, LAB_CGROUP_MOUNT, LAB_MOUNT, LAB_ROOT } from "./lab-place.ts";

// The parent may die before the death signal is armed; a wrong parent afterwards tells.
const ARMED = '[ "$PPID" = "$0" ] || exit 137; exec unshare "$@"';

// PID 1 inside. COMMAND stays in the foreground: a background job would ignore SIGINT, and dash reaps strangers here too.
// Without an address of its own the bridge takes a port's, and another's when that host dies: ARP caches would rot.
const SETUP = `set -e
mount -t tmpfs -o mode=0755 beamline-lab ${LAB_MOUNT}
mkdir ${LAB_ROOT} ${LAB_CGROUP_MOUNT}
# Groups can't be unmounted away: those of labs that were killed are empty and go now; the kernel refuses to remove live ones.
if mount -t cgroup2 cgroup ${LAB_CGROUP_MOUNT}; then
  for stale in ${LAB_CGROUP_MOUNT}/beamline-lab-*; do
    [ ! -d "$stale" ] || find "$stale" -depth -type d -exec rmdir {} ';' 2>/dev/null
  done
  mkdir ${LAB_CGROUP_MOUNT}/beamline-lab-$BEAMLINE_LAB
fi
# A host's own table of connections: the machine's has hundreds of thousands of places, which every look at /proc/net/tcp walks.
own_table=/proc/sys/net/ipv4/tcp_child_ehash_entries
[ ! -w $own_table ] || echo 4096 >$own_table
ip -batch - <<'.'
link set lo up
link add ${BRIDGE} address 02:00:c6:12:00:00 type bridge
addr add ${BRIDGE_ADDRESS}/16 dev ${BRIDGE}
link set ${BRIDGE} up
.
set +e
"$@"
code=$?
[ ! -d ${LAB_CGROUP_MOUNT}/beamline-lab-$BEAMLINE_LAB ] || rmdir ${LAB_CGROUP_MOUNT}/beamline-lab-$BEAMLINE_LAB
exit $code`;

const UNSHARE = ["--net", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc"];

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** unshare holds signals back and PID 1 ignores them: they go to COMMAND, PID 1's child, and before there is one end it all. */
function forward(entered: ChildProcess, signal: NodeJS.Signals): void {
  const commands = childrenOf(entered.pid ?? 0).flatMap(childrenOf);
  if (commands.length === 0) entered.kill("SIGKILL");
  for (const pid of commands) process.kill(pid, signal);
}

/** Runs command in namespaces of its own; its exit code becomes ours. */
export function enterLab(command: readonly string[]): void {
  const entered = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "sh", "-c", ARMED, String(process.pid), ...UNSHARE, "sh", "-c", SETUP, "sh", ...command],
    // `#!/usr/bin/env node` inside shall mean this node: the machine's may be too old for the tests.
    {
      stdio: "inherit",
      env: {
        ...process.env,
        BEAMLINE_LAB: randomUUID(),
        PATH: dirname(process.execPath) + delimiter + process.env.PATH,
      },
    },
  );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
    process.on(signal, () => {
      // A terminal's ^C and ^\ have already gone to the whole process group.
      const isFromTerminal = process.stdin.isTTY && (signal === "SIGINT" || signal === "SIGQUIT");
      if (!isFromTerminal) forward(entered, signal);
    });
  }
  entered.on("error", (error) => {
    process.stderr.write(`cannot enter the lab: ${error.message}\n`);
    process.exitCode = 69;
  });
  entered.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal ?? "SIGKILL"];
  });
}
