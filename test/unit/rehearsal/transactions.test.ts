// A host's transactions as they are played on the runner: the same deeds, with nothing that only a host has.
import { describe, expect, test } from "vitest";
import { deployed, upgraded, wayBack } from "../../../src/rehearsal/transactions.ts";
import { hot } from "../../../src/runtime/hot.ts";
import type { Present, Target } from "../../../src/runtime/runtime.ts";
import { lines } from "../runtime/lines.ts";
import { HOT, presentOf, targetOf } from "../runtime/release.ts";

const asOnHost = { supervisor: "system", runAs: "shop" } as const;
const health = { type: "tcp", port: 8080, start_timeout: 5_000 };
const target: Target = {
  ...targetOf({ version: "1.1.0", strategy: HOT, health }),
  ...asOnHost,
  inPlace: {
    through: [],
    hot: {
      up: [{ atom: "point_of_no_return" }],
      down: [{ tuple: [{ atom: "load" }] }],
      noWayBack: null,
      isDowngrade: false,
      applications: [],
      loaded: ["counter_server"],
      added: [],
      deleted: [],
      migrated: [],
      suspended: [],
      supervisors: [],
      consolidated: [],
      findings: [],
    },
  },
};
const before = presentOf({ ...targetOf({ version: "1.0.0", strategy: HOT, health }), ...asOnHost });
const from: Present = {
  ...before,
  running: before.running === null ? null : { ...before.running, isUpgradable: true },
};
const sizes = { sizeBytes: 5, unpackedBytes: 10 };
const PLAYED = {
  releases: [{ digest: target.release.digest, ...sizes }],
  expects: "op-7",
  health: from.recorded.spec.health,
};
const planned = hot.upgrade(target, from);

describe("on the runner", () => {
  test("the old version is deployed as it is on record, by nobody's manager and as nobody else", () => {
    const deploy = deployed(from.recorded, sizes);
    expect(lines(deploy)).toEqual([
      "stage 1.0.0 | unstage 1.0.0",
      "config config-of-1.0.0 | unconfig config-of-1.0.0",
      "preflight 1.0.0 | nothing-to-undo",
      "link 1.0.0 | link nothing",
      "start 1.0.0 with config-of-1.0.0 | stop",
      "health 1.0.0 | nothing-to-undo",
      "record 1.0.0 | point-of-no-return",
      "prune to 3 | nothing-to-undo",
    ]);
    expect(JSON.stringify(deploy)).not.toMatch(/runAs|"system"/);
  });

  test("the old version may take its time to start, the new one only what its spec says", () => {
    const patience = [deployed(from.recorded, sizes), upgraded(planned, PLAYED)].map(({ steps }) =>
      steps.flatMap(({ action }) => (action.verb === "health" ? [action.check.start_timeout] : [])),
    );
    expect(patience).toEqual([[60_000], [5_000]]);
  });

  test("the upgrade is the plan's, step by step, with the same scripts", () => {
    const played = upgraded(planned, PLAYED);
    expect(lines(played)).toEqual(lines(planned));
    const scripts = [planned, played].map(({ steps }) => steps.find(({ action }) => action.verb === "hot")?.action);
    expect({ ...scripts[1], runAs: "shop" }).toEqual(scripts[0]);
    expect(played).toMatchObject({ expects: "op-7", holds: null });
    expect(JSON.stringify(played)).not.toMatch(/runAs|"system"/);
  });

  test("the new version is sent, though the host that it is planned for has it", () => {
    const there = { ...target, release: { ...target.release, artifact: null } };
    const played = upgraded(hot.upgrade(there, from), PLAYED);
    expect(lines(played)).toEqual(lines(planned));
    expect(played.steps[0].action).toMatchObject({ verb: "stage", ...sizes });
    expect(played.steps.map(({ id }) => id).slice(0, 2)).toEqual(["1-stage", "2-config"]);
  });

  test("the old version is judged by git's health, whatever the host has on record", () => {
    const forged = { ...from.recorded.spec.health, path: "/forged" };
    const spec = { ...from.recorded.spec, health: forged };
    const lied = hot.upgrade(target, { ...from, recorded: { ...from.recorded, spec } });
    expect(JSON.stringify(lied)).toContain("/forged");
    expect(JSON.stringify(upgraded(lied, PLAYED))).not.toContain("/forged");
  });

  test("the way back is the upgrade's own undos, from the last to the first that changed anything", () => {
    const back = wayBack(upgraded(planned, PLAYED), "op-8");
    expect(lines(back)).toEqual([
      "health 1.1.0 | link 1.0.0, unhot 1.0.0 with config-of-1.0.0, health 1.0.0",
      "record 1.1.0 | point-of-no-return",
    ]);
    // Its gate can't pass, and is not waited for.
    expect(back.steps[0].action).toMatchObject({ check: { type: "none", start_timeout: 0 } });
    expect(back.steps[0].action).not.toMatchObject({ version: "1.1.0" });
    expect(back.expects).toBe("op-8");
  });
});
