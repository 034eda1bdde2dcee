// A loss of power, or a damaged disk, may leave files empty or unreadable. Where they are not needed they cost nothing.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type AgentShell, agentShell, SHELLS } from "./agent-shell.ts";

async function using(name: (typeof SHELLS)[number], use: (shell: AgentShell) => Promise<void>): Promise<void> {
  const shell = agentShell(name, { lacks: [] });
  try {
    await use(shell);
  } finally {
    shell.remove();
  }
}

test.each(SHELLS)("under %s a gate finds no VM named by an empty file, and looks for itself", (name) =>
  using(name, async (shell) => {
    const lines = [
      'mkdir -p "$ROOT/$APP/run"',
      ': >"$ROOT/$APP/run/pid"',
      "do_health 1 1 none 0 - 200 - 1000 1000 0 & wait $! || :",
    ];
    const { said } = await shell.run([...lines, 'head -n 1 "$OPDIR/failure"'].join("\n"));
    expect(said).toContain("start_failed");
  }),
);

test.each(SHELLS)("under %s an op without a readable header is passed over", (name) =>
  using(name, async (shell) => {
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
  }),
);
