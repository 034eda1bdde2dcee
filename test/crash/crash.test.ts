// As much of the crash suite as fits into every test run; `npm run test:crash` runs all of it. And a test of the suite itself.
import { rm } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { whyNoLab } from "../lab/lab.ts";
import { type Combination, combinations, type Kind, type Point } from "./combinations.ts";
import { makeFaultyDist } from "./faulty-dist.ts";
import { counter, subjectOf } from "./subjects.ts";
import { CrashSuite, type Struck } from "./suite.ts";

const because = whyNoLab();

/** What has been done, and is not written down, is the harder of the two: of hot upgrades that must do here. */
const isBehind = (point: Point): boolean => point === "before done" || point === "before undone";

/** What was wrong, with all that there is to read about it. */
async function wrongIn(
  chosen: readonly Combination[],
  { systemd, hosts = 6, sabotage }: { systemd: boolean; hosts?: number; sabotage?: (agent: string) => string },
): Promise<{ struck: Struck[]; wrong: string[] }> {
  const dist = await makeFaultyDist(sabotage);
  const subject = subjectOf(chosen[0]?.kind ?? "deploy");
  const needsBlocks = chosen.some(({ fault }) => fault.needsBlocks === true);
  const disk = needsBlocks ? "blocks 120m" : "80m";
  const suite = await CrashSuite.open({ hosts, systemd, dist, subject, disk });
  try {
    const struck = await suite.run(chosen);
    const wrong = struck
      .filter(({ violations }) => violations.length > 0)
      .map(
        ({ kind, fault, point, step, violations, log }) =>
          `${kind}, ${fault.name} ${point} ${step}: ${violations.join("; ")}\n${log}`,
      );
    return { struck, wrong };
  } finally {
    await suite.close();
    await rm(dist, { recursive: true });
  }
}

describe.skipIf(because !== undefined)(because ?? "an op", () => {
  test("whose agent is killed at any point of an upgrade, of all else behind any effect, is undone or finished by the next run", async () => {
    const all = combinations(true, (fault, kind) => fault.name === "agent killed" && subjectOf(kind) === counter);
    const { struck, wrong } = await wrongIn(
      all.filter(({ kind, point }) => kind === "upgrade" || isBehind(point)),
      { systemd: true },
    );
    expect(wrong).toEqual([]);
    expect(struck.length).toBeGreaterThan(50);
  }, 600_000);

  test.each<Kind>(["embedded hot upgrade"])(
    "whose agent is killed behind any effect of %s is, too, and costs no state",
    async (of) => {
      const chosen = combinations(true, (fault, kind) => fault.name === "agent killed" && kind === of);
      const { wrong } = await wrongIn(
        chosen.filter(({ point }) => isBehind(point)),
        { systemd: true },
      );
      expect(wrong).toEqual([]);
    },
    300_000,
  );

  test.each<{ name: string; of: Kind; from: string }>([
    { name: "power loss", of: "upgrade", from: "stage" },
    { name: "disk full", of: "upgrade", from: "stage" },
    { name: "agent and VM killed", of: "bad", from: "stage" },
  ])(
    "of $of without systemd survives $name at any point from $from on",
    async ({ name, of, from }) => {
      const all = combinations(false, (fault, kind) => fault.name === name && kind === of);
      const chosen = all.slice(all.findIndex(({ step }) => step === from));
      const { wrong } = await wrongIn(chosen, { systemd: false });
      expect(wrong).toEqual([]);
    },
    300_000,
  );

  test.each<Kind>(["leap bad"])(
    "%s goes back in a VM that never became another before, though the disk fills up meanwhile",
    async (of) => {
      const { wrong } = await wrongIn(
        combinations(true, (fault, kind) => fault.name === "disk full" && kind === of),
        { systemd: true },
      );
      expect(wrong).toEqual([]);
    },
    300_000,
  );

  test.each<{ systemd: boolean; struck: Readonly<Record<string, readonly string[]>> }>([
    {
      systemd: true,
      struck: {
        "disk read-only": ["stop", "unit", "link", "health"],
        ".beamline gone": ["unit", "start"],
        "no more processes": ["stop", "health"],
      },
    },
    { systemd: false, struck: { "disk read-only": ["stop", "link", "start", "health"] } },
  ])(
    "of upgrade, systemd: $systemd, goes back where nothing can be written, where no process begins, where .beamline is gone",
    async ({ systemd, struck }) => {
      const chosen = combinations(
        systemd,
        (fault, kind) => kind === "upgrade" && struck[fault.name] !== undefined,
      ).filter(({ fault, step, point }) => struck[fault.name]?.includes(step) && isBehind(point));
      expect(chosen).toHaveLength(Object.values(struck).flat().length);
      expect((await wrongIn(chosen, { systemd, hosts: 4 })).wrong).toEqual([]);
    },
    300_000,
  );
});

describe.skipIf(because !== undefined)(because ?? "the suite", () => {
  // Each is said to be undone, and is not. (To leave out `stop` does no harm: a start stops what is not to run.)
  test.each([
    ["link", "upgrade", "start"],
    ["start", "upgrade", "link"],
    ["unstage", "bad", "link"],
    ["unhot_between", "leap bad", "5-hot"],
  ])("notices an undo that leaves out %s", async (verb, kind, step) => {
    const undo = /^ +(run_action "\$undo_index\.undo\.\$nth" .*)$/m;
    const sabotage = (agent: string): string =>
      agent.replace(undo, `    action_rc=0\n    [ "$undo_verb" = ${verb} ] || $1`);
    const chosen = combinations(true).filter(
      (it) => it.fault.name === "agent killed" && it.kind === kind && it.step === step,
    );
    const { struck, wrong } = await wrongIn(chosen, { systemd: true, hosts: chosen.length, sabotage });
    expect(struck).toHaveLength(2);
    expect(wrong.length).toBeGreaterThan(0);
  });

  test("notices a way back that must write, by an app that is down on a read-only disk", async () => {
    const start = 'restart_says=$(have_manager "$3" systemctl restart "$unit" 2>&1)';
    const sabotage = (agent: string): string =>
      agent.replace(start, () => `restart_says='' && systemctl restart "$unit" >"$OPDIR/systemctl.log" 2>&1`);
    const chosen = combinations(true).filter(
      ({ fault, kind, step }) => fault.name === "disk read-only" && kind === "upgrade" && step === "unit",
    );
    const { wrong } = await wrongIn(chosen, { systemd: true, hosts: chosen.length, sabotage });
    expect(wrong).toEqual(chosen.map(() => expect.stringContaining("before it was mended")));
  }, 300_000);

  test("notices an undo that stops what serves already, by a client that misses it", async () => {
    const sabotage = (agent: string): string => agent.replace("is_done_with() { # undo\n", "$&  return 1\n");
    const chosen = combinations(true).filter(
      (it) => it.fault.name === "agent killed" && it.kind === "bad" && it.step === "config",
    );
    const { wrong } = await wrongIn(chosen, { systemd: true, hosts: chosen.length, sabotage });
    expect(wrong).toEqual(chosen.map(() => expect.stringContaining("port 8080 was missed 3 times, and not 2")));
  });
});
