/** `npm run lab` as people and scripts use it: labs in the lab. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { run, until } from "./command.ts";
import { LAB_USAGE } from "./lab-arguments.ts";
import { whyNoLab } from "./lab-place.ts";

const because = whyNoLab();
const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const DOCS = readFileSync(new URL("../../docs/lab.md", import.meta.url), "utf8");

const lab = (argv: string, lines: readonly string[] = []) =>
  run([process.execPath, MAIN, ...argv.split(" ")], { input: lines.map((line) => `${line}\n`).join("") });

/** What it says once the table has been read: lines, without those of the table. */
const answers = (stdout: string): string[] =>
  stdout
    .split(/known_hosts {2}.*\n/)
    .at(-1)
    ?.split("\n")
    .slice(0, -1) ?? [];

describe.skipIf(because !== undefined)(because ?? "npm run lab", () => {
  const started: ChildProcess[] = [];
  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL");
  });

  /** One that is talked to. */
  function start(argv: readonly string[]): {
    child: ChildProcess;
    type(keys: string): void;
    hears(text: string): Promise<unknown>;
  } {
    const child = spawn(argv[0] ?? "", argv.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
    started.push(child);
    let said = "";
    child.stdout?.on("data", (data) => {
      said += data;
    });
    return {
      child,
      type: (keys) => child.stdin?.write(keys),
      hears: (text) =>
        until(
          `it says ${text}`,
          () => {
            const end = said.indexOf(text) + text.length;
            if (end < text.length) return false;
            said = said.slice(end);
            return true;
          },
          60_000,
        ),
    };
  }

  it("shows names, addresses, users, key and known_hosts; they are what ssh needs", async () => {
    const { code, stdout } = await lab("up 2 --plain", [
      "shell ssh -i /media/beamline-lab/subnet1/user_key -o UserKnownHostsFile=/media/beamline-lab/subnet1/known_hosts deploy@198.18.1.2 hostname",
    ]);
    expect(code).toBe(0);
    expect(stdout.split("\n").slice(2)).toEqual([
      "NAME  ADDRESS     LOGIN         STATE",
      "web1  198.18.1.1  root, deploy  up",
      "web2  198.18.1.2  root, deploy  up",
      "",
      "private key  /media/beamline-lab/subnet1/user_key",
      "known_hosts  /media/beamline-lab/subnet1/known_hosts",
      "web2",
      "",
    ]);
  });

  it("runs a command by ssh as root and as deploy, and without ssh, as it was typed", async () => {
    const lines = ["ssh web1 id -un; false", "ssh deploy@web1 sudo -n id -u", `exec web1 echo "a  b" | tr a c`];
    const { stdout } = await lab("up 1 --plain --sudo", lines);
    expect(answers(stdout)).toEqual(["root", "exit 1", "0", "c  b"]);
  });

  it("takes power and cable from a host, freezes and limits it, and gives all back", async () => {
    const done = ["kill web1", "boot web1", "cut web1", "restore web1", "freeze web1", "resume web1"];
    const { stdout, stderr } = await lab("up 1 --plain", [...done, "limit web1 50000", "limit web1 0", "slow web1 0"]);
    expect(stderr).toBe("");
    const states = ["down", "up", "up, cut", "up", "up, frozen", "up", "up, limited to 50000 B/s", "up", "up"];
    expect(answers(stdout)).toEqual(states.map((state) => `web1: ${state}`));
  });

  it("says in one line what it does not understand, and goes on", async () => {
    const mistakes = ["frob", "ssh web9 true", "ssh web1", "exec web1", "kill", "slow web1 much", "boot web1", "shell"];
    const { code, stdout, stderr } = await lab("up 1 --plain", [...mistakes, "", "exec web1 hostname", "quit", "frob"]);
    expect(code).toBe(0);
    expect(answers(stdout)).toEqual(["web1"]);
    expect(stderr.split("\n").slice(0, -1)).toEqual([
      "there is no command frob; help lists all",
      "no host web9 in the lab, only web1",
      "without a terminal it takes a command: ssh [USER@]NAME COMMAND...",
      "usage: exec NAME COMMAND...",
      "usage: kill NAME",
      "usage: slow NAME MS",
      "web1 is up already",
      "without a terminal it takes a command: shell COMMAND...",
    ]);
  });

  it("gives hosts what is asked for: systemd when nothing is, or sshd alone, busybox, a disk, a limit", async () => {
    const asks = [
      "exec web1 cat /proc/1/comm",
      "exec web1 readlink -f /bin/sh",
      "exec web1 df -m /opt | tail -1",
      "list",
    ];
    const usual = await lab("up 1", asks);
    expect(usual.stdout).toMatch(/\nsystemd\n\/usr\/bin\/dash\n\S+ .* \/\n/);
    const special = await lab("up 1 --busybox --disk 8m --limit 100000", asks);
    expect(special.stdout).toMatch(/\nsh\n\/usr\/lib\/busybox\n\S+ +8 .* \/opt\n.*up, limited to 100000 B\/s\n/s);
  });

  it.each([
    ["up 0", "N is 1 to 250, not 0"],
    ["down", "it knows only: up [N] [OPTION...]"],
    ["up 1 --fast", "Unknown option '--fast'"],
    ["up --disk big", "--disk takes a size such as 80m, not big"],
    ["up --plain --systemd", "--systemd and --plain exclude each other"],
    ["up --slow 1 --limit 1", "--slow and --limit exclude each other"],
  ])("refuses %s in one line, with the usage and exit code 64", async (argv, line) => {
    expect(await lab(argv)).toEqual({ code: 64, stdout: "", stderr: `${line}\n${LAB_USAGE}\n` });
  });

  it("needs root, and says so in one sentence with exit code 69", async () => {
    const { code, stderr } = await run(["unshare", "--user", process.execPath, MAIN, "up", "1"]);
    expect([code, stderr]).toEqual([
      69,
      "The lab needs root: run it as root, on Linux, with the tools that npm run demo installs.\n",
    ]);
  });

  it("runs twice at the same time, on the same addresses, each with hosts of its own", async () => {
    const both = [0, 1].map(() => start([process.execPath, MAIN, "up", "1", "--plain"]));
    for (const one of both) await one.hears("known_hosts");
    for (const [index, one] of both.entries()) one.type(`ssh web1 echo ${index} > /opt/file\nkill web1\nboot web1\n`);
    for (const one of both) await one.hears("web1: up\n");
    for (const [index, one] of both.entries()) {
      one.type("ssh web1 sed s/^/file:/ /opt/file\n");
      await one.hears(`file:${index}\n`);
      const exited = once(one.child, "exit");
      one.child.stdin?.end();
      expect(await exited).toEqual([0, null]);
    }
  });

  it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("takes all its processes with it at %s", async (signal) => {
    const one = start([process.execPath, MAIN, "up", "2"]);
    await one.hears("known_hosts");
    const pids = descendants(one.child.pid ?? 0);
    expect(pids.length).toBeGreaterThan(10);
    one.child.kill(signal);
    await until("all are gone", () => pids.every((pid) => !existsSync(`/proc/${pid}`)));
  });

  it("is a prompt on a terminal: a shell there and back, ^C ends a command, and then the lab", async () => {
    const one = start(["script", "-qec", `exec ${process.execPath} ${MAIN} up 1 --plain`, "/dev/null"]);
    await one.hears("lab> ");
    one.type("ssh web1\n");
    await one.hears("root@web1");
    one.type("exit 3\n");
    await one.hears("exit 3\r\n\u001b");
    await one.hears("lab> ");
    one.type("shell\n");
    await one.hears("# ");
    one.type("echo in $PPID; exit\n");
    await one.hears("lab> ");
    one.type("exec web1 echo ready; sleep 1000\n");
    await one.hears("ready\r\n");
    one.type("\u0003");
    await one.hears("exit 130");
    await one.hears("lab> ");
    const exited = once(one.child, "exit");
    one.type("\u0003");
    expect(await exited).toEqual([0, null]);
  });

  it("has every command and option in docs/lab.md", async () => {
    const { stdout } = await lab("up 1 --plain", ["help"]);
    const usages = answers(stdout).map((line) => line.split("  ")[0] ?? "");
    expect(usages.length).toBeGreaterThan(10);
    const options = LAB_USAGE.match(/--\w+(?: [A-Z]+)?/g)?.slice(1) ?? [];
    expect([...usages, ...options].filter((it) => !DOCS.includes(`\`${it}\``))).toEqual([]);
  });
});

/** Below a process, at any depth. */
function descendants(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(path) ? readFileSync(path, "utf8").split(" ").filter(Boolean).map(Number) : [];
  return [...children, ...children.flatMap(descendants)];
}
