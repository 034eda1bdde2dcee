// A damaged disk may have lost a part of an op. That costs no other op, and no app its observation.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agentShell, SHELLS } from "./agent-shell.ts";

test.each(SHELLS)("under %s an op without a readable header is passed over", async (name) => {
  const shell = agentShell(name, { lacks: [] });
  try {
    const op = (id: string): string => join(shell.base, "ops", id);
    // What can't be read as a file: a directory.
    mkdirSync(join(op("20260101T000000000Z.a"), "header"), { recursive: true });
    mkdirSync(op("20260101T000000001Z.b"));
    writeFileSync(join(op("20260101T000000001Z.b"), "header"), "greeter\n1000\n-\n-\nrun 1\n1 1\n");
    const { said, code } = await shell.run("observe shop");
    expect(code, said).toBe(0);
    const apps = said.split("\n").flatMap((line) => {
      const answer = line.startsWith("{") ? JSON.parse(line) : {};
      return answer.kind === "app" ? [[answer.name, answer.unfinished.map(({ id }: { id: string }) => id)]] : [];
    });
    expect(apps).toEqual([
      ["greeter", ["20260101T000000001Z.b"]],
      ["shop", []],
    ]);
  } finally {
    shell.remove();
  }
});
