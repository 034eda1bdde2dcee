// How much room a host has, as its df says it.
import { expect, test } from "vitest";
import { agentShell, SHELLS } from "./agent-shell.ts";

test.each(SHELLS)(
  "under %s the room of a disk is read, however its device and its directory are called",
  async (name) => {
    const shell = agentShell(name, { lacks: [] });
    try {
      const lines = [
        "/dev/vda1 10255636 8062400 1650500 84% /",
        "//nas/our releases 10255636 8062400 1650500 84% /srv/our 5 5% share",
        "overlay 0 0 0 - /opt",
        "/dev/vda1 10255636 10255636 0 100% /",
      ];
      const asked = lines.map(
        (line) =>
          `df() { printf '%s\\n' 'Filesystem 1024-blocks Used Available Capacity Mounted on' '${line}'; }; free_kb /`,
      );
      const { said } = await shell.run(asked.join("\n"));
      expect(said.trim().split("\n")).toEqual(["1650500", "1650500", "0", "0"]);
    } finally {
      shell.remove();
    }
  },
);
