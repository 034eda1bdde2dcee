// What a unit starts after a reboot is what is on record, whatever the spec on record has for names; through real shells.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { joinedAgent } from "../../../scripts/join-agent.mjs";
import { restart } from "../../../src/runtime/restart.ts";
import { targetOf } from "../runtime/release.ts";

test.each([["dash"], ["busybox", "sh"]])("a label named release is not the release on record: %s %s", (...shell) => {
  const directory = mkdtempSync(join(tmpdir(), "record-"));
  const hosts = { release: "beta", config: "new" };
  const spec = { version: "1.2.0", hosts, env: { release: "other", config: '"release":"x"' }, os_env: { config: "y" } };
  const { steps } = restart.deploy(targetOf(spec));
  const state = steps.flatMap(({ action }) => (action.verb === "record" ? [action.state] : []))[0];
  mkdirSync(join(directory, ".beamline/state"), { recursive: true });
  writeFileSync(join(directory, ".beamline/state/counter"), `${state}\nprobe\nop-1\n`);
  const script = `set --\n${joinedAgent()}\nBASE=$PWD/.beamline APP=counter\nrun_choice() { choice=$PWD/none; }\nchosen system\necho "$chosen_release $chosen_config"\n`;
  const said = execFileSync(shell[0] ?? "", shell.slice(1), { cwd: directory, input: script, encoding: "utf8" });
  rmSync(directory, { recursive: true });
  expect(said).toBe("1.2.0 config-of-1.2.0\n");
});
