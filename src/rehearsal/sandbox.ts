// A piece of this machine of its own, for a release that runs to be looked at: own processes, own network with nobody in it, own
// mounts. It lasts as long as a pipe of ours is open: whatever ends us ends it, and the kernel kills all that runs in it.
import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { createInterface } from "node:readline";
import type { Conversation, Spoken } from "../process/converse.ts";
import { converse } from "../process/converse.ts";
import type { Identity } from "./identity.ts";

export type Sandbox = {
  run(commandLine: string, conversation: Conversation): Promise<Spoken>;
  /** Returns when everything in it is dead. */
  close(): Promise<void>;
};

const NAMESPACES = ["--net", "--pid", "--mount", "--uts", "--ipc"];

/** As hosts have it: no tool of the job is found by what runs there. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const OPEN_MS = 15_000;
const CLOSE_MS = 5_000;

// PID 1 in it. Its number outside is in /proc as long as that is the old one. The job's directory holds the ssh key, and the home
// directory whatever people keep there: what is rehearsed sees neither, nor sockets of services. A background command has no
// standard input of its own (POSIX sh), so the pipe is handed over; sh meanwhile buries those that die.
const INIT = `set -e
read -r pid _ </proc/self/stat
directory=$1 private=$2 home=$3 name=$4
shift 4
mount -t proc proc /proc
ip link set lo up
for address in "$@"; do ip address add "$address/32" dev lo 2>/dev/null || true; done
hostname "$name" 2>/dev/null || true
# A host may have let the app listen on port 80.
echo 0 2>/dev/null >/proc/sys/net/ipv4/ip_unprivileged_port_start || true
[ ! -e /etc/hosts ] || mount --bind "$directory/hosts" /etc/hosts
mount --bind "$directory/tmp" /tmp
for hidden in "$private" "$home" /run; do
  case $hidden in / | '') ;; *) [ ! -d "$hidden" ] || mount -t tmpfs -o mode=755 rehearsal "$hidden" ;; esac
done
echo "ready $pid"
exec 3<&0
cat <&3 >/dev/null &
wait $!`;

/** A way into namespaces: by a user namespace of one's own, as root, or by sudo. `become`: who it is that runs something there. */
type Way = { unshare: readonly string[]; enter: readonly string[]; become: readonly string[] };

function waysFor(uid: number, gid: number): Way[] {
  // This one takes no rights, and gives none: its root is nobody but us.
  const own = {
    unshare: ["unshare", "--user", "--map-root-user"],
    enter: ["nsenter", "--user", "--preserve-credentials"],
    become: [],
  };
  if (uid === 0) return [own, { unshare: ["unshare"], enter: ["nsenter"], become: [] }];
  // What sudo has opened must not lead out again.
  const become = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--no-new-privs"];
  return [own, { unshare: ["sudo", "-n", "unshare"], enter: ["sudo", "-n", "nsenter"], become }];
}

/** Opens one. `directory` is for it alone; `private` is what it must not see. Where none can be had, why not. */
export async function openSandbox(
  directory: string,
  privateDirectory: string,
  identity: Identity,
): Promise<Sandbox | { refused: string }> {
  await mkdir(`${directory}/tmp/home`, { recursive: true });
  const names = [...new Set([identity.hostname, hostname(), ...identity.names])];
  await writeFile(`${directory}/hosts`, `127.0.0.1 localhost\n127.0.0.1 ${names.join(" ")}\n::1 localhost\n`);
  const { HOME = "" } = process.env;
  const given = [directory, privateDirectory, HOME, identity.hostname, ...identity.addresses];
  const refused: string[] = [];
  for (const way of waysFor(process.getuid?.() ?? 0, process.getgid?.() ?? 0)) {
    const opened = await open(way, given);
    if (!("refused" in opened)) return opened;
    refused.push(opened.refused);
  }
  return { refused: [...new Set(refused)].join("; ") };
}

async function open({ unshare, enter, become }: Way, given: readonly string[]): Promise<Sandbox | { refused: string }> {
  const [program = "", ...words] = [
    ...unshare,
    ...NAMESPACES,
    "--fork",
    "--kill-child",
    "sh",
    "-c",
    INIT,
    "sh",
    ...given,
  ];
  const { HOME = "" } = process.env;
  const init = spawn(program, words, { env: { PATH: `${process.env.PATH ?? ""}:${PATH}`, HOME, LC_ALL: "C" } });
  let said = "";
  init.stderr.setEncoding("utf8").on("data", (text: string) => {
    const all = `${said}${text}`;
    said = all.length > 2_000 ? `…${all.slice(-2_000)}` : all;
  });
  // It may have ended before we let go of it.
  init.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => {
    init.once("close", () => resolve());
    init.once("error", (error) => {
      said = error.message;
      resolve();
    });
  });
  const close = async (): Promise<void> => {
    init.stdin.end();
    const timer = setTimeout(() => init.kill("SIGKILL"), CLOSE_MS);
    await ended;
    clearTimeout(timer);
  };
  const pid = await Promise.race([
    new Promise<string>((resolve) => {
      createInterface(init.stdout).on("line", (line) => {
        if (line.startsWith("ready ")) resolve(line.slice("ready ".length));
      });
    }),
    ended.then(() => null),
    after(OPEN_MS),
  ]);
  if (pid === null) {
    await close();
    return { refused: said.trim().split("\n").at(-1) || `${program} does not answer` };
  }
  const environment = [`PATH=${PATH}`, "HOME=/tmp/home", "SHELL=/bin/sh", "LANG=C.UTF-8"];
  const into = [...enter, `--target=${pid}`, ...NAMESPACES, "--"];
  const inside = [...into, ...become, "env", "-i", ...environment, "/bin/sh", "-c"];
  return {
    run: (commandLine, conversation) => converse(inside[0] ?? "", [...inside.slice(1), commandLine], conversation),
    close,
  };
}

async function after(waitMs: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), waitMs).unref());
}
