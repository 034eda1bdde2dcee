// Configurations as they lie on a host: what somebody has changed there is none, and is written anew.
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AgentShell, agentShell, SHELLS } from "./agent-shell.ts";

describe.each(SHELLS)("under %s", (name) => {
  let shell: AgentShell;
  let configs: string;
  beforeEach(async () => {
    shell = agentShell(name, { lacks: [] });
    configs = join(shell.base, "../shop/config");
    await configure("aaaa");
    await configure("bbbb");
  });
  afterEach(() => shell.remove());

  const configure = (config: string): Promise<unknown> =>
    shell.run(`
      mkdir -p "$OPDIR/in"
      for file in env.config os_env vm_args; do echo "$file of ${config}" >"$OPDIR/in/$file"; done
      do_config ${config}`);
  const whole = async (): Promise<string[]> => (await shell.run("whole_configs")).said.split("\n").sort();

  test("what was written is whole", async () => {
    expect(await whole()).toEqual(["aaaa", "bbbb"]);
    expect(readFileSync(join(configs, "aaaa/os_env"), "utf8")).toBe("os_env of aaaa\n");
  });

  test.each<[string, (config: string) => void]>([
    ["was edited", (it) => writeFileSync(join(it, "os_env"), "DATABASE other\n")],
    ["lacks a file", (it) => rmSync(join(it, "vm_args"))],
    ["has a file more", (it) => writeFileSync(join(it, "sys.config"), "[].\n")],
    ["has a directory", (it) => cpSync(join(it, "../bbbb"), join(it, "more"), { recursive: true })],
    ["was cut off", (it) => writeFileSync(join(it, "env.config"), "")],
    [
      "has a mark of another",
      (it) => writeFileSync(join(it, ".beamline"), readFileSync(join(it, "../bbbb/.beamline"))),
    ],
  ])("what %s is none, and is as it was once it is written again", async (_, change) => {
    change(join(configs, "aaaa"));
    expect(await whole()).toEqual(["bbbb"]);
    await configure("aaaa");
    expect(await whole()).toEqual(["aaaa", "bbbb"]);
    expect(existsSync(join(configs, "aaaa/sys.config"))).toBe(false);
    expect(readFileSync(join(configs, "aaaa/os_env"), "utf8")).toBe("os_env of aaaa\n");
  });

  test("of what has no mark nobody knows: it counts, and gets one when it is wanted again", async () => {
    rmSync(join(configs, "aaaa/.beamline"));
    writeFileSync(join(configs, "aaaa/os_env"), "DATABASE other\n");
    expect(await whole()).toEqual(["aaaa", "bbbb"]);
    await configure("aaaa");
    expect(readFileSync(join(configs, "aaaa/os_env"), "utf8")).toBe("os_env of aaaa\n");
    expect(existsSync(join(configs, "aaaa/.beamline"))).toBe(true);
  });

  test("nobody else may look into what is written, or written again", async () => {
    chmodSync(join(configs, "aaaa"), 0o700);
    writeFileSync(join(configs, "aaaa/os_env"), "DATABASE other\n");
    await configure("aaaa");
    const { said } = await shell.run(`ls -l "$ROOT/shop/config/aaaa" | sed -n 's/^\\(..........\\).*os_env$/\\1/p'`);
    expect(said).toBe("-rw-------");
  });
});
