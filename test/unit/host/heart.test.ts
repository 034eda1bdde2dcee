// heart(1), which starts a VM again that ends: a VM that has to be killed must not have one any more.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AgentShell, agentShell, SHELLS } from "./agent-shell.ts";

describe.each(SHELLS)("under %s", (name) => {
  let shell: AgentShell;
  beforeEach(() => {
    shell = agentShell(name, { lacks: [] });
  });
  afterEach(() => shell.remove());

  test("heart is ended, and no other program of the VM's", async () => {
    // A VM, its erl_child_setup, and two programs of that; a shell's name is that of its file.
    const { said } = await shell.run(`
      for program in heart epmd; do
        printf '#!/bin/dash\\nwhile :; do read -r _ </dev/zero; done\\n' >"$BASE/$program"
        chmod 755 "$BASE/$program"
      done
      printf '#!/bin/dash\\n"%s" & "%s" & wait\\n' "$BASE/heart" "$BASE/epmd" >"$BASE/setup"
      printf '#!/bin/dash\\n"%s" & wait\\n' "$BASE/setup" >"$BASE/vm"
      chmod 755 "$BASE/setup" "$BASE/vm"
      "$BASE/vm" &
      its_vm=$!
      programs() {
        for its_setup in $(children_of "$its_vm"); do
          for its in $(children_of "$its_setup"); do cat "/proc/$its/comm"; done
        done | sort | tr '\\n' ' '
      }
      while [ "$(programs)" != "epmd heart " ]; do :; done
      end_heart "$its_vm"
      while [ "$(programs)" != "epmd " ]; do :; done
      echo "ended: $(programs)"
      kill_all_of "$its_vm"`);
    expect(said).toContain("ended: epmd");
  });
});
