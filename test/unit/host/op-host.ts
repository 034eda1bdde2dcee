// A host with an app, and an op that has just arrived there, in a directory. The agent is the real one; what runs is what a file says.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinedAgent } from "../../../scripts/join-agent.mjs";
import { namesIn } from "./agent-shell.ts";

const TOOLS =
  "awk cat chmod cmp cp cut dd df fallocate find flock grep head id ln ls mkdir mv readlink rm rmdir sed sha256sum sort sync tail tr wc";

/** `run` stands for what starts and stops a VM, `sick` for a gate that fails. */
const VERBS = `
do_run() { printf '%s\\n' "$1" >"$ROOT/shop/running"; }
do_sick() { fail health_check_failed - detail s "it answers 500"; }
spool_roots() { printf '%s\\n' "$ROOT/spool"; }
find_unsafe() { unsafe=null; }
`;

const record = (release: string, config: string): string =>
  String.raw`record \0173"release":"${release}","config":"${config}","spec":{}} \c`;

/** From 1.0.0 to 1.1.0, as the lines of an op; its gate fails where it is `sick`. */
export const UPGRADE = (gate: "well" | "sick", more = ""): string => `
config new / unconfig new
run - / run 1.0.0
link 1.1.0 / link 1.0.0
run 1.1.0 / run -
${more}
${gate === "sick" ? "sick" : "run 1.1.0"}
final ${record("1.1.0", "new")}
prune 2`;

/** Takes the app away. */
export const REMOVAL = `
link - / link 1.0.0
run - / run 1.0.0
final forget
prune 0`;

/** The header of an op and its steps, from lines `DO / UNDO`. */
function opOf(text: string): { header: string[]; lines: string[] } {
  const steps = text.split("\n").filter((it) => it.trim() !== "");
  const final = steps.findIndex((it) => it.startsWith("final ")) + 1;
  const header = ["shop", "1000", "before", "digest", "run", `${steps.length} ${final}`];
  const lines = steps.flatMap((step, index) => {
    const [make = "", undo] = step.replace(/^final /, "").split(" / ");
    const [verb] = make.split(" ");
    const nth = index + 1;
    const undos = undo === undefined ? [] : [`${nth}.undo.1 9000 ${undo}`];
    return [`${nth}.step ${nth}-${verb} 9000`, `${nth}.do 9000 ${make}`, ...undos];
  });
  return { header, lines };
}

export type Found = {
  outcome: string | undefined;
  code: string | undefined;
  running: string | null;
  configs: readonly string[];
  record: string | undefined;
  hasEnded: boolean;
};

export type OpHost = {
  /** The host's root. */
  root: string;
  /** `.beamline` in it. */
  base: string;
  /** The op's own directory. */
  op: string;
  /** Calls the agent to its end; what it printed. */
  call(words: readonly string[]): Promise<string>;
  /** Runs the engine of the op. */
  run(task?: "begin" | "recover"): Promise<string>;
  /** What somebody finds who comes later. */
  found(): Found;
  journal(): string;
  /** How many helpers were begun. */
  helpers(): number;
};

const made: string[] = [];
const called: ChildProcess[] = [];

/** Ends and removes all that was made here. */
export function removeHosts(): void {
  for (const child of called.splice(0)) child.kill("SIGKILL");
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
}

/** Of the helpers that are begun there the n-th is killed; `verbs`: shell functions of the agent that are others here. */
export function opHost(steps: string, { killed = 0, verbs = "" } = {}): OpHost {
  const directory = mkdtempSync(join(tmpdir(), "op-host-"));
  made.push(directory);
  const [bin, root] = [join(directory, "bin"), join(directory, "root")];
  const base = join(root, ".beamline");
  const op = join(base, "ops/op-1");
  for (const path of [bin, join(op, "in"), join(base, "lock"), join(base, "state"), join(root, "shop/config/old")])
    mkdirSync(path, { recursive: true, mode: 0o700 });
  const count = join(directory, "count");
  writeFileSync(count, "0\n");
  for (const tool of TOOLS.split(" ")) {
    const counted = `read -r n <${count}\nn=$((n + 1))\necho "$n" >${count}\n[ "$n" -ne ${killed} ] || kill -9 $$`;
    writeFileSync(join(bin, tool), `#!/bin/dash\n${counted}\nexec /usr/bin/${tool} "$@"\n`);
    chmodSync(join(bin, tool), 0o755);
  }
  for (const tool of ["sleep", "setsid"]) symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
  symlinkSync("/bin/dash", join(bin, "sh"));
  for (const release of ["1.0.0", "1.1.0"]) {
    mkdirSync(join(root, "shop", release));
    writeFileSync(join(root, "shop", release, ".beamline"), `${release}\n`);
  }
  symlinkSync("1.0.0", join(root, "shop/current"));
  writeFileSync(join(root, "shop/running"), "1.0.0\n");
  writeFileSync(join(base, "state/shop"), `{"release":"1.0.0","config":"old","spec":{}}\n-\nbefore\n`);
  for (const file of ["env.config", "os_env", "vm_args"]) writeFileSync(join(op, "in", file), `${file} of new\n`);
  const agent = join(base, "agent-test");
  writeFileSync(
    agent,
    joinedAgent().replace(/\n\[ \$# -eq 0 \] [^\n]*\n$/, (main) => VERBS + verbs + main),
  );
  const { header, lines } = opOf(steps);
  writeFileSync(join(op, "header"), `${header.join("\n")}\n`);
  writeFileSync(join(op, "op"), `${[...header, "agent-test", ...lines].join("\n")}\n`);
  writeFileSync(join(op, "agent"), "agent-test\n");
  for (const file of ["journal", "undone", "facts", "reserve"]) writeFileSync(join(op, file), "");

  const call: OpHost["call"] = async (words) => {
    const child = spawn("/bin/dash", [agent, root, ...words], {
      env: { PATH: bin },
      stdio: ["ignore", "pipe", "pipe"],
    });
    called.push(child);
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data) => {
        said += data;
      });
    await once(child, "close");
    return said;
  };
  const journal = (): string => (existsSync(join(op, "journal")) ? readFileSync(join(op, "journal"), "utf8") : "");
  return {
    root,
    base,
    op,
    call,
    journal,
    run: (task = "begin") => call(["engine", "op-1", task]),
    helpers: () => Number(readFileSync(count, "utf8")),
    found: () => {
      const last = journal()
        .split("\n")
        .findLast((line) => line.includes('"event":"outcome"'));
      const [running, state] = [join(root, "shop/running"), join(base, "state/shop")];
      return {
        outcome: /"outcome":"([a-z_]+)"/.exec(last ?? "")?.[1],
        code: /"code":"([a-z_]+)"/.exec(last ?? "")?.[1],
        running: existsSync(running) ? readFileSync(running, "utf8").trim() : null,
        configs: namesIn(join(root, "shop/config")).sort(),
        record: existsSync(state) ? /"release":"([^"]*)"/.exec(readFileSync(state, "utf8"))?.[1] : undefined,
        hasEnded: existsSync(join(op, "ended")),
      };
    },
  };
}
