// Which process is the VM that a hot upgrade changes, and is given an app's configuration.
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AgentShell, agentShell, SHELLS } from "./agent-shell.ts";

describe.each(SHELLS)("under %s, the VM that changes", (name) => {
  let shell: AgentShell;
  let claiming: ChildProcess;

  beforeEach(() => {
    shell = agentShell(name, { lacks: [] });
    const root = join(shell.base, "..");
    const erts = join(root, "erts");
    mkdirSync(erts);
    mkdirSync(join(root, "shop/run/releases"), { recursive: true });
    copyFileSync("/bin/dash", join(erts, "beam.smp"));
    writeFileSync(join(erts, "erl_call"), "#!/bin/sh\n");
    for (const file of ["beam.smp", "erl_call"]) chmodSync(join(erts, file), 0o755);
    claiming = spawn(join(erts, "beam.smp"), ["-c", "read line; :", "beam", "-sname", "shop"], {
      env: {
        BEAMLINE_APP: "shop",
        BEAMLINE_ROOT: join(root),
        BEAMLINE_RELEASE: "1.0.0",
        BEAMLINE_CONFIG: "c1",
        RELDIR: join(root, "shop/run/releases"),
      },
      stdio: ["pipe", "ignore", "ignore"],
    });
  });
  afterEach(() => {
    claiming.stdin?.end();
    shell.remove();
  });

  const found = (user: string) => shell.run(`if find_hot_vm c2 ${user}; then echo "$vm"; else echo "$hot_why"; fi`);

  test("is one that runs as the app's user", async () => {
    expect((await found("-")).said).toBe(String(claiming.pid));
  });

  test("is no other's, whatever that says of itself", async () => {
    expect((await found("nobody")).said).toBe(`process ${claiming.pid} runs as another user`);
  });
});
