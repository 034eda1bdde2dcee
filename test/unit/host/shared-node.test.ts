// One VM in which several apps live: what an app before has found out about it is not taken for what the next one must know.
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AgentShell, agentShell, SHELLS } from "./agent-shell.ts";

describe.each(SHELLS)("under %s, a look at a host", (name) => {
  let shell: AgentShell;
  let vm: ChildProcess;

  beforeEach(() => {
    shell = agentShell(name, { lacks: [] });
    const erts = join(shell.base, "../erts");
    mkdirSync(erts);
    copyFileSync("/bin/dash", join(erts, "beam.smp"));
    writeFileSync(join(erts, "erl_call"), "#!/bin/sh\n");
    for (const file of ["beam.smp", "erl_call"]) chmodSync(join(erts, file), 0o755);
    vm = spawn(join(erts, "beam.smp"), ["-c", "read line; :", "beam", "-sname", "shop"], {
      env: {},
      stdio: ["pipe", "ignore", "ignore"],
    });
  });
  afterEach(() => {
    vm.stdin?.end();
    shell.remove();
  });

  test("asks a node for its own app, too, where one that is embedded in it came first", async () => {
    const { said } = await shell.run(`
      find_vm() { forget_vm; vm=${vm.pid}; }
      find_named() { find_vm; node_arguments "$vm"; }
      can_be_asked() { false; }
      has_probe() { record_probe='probe none 0 - 0 - 1000'; }
      probe() { find_node "$1" && printf '%s is asked\\n' "$node_name"; }
      record_json='{"node":"shop"}'
      observe_running
      record_json='{"release":"1.0.0"}'
      observe_running`);
    expect(said).toBe("shop is asked\nshop is asked");
  });
});
