// What stays on a host goes by what is on record, newest first: clocks jump, and a release may lie there for longer than what ran
// before it.
import { join } from "node:path";
import { expect, test } from "vitest";
import { type AgentShell, agentShell, namesIn, SHELLS } from "./agent-shell.ts";

async function using(name: (typeof SHELLS)[number], use: (shell: AgentShell) => Promise<void>): Promise<void> {
  const shell = agentShell(name, { lacks: [] });
  try {
    await use(shell);
  } finally {
    shell.remove();
  }
}

/** Each `RELEASE CONFIG` is deployed after the other by an op of its own; what is there afterwards. */
async function deployed(
  shell: AgentShell,
  states: readonly string[],
  { retain, before = [] }: { retain: number; before?: readonly string[] },
): Promise<{ releases: string[]; configs: string[] }> {
  const app = join(shell.base, "../shop");
  const lines = [
    "holds_lock() { :; }",
    'there() { [ -d "$ROOT/shop/$1" ] || { mkdir -p "$ROOT/shop/$1" && echo digest >"$ROOT/shop/$1/.beamline"; }; }',
    "deploy() {",
    '  there "$1"; mkdir -p "$ROOT/shop/config/$2"; rm -f "$ROOT/shop/current"; ln -s "$1" "$ROOT/shop/current"',
    `  do_record "{\\"schema\\":1,\\"version\\":\\"$1\\",\\"release\\":\\"$1\\",\\"digest\\":\\"d\\",\\"config\\":\\"$2\\",\\"commit\\":\\"$OP\\",\\"spec\\":{\\"release\\":\\"9\\",\\"config\\":\\"9\\"}}" "- none"`,
    `  do_prune ${retain}`,
    "}",
    ...before,
    ...states.flatMap((state, index) => [
      `OP=op-${index}; mkdir -p "$BASE/ops/$OP"; OPDIR=$BASE/ops/$OP`,
      `deploy ${state}`,
    ]),
  ];
  const { said, code } = await shell.run(lines.join("\n"));
  expect(code, said).toBe(0);
  return {
    releases: namesIn(app)
      .filter((name) => /^\d/.test(name))
      .sort(),
    configs: namesIn(join(app, "config")).sort(),
  };
}

const FOUR = ["1.0 a", "1.1 b", "1.0 a", "1.2 c"] as const;

test.each(SHELLS)("under %s what ran right before stays, though its files are the oldest", (name) =>
  using(name, async (shell) => {
    expect(await deployed(shell, FOUR, { retain: 2 })).toEqual({ releases: ["1.0", "1.2"], configs: ["a", "b", "c"] });
  }),
);

test.each(SHELLS)("under %s one release stays where one is to stay, with the configuration before", (name) =>
  using(name, async (shell) => {
    expect(await deployed(shell, FOUR, { retain: 1 })).toEqual({ releases: ["1.2"], configs: ["a", "c"] });
  }),
);

test.each(SHELLS)(
  "under %s a release that stays keeps its configuration, however often another was configured since",
  (name) =>
    using(name, async (shell) => {
      const states = ["1.0 a", "1.1 b", "1.2 c", "1.2 d", "1.2 e", "1.2 f", "1.2 g"];
      expect(await deployed(shell, states, { retain: 2 })).toEqual({
        releases: ["1.1", "1.2"],
        configs: ["b", "e", "f", "g"],
      });
    }),
);

test.each(SHELLS)("under %s what no record names goes first, however new it is", (name) =>
  using(name, async (shell) => {
    const before = ["there 0.8", "there 0.9", 'mkdir -p "$ROOT/shop/config/z"'];
    expect(await deployed(shell, ["1.0 a", "1.1 b"], { retain: 2, before })).toEqual({
      releases: ["1.0", "1.1"],
      configs: ["a", "b", "z"],
    });
  }),
);

test.each(SHELLS)("under %s the journals of the last five ops stay, whatever the clock says of their files", (name) =>
  using(name, async (shell) => {
    const op = (hour: number): string => `20260101T0${hour}0000000Z.a`;
    const lines = [0, 1, 2, 3, 4, 5, 6, 7].map(
      // The later the op, the older its files.
      (hour) =>
        `mkdir "$BASE/ops/${op(hour)}"; echo shop >"$BASE/ops/${op(hour)}/header"; : >"$BASE/ops/${op(hour)}/ended"`,
    );
    const { said, code } = await shell.run(['rm -rf "$OPDIR"', ...lines.reverse(), "prune_ops"].join("\n"));
    expect(code, said).toBe(0);
    expect(namesIn(join(shell.base, "ops")).sort()).toEqual([3, 4, 5, 6, 7].map(op));
  }),
);
