// strategy hot: what becomes of a VM that runs, and when it must be a restart after all.
import { describe, expect, test } from "vitest";
import type { HotUpgrade } from "../../../src/otp/upgrade.ts";
import { hot, whyRestart } from "../../../src/runtime/hot.ts";
import type { Present, Target } from "../../../src/runtime/runtime.ts";
import { lines } from "./lines.ts";
import { HOT, presentOf, targetOf } from "./release.ts";

const UPGRADE: HotUpgrade = {
  up: [{ atom: "point_of_no_return" }],
  down: [{ tuple: [{ atom: "load" }] }],
  noWayBack: null,
  isDowngrade: false,
  applications: [{ name: "counter", from: "1.0.0", to: "1.1.0", origin: "generated" }],
  loaded: ["counter_server"],
  added: [],
  deleted: ["counter_old"],
  migrated: ["counter_server"],
  suspended: ["counter_server"],
  supervisors: ["counter_sup"],
  consolidated: [],
  findings: [],
};

const target: Target = { ...targetOf({ version: "1.1.0", strategy: HOT }), inPlace: { through: [], hot: UPGRADE } };
const from = upgradable(presentOf(targetOf({ version: "1.0.0", strategy: HOT })));

function upgradable(present: Present): Present {
  if (present.running === null) throw new Error("it does not run");
  return { ...present, running: { ...present.running, isUpgradable: true } };
}

describe("an upgrade", () => {
  test("stops nothing; a crash boots the old version until health is proven", () => {
    expect(lines(hot.upgrade(target, from))).toEqual([
      "stage 1.1.0 | unstage 1.1.0",
      "config config-of-1.1.0 | unconfig config-of-1.1.0",
      "preflight 1.1.0 | nothing-to-undo",
      "hot 1.1.0 with config-of-1.1.0 | unhot 1.0.0 with config-of-1.0.0, health 1.0.0",
      "health 1.1.0 | nothing-to-undo",
      "permanent 1.1.0 with config-of-1.1.0 | nothing-to-undo",
      "link 1.1.0 | link 1.0.0",
      "record 1.1.0 | point-of-no-return",
      "prune to 3 | nothing-to-undo",
    ]);
  });

  test("goes through another release where it must, which is sent and looked at as the last one is", () => {
    const artifact = { sizeBytes: 1, unpackedBytes: 2 };
    const release = { directory: "1.0.5", digest: "contents-of-1.0.5", artifact };
    const through = [{ version: "1.0.5", release, hot: { ...UPGRADE, loaded: ["counter_web"], suspended: [] } }];
    const upgrade = hot.upgrade({ ...target, inPlace: { through, hot: UPGRADE } }, from);
    expect(lines(upgrade)).toEqual([
      "stage 1.0.5 | unstage 1.0.5",
      "preflight 1.0.5 | nothing-to-undo",
      "stage 1.1.0 | unstage 1.1.0",
      "config config-of-1.1.0 | unconfig config-of-1.1.0",
      "preflight 1.1.0 | nothing-to-undo",
      "hot 1.0.5 with config-of-1.1.0 | unhot 1.0.0 with config-of-1.0.0, health 1.0.0",
      "hot 1.1.0 with config-of-1.1.0 | unhot_between 1.0.5 with config-of-1.1.0",
      "health 1.1.0 | nothing-to-undo",
      "permanent 1.1.0 with config-of-1.1.0 | nothing-to-undo",
      "link 1.1.0 | link 1.0.0",
      "record 1.1.0 | point-of-no-return",
      "prune to 3 | nothing-to-undo",
    ]);
    const actions = upgrade.steps.map(({ action }) => action);
    expect(actions.flatMap((it) => (it.verb === "hot" ? [it.from.release] : []))).toEqual(["1.0.0", "1.0.5"]);
    const { digest } = from.recorded;
    const tells = { replacedTwice: ["counter_old"], suspended: ["counter_server"] };
    expect(actions.find(({ verb }) => verb === "hot")).toMatchObject(tells);
    const records = [upgrade, hot.upgrade(target, from)].map(({ steps }) =>
      steps.flatMap(({ action }) => (action.verb === "record" ? [JSON.parse(action.state).hotFrom] : [])),
    );
    expect(records).toEqual([["contents-of-1.0.5"], [digest]]);
    expect(actions.find(({ verb }) => verb === "permanent")).toMatchObject({
      oldCode: ["counter_web", "counter_old", "counter_server"],
    });
    const there = [{ version: "1.0.5", release: { ...release, artifact: null }, hot: UPGRADE }];
    const kept = hot.upgrade({ ...target, inPlace: { through: there, hot: UPGRADE } }, from);
    expect(lines(kept).filter((line) => line.includes("stage 1.0.5"))).toEqual([]);
  });

  test("sends the scripts, the modules that get old code, and the spec's patience", () => {
    const [action] = hot.upgrade(target, from).steps.flatMap(({ action }) => (action.verb === "hot" ? [action] : []));
    expect(action).toMatchObject({
      up: "[point_of_no_return]",
      down: "[{load}]",
      from: { release: "1.0.0", config: "config-of-1.0.0" },
      oldCode: ["counter_server", "counter_old"],
      suspended: ["counter_server"],
      supervisors: ["counter_sup"],
      lingerTimeoutMs: 7_000,
      suspendTimeoutMs: 3_000,
      onLinger: "refuse",
    });
  });

  test("is another plan with other instructions", () => {
    const other = { ...target, inPlace: { through: [], hot: { ...UPGRADE, up: [] } } };
    const digests = [target, other].map(
      (it) => hot.upgrade(it, from).steps.flatMap(({ action }) => (action.verb === "hot" ? [action.digest] : []))[0],
    );
    expect(digests[0]).not.toBe(digests[1]);
  });
});

describe("a change of env alone", () => {
  const same = targetOf({ version: "1.0.0", strategy: HOT, env: { greeting: "hello" } });

  test("is told to the VM that runs", () => {
    const changed = { ...same, config: "config-of-env", release: { ...same.release, artifact: null } };
    expect(lines(hot.reconfigure(changed, from))).toEqual([
      "config config-of-env | unconfig config-of-env",
      "preflight 1.0.0 | nothing-to-undo",
      "reconfigure 1.0.0 with config-of-env | unhot 1.0.0 with config-of-1.0.0, health 1.0.0",
      "health 1.0.0 | nothing-to-undo",
      "permanent 1.0.0 with config-of-env | nothing-to-undo",
      "record 1.0.0 | point-of-no-return",
      "prune to 3 | nothing-to-undo",
    ]);
  });
});

describe("it must be a restart", () => {
  const recorded = (change: object): Present => ({ ...from, recorded: { ...from.recorded, ...change } });
  const running = (change: object | null): Present => ({
    ...from,
    running: change === null || from.running === null ? null : { ...from.running, ...change },
  });
  const spec = (fields: object): Target => ({
    ...targetOf({ version: "1.1.0", strategy: HOT, ...fields }),
    inPlace: { through: [], hot: UPGRADE },
  });

  test.each<[string, Target, Present, RegExp]>([
    ["for what does not run", target, running(null), /not running/],
    ["for what somebody else started", target, running({ release: null }), /something else than Beamline/],
    ["for a node without our release_handler", target, running({ isUpgradable: false }), /release_handler/],
    ["where the configuration drifted", target, running({ config: "by-hand" }), /what is on record/],
    ["under another supervisor", { ...target, supervisor: "system" }, from, /supervisor changes to system/],
    ["as another user", { ...target, runAs: "shop" }, from, /user/],
    ["with another os_env", spec({ os_env: { A: "1" } }), from, /os_env/],
    ["with another secret", { ...target, config: "c-22222222" }, recorded({ config: "c-11111111" }), /os_env/],
    ["with another vm_config", spec({ vm_config: { memory_limit: 64 } }), from, /vm_config/],
    [
      "where the code can't be upgraded",
      { ...target, inPlace: { refused: [{ application: null, module: null, text: "erts 13.1.5 → 14.2" }] } },
      from,
      /^erts 13\.1\.5 → 14\.2$/,
    ],
  ])("%s", (_, wanted, present, why) => {
    expect(whyRestart(wanted, present)).toContainEqual(expect.stringMatching(why));
    if (present.running !== null)
      expect(hot.upgrade(wanted, present).steps.map(({ action }) => action.verb)).toContain("stop");
  });

  test("and else it need not", () => {
    expect(whyRestart(target, from)).toEqual([]);
  });
});
