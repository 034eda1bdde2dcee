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

test.each(SHELLS)("under %s an op without a readable header, or whose steps are lost, is passed over", (name) =>
  using(name, async (shell) => {
    const op = (id: string): string => join(shell.base, "ops", id);
    // What can't be read as a file: a directory.
    mkdirSync(join(op("20260101T000000000Z.a"), "header"), { recursive: true });
    mkdirSync(op("20260101T000000001Z.b"));
    const header = "greeter\n1000\n-\n-\nrun 1\n1 1\nagent-d1\n";
    for (const file of ["header", "op"]) writeFileSync(join(op("20260101T000000001Z.b"), file), header);
    // What its steps are is lost: nobody can end it.
    mkdirSync(op("20260101T000000002Z.c"));
    writeFileSync(join(op("20260101T000000002Z.c"), "header"), header);
    writeFileSync(join(op("20260101T000000002Z.c"), "op"), "");
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

test.each(SHELLS)("under %s a line of the journal that was cut off spoils no other", (name) =>
  using(name, async (shell) => {
    const lines = [
      "holds_lock() { :; }",
      'keep_reserve "$OPDIR"',
      "journal begin step s 1-stop index n 1",
      // As a disk does that is full in the middle of a line.
      `printf '{"event":"out' >>"$OPDIR/journal"`,
      "spend_reserve",
      "journal outcome outcome s deployed",
      ': >"$OPDIR/ended"',
    ];
    const followed = async (seen: number): Promise<string[]> => {
      const { said } = await shell.run([...lines, `follow "$OP" ${seen}`].join("\n"));
      return said
        .trimEnd()
        .replace(/"t":\d+/g, "")
        .split("\n");
    };
    const whole = await followed(0);
    expect(whole).toEqual([
      expect.stringContaining('"step":"1-stop"'),
      '{"event":"out',
      expect.stringMatching(/^{"event":"outcome",.*"deployed"}$/),
    ]);
    expect(await followed(2)).toEqual(whole.slice(2));
  }),
);

test.each(SHELLS)("under %s an undo that was cut off has the reason that the journal has", (name) =>
  using(name, async (shell) => {
    const lines = [
      "holds_lock() { :; }",
      `journal failed step s 1-health code s health_check_failed facts j '{"saw":"\\"tail\\":"}' tail j '["a,\\"tail\\":","b}"]'`,
      "journal undo step s 1-health verb s stop",
      `read_failed && printf '%s\n' "$code" "$facts" "$tail"`,
    ];
    const { said } = await shell.run(lines.join("\n"));
    expect(said.trimEnd().split("\n")).toEqual([
      "health_check_failed",
      '{"saw":"\\"tail\\":"}',
      '["a,\\"tail\\":","b}"]',
    ]);
  }),
);
