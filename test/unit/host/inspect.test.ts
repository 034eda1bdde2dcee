// The agent's half of a look into a running release, in real shells; the node is one that says what the test has it say.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { AgentShell } from "./agent-shell.ts";
import { agentShell, SHELLS } from "./agent-shell.ts";

let shell: AgentShell | undefined;
afterEach(() => {
  shell?.remove();
  shell = undefined;
});

/** Releases in the host's root: what start_erl.data boots, and the manifest; a release of an older agent has none. */
type Releases = Record<string, { boots: string; manifest?: readonly string[] }>;

function host(name: (typeof SHELLS)[number], releases: Releases = {}): AgentShell {
  shell = agentShell(name, { lacks: [] });
  for (const [label, { boots, manifest = [] }] of Object.entries(releases)) {
    const directory = join(shell.base, "..", "shop", label);
    mkdirSync(join(directory, "releases"), { recursive: true });
    // As mix writes it, with no newline.
    writeFileSync(join(directory, "releases/start_erl.data"), `13.1.5 ${boots}`);
    writeFileSync(join(directory, ".beamline"), ["digest", ...manifest].map((line) => `${line}\n`).join(""));
  }
  return shell;
}

/** What stands for a VM that runs `release`, was started from `booted`, and whose node says what `node` prints. */
const vm = (node: string, { release = "1.0.0", booted = "1.0.0" } = {}): string => `
  find_vm() { vm=$$ vm_release=${release} vm_booted=${booted} vm_reldir=/run; }
  find_node() { :; }
  call_node() { ${node}; }
`;
const NODE = "printf 'release shop 1.0.0 13.1.5\\nend\\n'";

describe.each(SHELLS)("a look into a running release, in %s", (name) => {
  test("tells what lies in priv, and ends with what its node says last", async () => {
    const manifest = ["f0123456789ab\t./lib/shop-1.0.0/priv/a b.css", "f0123456789ab\t./lib/shop-1.0.0/ebin/shop.app"];
    const { said, code } = await host(name, { "1.0.0": { boots: "1.0.0", manifest } }).run(`${vm(NODE)}\ninspect shop`);
    expect(code).toBe(0);
    const lines = said.split("\n");
    expect(lines).toContain("priv f0123456789ab\t./lib/shop-1.0.0/priv/a b.css");
    expect(lines.slice(-2)).toEqual(["release shop 1.0.0 13.1.5", "end"]);
  });

  test("tells which files its VM was started with, of the version that boots, and which it had not", async () => {
    const files = (version: string, digit: string): string[] => [
      `f${digit.repeat(12)}\t./releases/${version}/vm.args`,
      `x${digit.repeat(12)}\t./releases/${version}/env.sh`,
      `f${digit.repeat(12)}\t./releases/${version}/sys.config`,
      `f${digit.repeat(12)}\t./releases/${version}/consolidated/vm.args.src`,
      `l\t./releases/${version}/runtime.exs\tother.exs`,
    ];
    const releases = {
      "1.0.0+ab": {
        boots: "1.0.0",
        manifest: [...files("0.9.0", "9"), ...files("1.0.0", "a"), ...files("1x0.0", "b")],
      },
      "1.1.0": { boots: "1.1.0", manifest: files("1.1.0", "c") },
    };
    const became = vm(NODE, { release: "1.1.0", booted: "1.0.0+ab" });
    const { said } = await host(name, releases).run(`${became}\ninspect shop`);
    expect(said.split("\n").filter((line) => line.startsWith("starts "))).toEqual([
      "starts vm.args aaaaaaaaaaaa",
      "starts vm.args.src -",
      "starts env.sh aaaaaaaaaaaa",
      "starts runtime.exs -",
      "starts COOKIE -",
    ]);
  });

  test.each<[string, Releases]>([
    ["has no manifest", { "1.0.0": { boots: "1.0.0" } }],
    ["is gone", {}],
  ])("tells nothing of such files where the release %s", async (_, releases) => {
    const { said } = await host(name, releases).run(`${vm(NODE)}\ninspect shop`);
    expect(said.split("\n")).toEqual(["release shop 1.0.0 13.1.5", "end"]);
  });

  test("says nothing where nothing runs that could tell", async () => {
    expect(await host(name).run("find_vm() { vm=; }\ninspect shop")).toEqual({ said: "", code: 0 });
    expect(await host(name).run(`${vm(NODE)}\nfind_node() { return 1; }\ninspect shop`)).toEqual({ said: "", code: 0 });
  });

  test.each([
    ["does not answer", "return 1"],
    ["breaks off", "printf 'release shop 1.0.0'; return 1"],
  ])("says so where its node %s", async (_, node) => {
    const { said } = await host(name).run(`${vm(node)}\ninspect shop`);
    expect(said.split("\n").at(-1)).toBe("failed its node does not answer");
    expect(said.split("\n")).not.toContain("end");
  });

  test("is cut off where its node never stops", async () => {
    const { said } = await host(name).run(`${vm("tr '\\0' a </dev/zero; return 1")}\ninspect shop | wc -c`);
    expect(Number(said)).toBe(32 * 1024 * 1024);
  });
});
