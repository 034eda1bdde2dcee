// A record on a host that is damaged, closed or none of Beamline's: it is told as unreadable, and spoils nothing else. Under real shells,
// and read as the runner reads it.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Observation, parseObservation } from "../../../src/host/observation.ts";
import { type AgentShell, agentShell, SHELLS } from "./agent-shell.ts";

async function using(name: (typeof SHELLS)[number], use: (shell: AgentShell) => Promise<void>): Promise<void> {
  const shell = agentShell(name, { lacks: [] });
  try {
    mkdirSync(join(shell.base, "state"));
    await use(shell);
  } finally {
    shell.remove();
  }
}

/** What the runner makes of a look at the host. */
async function observed(shell: AgentShell, lines = "observe shop greeter"): Promise<Observation> {
  const { said, code } = await shell.run(lines);
  expect(code, said).toBe(0);
  const observation = parseObservation(said.split("\n").filter((line) => /^(record |past |\{)/.test(line)));
  if ("error" in observation) throw new Error(`${observation.error}: ${said}`);
  return observation;
}

const PROBE = "1.0.0 none 0 \\c 200 \\c 5000 60000 1000";
const OP = "20260101T000000000Z.0a";

const CASES: readonly (readonly [what: string, text: string, why: string])[] = [
  ["is empty", "", "it has less than three lines"],
  ["is one line of garbage", 'gar"bage\n', "it has less than three lines"],
  ["lacks its last line", `{}\n${PROBE}\n`, "it has less than three lines"],
  ["is three lines of garbage", 'a"b\n\\0\nc\n', "how its health is judged is damaged"],
  ["names no op", `{}\n${PROBE}\n;reboot\n`, "it does not name the op that wrote it"],
  ["is JSON that closes the line around it", `{}},"x":{\n${PROBE}\n${OP}\n`, "it is not JSON"],
  ["is JSON of another kind", `{"kind":"host"}\n${PROBE}\n${OP}\n`, "schema is not as Beamline writes it"],
];

describe.each(SHELLS)("under %s", (name) => {
  test.each(CASES)("a record that %s is unreadable, and the other app is seen", (_, text, why) =>
    using(name, async (shell) => {
      writeFileSync(join(shell.base, "state/shop"), text);
      const { apps } = await observed(shell);
      expect(apps.map((app) => [app.name, app.recorded, app.unreadable?.why])).toEqual([
        ["shop", null, why],
        ["greeter", null, undefined],
      ]);
    }),
  );

  test("one that is no file is unreadable, also a pipe that nobody writes to, and a link to nowhere", () =>
    using(name, async (shell) => {
      mkdirSync(join(shell.base, "state/shop"));
      symlinkSync("/nowhere", join(shell.base, "state/greeter"));
      execFileSync("sh", ["-c", 'mkfifo "$0"', join(shell.base, "state/piper")]);
      const { apps } = await observed(shell, "observe");
      expect(apps.map((app) => [app.name, app.unreadable?.why])).toEqual([
        ["greeter", "it is no file"],
        ["piper", "it is no file"],
        ["shop", "it is no file"],
      ]);
    }));

  test("one that is closed to who looks, itself or its directory, is unreadable", () =>
    using(name, async (shell) => {
      writeFileSync(join(shell.base, "state/shop"), `{}\n${PROBE}\n${OP}\n`);
      // Root may read anything, so the question is answered for it.
      const closed = (path: string): string => `is_closed() { [ "$1" = "${path}" ]; }; list_dir() { :; }; observe shop`;
      for (const path of ["$BASE", "$BASE/state"])
        expect((await observed(shell, closed(path))).apps.map((app) => [app.name, app.unreadable?.why])).toEqual([
          ["shop", "its directory is closed to us"],
        ]);
    }));

  test("past records that are garbage, and copies beside a record, are passed over", () =>
    using(name, async (shell) => {
      for (const copy of ["shop.bak", "Shop", "shop~", "shop.history.old"])
        writeFileSync(join(shell.base, "state", copy), "whatever\n");
      writeFileSync(join(shell.base, "state/shop.history"), 'gar"bage\n\n{"a":\n');
      const { apps } = await observed(shell);
      expect(apps.map((app) => [app.name, app.history, app.unreadable])).toEqual([
        ["shop", [], undefined],
        ["greeter", [], undefined],
      ]);
    }));

  test("names with quotes, of configurations, releases and nodes, stay within their texts", () =>
    using(name, async (shell) => {
      const release = join(shell.base, '../shop/1"0');
      mkdirSync(release, { recursive: true });
      writeFileSync(join(release, ".beamline"), 'a"}],"x\n');
      mkdirSync(join(shell.base, '../shop/config/c"d'), { recursive: true });
      const lines = ["find_named() { vm=1 node_name=n vm_root=$ROOT vm_app='x\"'; }", "observe node:n shop"];
      const { said } = await shell.run(lines.join("\n"));
      const [host, app] = said.split("\n").map((line) => JSON.parse(line));
      expect(host.node).toEqual({ name: "n", app: 'x"' });
      expect(app.configs).toEqual(['c"d']);
      expect(app.releases).toHaveLength(1);
      expect(app.releases[0].directory).toBe('1"0');
    }));

  test("an op does not go on where the record became unreadable, and a unit starts nothing", () =>
    using(name, async (shell) => {
      writeFileSync(join(shell.base, "state/shop"), "garbage\n");
      const lines = [
        "holds_lock() { :; }",
        "EXPECTS=-",
        'for file in journal reserve; do : >"$OPDIR/$file"; done',
        "run_steps",
        'grep "host_changed" "$OPDIR/journal"',
        "chosen daemon || echo nothing is chosen",
      ];
      const { said } = await shell.run(lines.join("\n"));
      expect(said).toContain('"code":"host_changed","facts":{"expected":"-","found":"?"}');
      expect(said).toContain("nothing is chosen");
    }));
});
