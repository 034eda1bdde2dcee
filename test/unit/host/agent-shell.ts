// The agent's functions in real shells, on hosts that lack tools: a folder of links is all that their PATH has.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { joinedAgent } from "../../../scripts/join-agent.mjs";

export type ShellName = "dash" | "ash";

/** The tools are coreutils' and util-linux' with dash, busybox' own with ash. */
export const SHELLS: readonly ShellName[] = ["dash", "ash"];

const TOOLS =
  "awk cat chmod cmp cp cut dd df find flock grep gzip head id kill ln ls mkdir mv od openssl readlink rm rmdir sed seq setsid sha256sum shasum sleep sort sync tail tar tr wc";

export type AgentShell = {
  /** `.beamline` of the host's root, which is there. */
  base: string;
  /** The folder with its tools. */
  bin: string;
  /** Runs lines after the agent's own, with the app `shop` and the folder of an op. */
  start(lines: string): ChildProcess;
  /** The same, to its end: what it printed, and how it ended; 128 + n where signal n did. */
  run(lines: string): Promise<{ said: string; code: number }>;
  remove(): void;
};

export function agentShell(shell: ShellName, { lacks }: { lacks: readonly string[] }): AgentShell {
  const directory = mkdtempSync(join(tmpdir(), "agent-shell-"));
  const bin = join(directory, "bin");
  const base = join(directory, "root/.beamline");
  mkdirSync(bin);
  mkdirSync(join(base, "ops"), { recursive: true });
  // As the agent makes it.
  chmodSync(base, 0o700);
  const found = (tool: string): string | undefined => ["/usr/bin", "/bin"].map((it) => join(it, tool)).find(existsSync);
  for (const tool of TOOLS.split(" ").filter((it) => !lacks.includes(it))) {
    // What busybox lacks a host with busybox may have from elsewhere; here that is flock, shasum and openssl.
    const path = shell === "ash" && !["flock", "openssl", "shasum"].includes(tool) ? found("busybox") : found(tool);
    if (path !== undefined) symlinkSync(path, join(bin, tool));
  }
  symlinkSync(shell === "ash" ? "/bin/busybox" : "/bin/dash", join(bin, "sh"));
  const preamble = [
    `ROOT=${directory}/root BASE=${base} APP=shop OP=op-$$ HOLDER="run $$" STEPS=1 FINAL=1`,
    "OPDIR=$BASE/ops/$OP",
    'mkdir -p "$OPDIR"',
  ];
  const started: ChildProcess[] = [];
  let scripts = 0;
  const start = (lines: string): ChildProcess => {
    scripts += 1;
    const script = join(directory, `script-${scripts}.sh`);
    // Without arguments the agent's last line does nothing.
    writeFileSync(script, [joinedAgent(), ...preamble, lines].join("\n"));
    const command = shell === "ash" ? ["/bin/busybox", "ash"] : ["/bin/dash"];
    const child = spawn(command[0] ?? "", [...command.slice(1), script], {
      env: { PATH: bin },
      stdio: ["ignore", "pipe", "pipe"],
    });
    started.push(child);
    return child;
  };
  return {
    base,
    bin,
    start,
    run: async (lines) => {
      const child = start(lines);
      const ended = once(child, "exit");
      // What it has left running may still have its output open; nobody waits for that.
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream?.on("data", (data) => {
          said += data;
        });
      const [code, signal] = await ended;
      await pause(10);
      return { said: said.trim(), code: code ?? 128 + constants.signals[signal as NodeJS.Signals] };
    },
    remove: () => {
      for (const child of started) child.kill("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Names in a folder; none where there is no such folder. */
export const namesIn = (path: string): string[] => (existsSync(path) ? readdirSync(path) : []);
