// A piece of this machine of its own, for a release that runs to be looked at: own processes, own network with nobody in it, own
// files. It lasts as long as a pipe of ours is open: whatever ends us ends it, and the kernel kills all that runs in it.
import { spawn } from "node:child_process";
import { hostname } from "node:os";
import { createInterface } from "node:readline";
import type { Conversation, Spoken } from "../process/converse.ts";
import { converse } from "../process/converse.ts";
import type { Way } from "./cage.ts";
import { INIT, PATH, waysFor, withoutRights } from "./cage.ts";
import type { Identity } from "./identity.ts";

export type Sandbox = {
  run(commandLine: string, conversation: Conversation): Promise<Spoken>;
  /** Returns when everything in it is dead. */
  close(): Promise<void>;
};

const NAMESPACES = ["--net", "--pid", "--mount", "--uts", "--ipc"];

const OPEN_MS = 15_000;
const CLOSE_MS = 5_000;

// A file that is somebody's standard input could be opened again through /proc, and written to: it comes by a pipe. What else is
// open here Node closes only as far as it goes without a gap; the rest takes a shell that knows numbers of two digits.
const ALONE = `cat | if command -v bash >/dev/null; then
  exec bash -c 'for open in /proc/self/fd/*; do
    number=\${open##*/}
    [ "$number" -le 2 ] || eval "exec $number>&-"
  done
  exec "$@"' bash "$@"
else exec "$@"; fi`;

/** Opens one. Its files take memory, `sizeBytes` at most. Where none can be had, why not. */
export async function openSandbox(identity: Identity, sizeBytes: number): Promise<Sandbox | { refused: string }> {
  const names = [...new Set([identity.hostname, hostname(), ...identity.names])];
  const hosts = `127.0.0.1 localhost\n127.0.0.1 ${names.join(" ")}\n::1 localhost`;
  const given = [`${Math.ceil(sizeBytes / 1024)}`, identity.hostname, hosts, ...identity.addresses];
  const refused: string[] = [];
  for (const way of waysFor(process.getuid?.() ?? 0)) {
    const sandbox = await opened(way, given);
    if (!("refused" in sandbox)) return sandbox;
    refused.push(sandbox.refused);
  }
  return { refused: [...new Set(refused)].join("; ") };
}

async function opened(way: Way, given: readonly string[]): Promise<Sandbox | { refused: string }> {
  const namespaces = [...way.make, ...NAMESPACES, "--fork", "--kill-child"];
  const [program = "", ...words] = [...namespaces, "sh", "-c", INIT, "sh", String(way.owner), ...given];
  const init = spawn(program, words, { cwd: "/", env: { PATH: `${process.env.PATH ?? ""}:${PATH}`, LC_ALL: "C" } });
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
  const running = new Set<Promise<unknown>>();
  const close = async (): Promise<void> => {
    init.stdin.end();
    const timer = setTimeout(() => init.kill("SIGKILL"), CLOSE_MS);
    await ended;
    clearTimeout(timer);
    // What brought them in outlives them by a moment.
    await Promise.allSettled(running);
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
    const lines = said.split("\n").filter((line) => line.trim() !== "" && !line.includes("dmesg(1)"));
    return { refused: lines.at(-1)?.trim() ?? `${program} does not answer` };
  }
  const into = [...way.enter, `--target=${pid}`, ...NAMESPACES, "--", ...withoutRights(way), "/bin/sh", "-c"];
  return {
    run: (commandLine, conversation) => {
      const spoken = converse("/bin/sh", ["-c", ALONE, "sh", ...into, commandLine], conversation);
      running.add(spoken);
      return spoken.finally(() => running.delete(spoken));
    },
    close,
  };
}

async function after(waitMs: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), waitMs).unref());
}
