/** Labs in the lab: enter.ts inside enter.ts, so that even a failing test leaves nothing on the machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run, until } from "./command.ts";
import { LAB_ROOT, whyNoLab } from "./lab-place.ts";
import { processesOf } from "./processes.ts";

const because = whyNoLab();
const ENTER = fileURLToPath(new URL("./enter.ts", import.meta.url));

const enter = (script: string) => run([process.execPath, ENTER, "sh", "-c", script]);

describe.skipIf(because !== undefined)(because ?? "enter", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "enter-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  /** Starts a script that says when it runs, in a file that the lab and we both see. */
  async function started(name: string, script: string): Promise<{ child: ChildProcess; path: string }> {
    const path = join(directory, name);
    const child = spawn(process.execPath, [ENTER, "sh", "-c", script, path], { stdio: "ignore" });
    await until(`${name} runs`, () => existsSync(path));
    return { child, path };
  }

  it("answers the command's exit code, output and a clear word without a command", async () => {
    expect(await enter("echo out; echo err >&2; exit 7")).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
    expect((await enter("kill -9 $$")).code).toBe(137);
    expect((await run([process.execPath, ENTER])).code).toBe(64);
  });

  it("gives a network of its own with only lo and br0", async () => {
    const { stdout } = await enter("ip -br -4 addr | tr -s ' ' | cut -d ' ' -f 1,3; ls /media");
    expect(stdout).toBe("lo 127.0.0.1/8\nbr0 198.18.0.1/16\nbeamline-lab\n");
  });

  it("runs `#!/usr/bin/env node` programs with its own node", async () => {
    expect((await enter("exec node -p process.execPath")).stdout.trim()).toBe(process.execPath);
  });

  it("keeps two labs apart", async () => {
    const script = `mkdir ${LAB_ROOT}/mine; : >"$0"; while [ -e "$0" ]; do sleep 0.02; done`;
    const both = await Promise.all([started("left", script), started("right", script)]);
    for (const { child, path } of both) {
      const exited = once(child, "exit");
      await rm(path);
      expect(await exited).toEqual([0, null]);
    }
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("forwards %s to the command", async (signal) => {
    const script = `trap 'exit 42' ${signal.slice(3)}; : >"$0"; while :; do sleep 0.02; done`;
    const { child } = await started(signal, script);
    const exited = once(child, "exit");
    child.kill(signal);
    expect(await exited).toEqual([42, null]);
  });

  it("takes everything with it when it is killed by kill -9", async () => {
    const script = 'trap "" HUP TERM; setsid sleep 1000 & read -r me rest </proc/self/stat; : >"$0"; wait';
    const { child } = await started("killed", script);
    const setpriv = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8")).trim();
    const pid1 = Number((await readFile(`/proc/${setpriv}/task/${setpriv}/children`, "utf8")).trim());
    expect(processesOf(pid1).length).toBeGreaterThan(2);
    child.kill("SIGKILL");
    await until("unshare and PID 1 are gone", () => !existsSync(`/proc/${setpriv}`) && !existsSync(`/proc/${pid1}`));
  });
});
