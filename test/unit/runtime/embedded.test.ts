// isolation: embedded. What becomes of the application, and what of the node.
import { describe, expect, test } from "vitest";
import type { HotUpgrade } from "../../../src/otp/upgrade.ts";
import { appState } from "../../../src/runtime/app-state.ts";
import { whyRestartEmbedded } from "../../../src/runtime/embedded.ts";
import { whyRestart } from "../../../src/runtime/hot.ts";
import { restart } from "../../../src/runtime/restart.ts";
import type { Present, Target } from "../../../src/runtime/runtime.ts";
import { runtimeOf } from "../../../src/runtime/runtimes.ts";
import { lines } from "./lines.ts";
import { HOT, presentOf, targetOf } from "./release.ts";

const guest = (version: string, fields: Record<string, unknown> = {}): Target => ({
  ...targetOf({ version, isolation: "embedded", ...fields }),
  node: "shop",
});
const target = guest("1.1.0");
const embedded = runtimeOf(target.spec);
const from = presentOf(guest("1.0.0"));

const UPGRADE: HotUpgrade = {
  up: [{ atom: "point_of_no_return" }],
  down: [{ tuple: [{ atom: "load" }] }],
  isDowngrade: false,
  noWayBack: null,
  applications: [{ name: "counter", from: "1.0.0", to: "1.1.0", origin: "generated" }],
  loaded: ["guest_server"],
  added: [],
  deleted: [],
  migrated: ["guest_server"],
  suspended: ["guest_server"],
  supervisors: [],
  consolidated: [],
  findings: [],
};
const upgraded: Target = { ...guest("1.1.0", { strategy: HOT }), inPlace: { through: [], hot: UPGRADE } };
const REFUSAL = { application: null, module: null, text: "no sasl" };
const RUNNING = from.running as NonNullable<Present["running"]>;

const PREPARED = [
  "stage 1.1.0 | unstage 1.1.0",
  "config config-of-1.1.0 | unconfig config-of-1.1.0",
  "embeddable 1.1.0 with config-of-1.1.0 | nothing-to-undo",
];
const KEPT = [
  "health 1.1.0 | nothing-to-undo",
  "record 1.1.0 | point-of-no-return",
  "embed_at_start | nothing-to-undo",
  "prune to 3 | nothing-to-undo",
];

describe("an embedded application", () => {
  test("is deployed into a node that has been looked at; undone it is gone from there", () => {
    expect(lines(embedded.deploy(target))).toEqual([
      ...PREPARED,
      "link 1.1.0 | link nothing",
      "embed 1.1.0 with config-of-1.1.0 | unembed",
      ...KEPT,
    ]);
  });

  test("is upgraded by a stop and a start; undone the old one runs again, and is proven healthy", () => {
    expect(lines(embedded.upgrade(target, from))).toEqual([
      ...PREPARED,
      "unembed | embed 1.0.0 with config-of-1.0.0, health 1.0.0",
      "link 1.1.0 | link 1.0.0",
      "embed 1.1.0 with config-of-1.1.0 | unembed",
      ...KEPT,
    ]);
  });

  test("that was not seen running comes back as on record where its upgrade fails", () => {
    expect(lines(embedded.upgrade(target, { ...from, running: null }))).toContain(
      "unembed | embed 1.0.0 with config-of-1.0.0",
    );
  });

  test("is recorded with its node, and every step in there names that", () => {
    const { steps } = embedded.upgrade(target, from);
    const named = steps.flatMap(({ action }) => ("node" in action ? [action.node] : []));
    expect(named).toEqual(["shop", "shop", "shop", "shop"]);
    const record = steps.flatMap(({ action }) => (action.verb === "record" ? [JSON.parse(action.state)] : []));
    expect(record).toMatchObject([{ node: "shop", supervisor: "daemon", version: "1.1.0" }]);
  });

  test("is given another environment by a restart, or with strategy hot while it runs", () => {
    const same = { ...guest("1.0.0"), config: "other" };
    expect(lines(embedded.reconfigure(same, from))).toContain(
      "unembed | embed 1.0.0 with config-of-1.0.0, health 1.0.0",
    );
    const hot = { ...guest("1.0.0", { strategy: "hot" }), config: "other" };
    expect(lines(embedded.reconfigure(hot, from))).toEqual([
      "stage 1.0.0 | unstage 1.0.0",
      "config other | unconfig other",
      "embeddable 1.0.0 with other | nothing-to-undo",
      "embed_env 1.0.0 with other | embed_env 1.0.0 with config-of-1.0.0, health 1.0.0",
      "health 1.0.0 | nothing-to-undo",
      "record 1.0.0 | point-of-no-return",
      "embed_at_start | nothing-to-undo",
      "prune to 3 | nothing-to-undo",
    ]);
  });

  test("with strategy hot becomes another version while it runs; undone it goes back the way it came", () => {
    expect(lines(embedded.upgrade(upgraded, from))).toEqual([
      ...PREPARED,
      "embed_hot 1.1.0 with config-of-1.1.0 | unembed_hot 1.0.0 with config-of-1.0.0, health 1.0.0",
      "health 1.1.0 | nothing-to-undo",
      "purge | nothing-to-undo",
      "link 1.1.0 | link 1.0.0",
      "record 1.1.0 | point-of-no-return",
      "embed_at_start | nothing-to-undo",
      "prune to 3 | nothing-to-undo",
    ]);
    const [step] = embedded.upgrade(upgraded, from).steps.filter(({ action }) => action.verb === "embed_hot");
    expect(step?.action).toMatchObject({ node: "shop", up: "[point_of_no_return]", oldCode: ["guest_server"] });
    expect(step?.undo).toMatchObject({
      actions: [{ down: "[{load}]", left: "1.1.0", node: "shop", timeoutMs: 60_000 }, { node: "shop" }],
    });
  });

  test("has nothing to purge where no code is replaced", () => {
    const none = { ...upgraded, inPlace: { through: [], hot: { ...UPGRADE, loaded: [] } } };
    expect(lines(embedded.upgrade(none, from))).not.toContain("purge | nothing-to-undo");
  });

  test.each<[string, Target, Present, RegExp]>([
    ["does not run", upgraded, { ...from, running: null }, /not running/],
    ["had a VM of its own", upgraded, presentOf(targetOf({ version: "1.0.0" })), /VM of its own, and goes into shop/],
    ["goes into another node", { ...upgraded, node: "market" }, from, /its node changes to market/],
    ["is not what is on record", upgraded, { ...from, running: { ...RUNNING, release: "0.9.0" } }, /on record/],
    ["can't be upgraded", { ...upgraded, inPlace: { refused: [REFUSAL] } }, from, /^no sasl$/],
  ])("that %s restarts", (_, wanted, present, why) => {
    expect(whyRestartEmbedded(wanted, present)).toEqual([expect.stringMatching(why)]);
    expect(embedded.upgrade(wanted, present).steps.map(({ action }) => action.verb)).not.toContain("embed_hot");
  });

  test("that is only judged anew goes on", () => {
    expect(lines(embedded.reconfigure(guest("1.0.0"), from))).toEqual([
      "embeddable 1.0.0 with config-of-1.0.0 | nothing-to-undo",
      "health 1.0.0 | nothing-to-undo",
      "record 1.0.0 | point-of-no-return",
      "embed_at_start | nothing-to-undo",
      "prune to 3 | nothing-to-undo",
    ]);
  });

  test("moves where its host has another node: out of the old one, into the new", () => {
    const { steps } = embedded.reconfigure({ ...guest("1.0.0", { strategy: "hot" }), node: "market" }, from);
    expect(
      steps.flatMap(({ action }) => (action.verb === "unembed" || action.verb === "embed" ? [action] : [])),
    ).toEqual([
      { verb: "unembed", node: "shop" },
      { verb: "embed", release: "1.0.0", config: "config-of-1.0.0", node: "market", timeoutMs: 60_000 },
    ]);
  });

  test("is removed from its node", () => {
    expect(lines(embedded.remove(from))).toEqual([
      "link nothing | link 1.0.0",
      "unembed | embed 1.0.0 with config-of-1.0.0, health 1.0.0",
      "forget | point-of-no-return",
      "prune to 0 | nothing-to-undo",
    ]);
  });

  test("goes back, and is brought back, from what lies on the host", () => {
    const steps = [
      "embeddable 1.0.0 with config-of-1.0.0 | nothing-to-undo",
      "unembed | embed 1.0.0 with config-of-1.0.0, health 1.0.0",
      "link 1.0.0 | link 1.0.0",
      "embed 1.0.0 with config-of-1.0.0 | unembed",
      "health 1.0.0 | nothing-to-undo",
      "record 1.0.0 | point-of-no-return",
      "embed_at_start | nothing-to-undo",
      "prune to 3 | nothing-to-undo",
    ];
    expect(lines(embedded.restore(from))).toEqual(steps);
    const back = lines(embedded.rollback(from.recorded, presentOf(target)));
    expect(back.slice(0, 2)).toEqual([
      "embeddable 1.0.0 with config-of-1.0.0 | nothing-to-undo",
      "unembed | embed 1.1.0 with config-of-1.1.0, health 1.1.0",
    ]);
    expect(back.at(-1)).toBe("hold | nothing-to-undo");
  });

  test("that had a VM of its own leaves it, with its unit; and the other way round", () => {
    const own = { ...targetOf({ version: "1.0.0" }), supervisor: "system" as const };
    expect(lines(embedded.upgrade(target, presentOf(own)))).toEqual([
      ...PREPARED,
      "stop | start 1.0.0 with config-of-1.0.0, health 1.0.0",
      "unit | ununit",
      "link 1.1.0 | link 1.0.0",
      "embed 1.1.0 with config-of-1.1.0 | unembed",
      ...KEPT,
    ]);
    const alone = targetOf({ version: "1.0.0" });
    expect(lines(restart.reconfigure(alone, from))).toContain(
      "unembed | embed 1.0.0 with config-of-1.0.0, health 1.0.0",
    );
    expect(whyRestart(alone, from)).toEqual(["it is embedded in shop, and gets a VM of its own"]);
  });

  test("has no process of its own in its state", () => {
    expect(appState(from, "/opt/releases")).toMatchObject({ isolation: "embedded", pid: null, os_pid: null });
  });
});
