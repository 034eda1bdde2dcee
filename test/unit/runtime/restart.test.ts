// The four transactions of the restart strategy, each step with how it would be undone.
import { describe, expect, test } from "vitest";
import { restart } from "../../../src/runtime/restart.ts";
import type { Present, Target } from "../../../src/runtime/runtime.ts";
import type { Transaction } from "../../../src/runtime/transaction.ts";
import { lines } from "./lines.ts";
import { presentOf, targetOf } from "./release.ts";

const target = targetOf({ version: "1.1.0" });
const from = presentOf(targetOf({ version: "1.0.0" }));
const stopped: Present = { ...from, running: null };

describe("deploy", () => {
  test("prepares, starts, judges, and only then goes on record", () => {
    expect(lines(restart.deploy(target))).toEqual([
      "stage 1.1.0 | unstage 1.1.0",
      "config config-of-1.1.0 | unconfig config-of-1.1.0",
      "preflight 1.1.0 | nothing-to-undo",
      "link 1.1.0 | link nothing",
      "start 1.1.0 with config-of-1.1.0 | stop",
      "health 1.1.0 | nothing-to-undo",
      "record 1.1.0 | point-of-no-return",
      "prune to 3 | nothing-to-undo",
    ]);
  });

  test("stages nothing that the host has", () => {
    const { release } = target;
    expect(lines(restart.deploy({ ...target, release: { ...release, artifact: null } }))[0]).toBe(
      "config config-of-1.1.0 | unconfig config-of-1.1.0",
    );
  });

  test("expects that no other run put the app there meanwhile", () => {
    expect(restart.deploy(target).expects).toBeNull();
  });
});

const upgraded = [
  "stage 1.1.0 | unstage 1.1.0",
  "config config-of-1.1.0 | unconfig config-of-1.1.0",
  "preflight 1.1.0 | nothing-to-undo",
  "stop | start 1.0.0 with config-of-1.0.0, health 1.0.0",
  "link 1.1.0 | link 1.0.0",
  "start 1.1.0 with config-of-1.1.0 | stop",
  "health 1.1.0 | nothing-to-undo",
  "record 1.1.0 | point-of-no-return",
  "prune to 3 | nothing-to-undo",
];

describe("upgrade", () => {
  test("stops nothing before everything is prepared, and its undo proves the old version healthy", () => {
    expect(lines(restart.upgrade(target, from))).toEqual(upgraded);
  });

  test("of an app that was not seen running stops what may run by now, and its undo starts what is on record", () => {
    expect(lines(restart.upgrade(target, stopped))).toEqual(
      upgraded.map((it) => (it.startsWith("stop") ? "stop | start 1.0.0 with config-of-1.0.0" : it)),
    );
  });

  test("is undone to where current pointed, though that is not what was recorded", () => {
    const lost = lines(restart.upgrade(target, { ...from, current: null }));
    expect(lost).toContain("link 1.1.0 | link nothing");
  });

  test("is undone to the recorded spec's own health check, not to the new one", () => {
    const old = presentOf(targetOf({ version: "1.0.0", health: { type: "http", port: 8080, path: "/old" } }));
    const stop = restart.upgrade(target, old).steps.find(({ action }) => action.verb === "stop");
    expect(stop?.undo).toMatchObject({ actions: [{}, { verb: "health", check: { path: "/old" } }] });
  });

  test("expects the op that the plan saw, and holds the new spec if its gate fails", () => {
    const { expects, holds, app } = restart.upgrade(target, from);
    expect([app, expects, holds]).toEqual(["counter", "op-1", target.specDigest]);
  });
});

describe("where systemd starts the app again, its unit", () => {
  const onSystemd = (at: Target): Target => ({ ...at, supervisor: "system" });
  const there = presentOf(onSystemd(targetOf({ version: "1.0.0" })));
  const verbs = ({ steps }: Transaction): string[] => steps.map(({ action }) => action.verb);
  const swap = ["preflight", "stop", "unit", "link", "start", "health", "record"];

  test.each<[string, Transaction]>([
    ["an upgrade", restart.upgrade(onSystemd(target), there)],
    ["a rollback", restart.rollback(there.recorded, presentOf(onSystemd(target)))],
    ["a restore", restart.restore(there)],
    ["an upgrade that leaves systemd", restart.upgrade(target, there)],
  ])("changes while nothing runs, and is what it was before the old version starts again: %s", (_, transaction) => {
    expect(verbs(transaction).filter((verb) => swap.includes(verb))).toEqual(swap);
    expect(lines(transaction)).toContain("unit | ununit");
  });

  test("says the limit of memory of the spec that it is for", () => {
    const limited = (memory: number): Target =>
      onSystemd(targetOf({ version: "1.0.0", vm_config: { memory_limit: memory } }));
    const limits = ({ steps }: Transaction): unknown[] =>
      steps.flatMap(({ action }) => (action.verb === "unit" ? [action.memoryMib] : []));
    const [small, large] = [limited(64), limited(512)];
    expect(limits(restart.deploy(small))).toEqual([64]);
    expect(limits(restart.upgrade(onSystemd(target), presentOf(small)))).toEqual([null]);
    expect(limits(restart.reconfigure({ ...large, config: "other" }, presentOf(small)))).toEqual([512]);
    expect(limits(restart.rollback(presentOf(large).recorded, presentOf(small)))).toEqual([512]);
    expect(limits(restart.restore(presentOf(small)))).toEqual([64]);
  });

  test("is looked at before anything stops", () => {
    expect(restart.upgrade(onSystemd(target), there).steps[2]?.action).toMatchObject({
      verb: "preflight",
      supervisor: "system",
    });
  });

  test("is written by a deploy before the first start", () => {
    const written = verbs(restart.deploy(onSystemd(target)));
    expect(written.slice(2, 5)).toEqual(["preflight", "unit", "link"]);
  });
});

describe("the user that the app runs as", () => {
  const as = (runAs: string, at: Target): Target => ({ ...at, supervisor: "system", runAs });
  const users = ({ steps }: Transaction): string[] =>
    steps.flatMap(({ action, undo }) =>
      [action, ...(undo.kind === "act" ? undo.actions : [])].flatMap((it) =>
        "runAs" in it ? [`${it.verb} as ${it.runAs}`] : [],
      ),
    );
  const old = presentOf(as("shop", targetOf({ version: "1.0.0" })));

  test("is checked before anything stops, and the undo starts the app as the one before", () => {
    expect(users(restart.upgrade(as("blog", target), old))).toEqual([
      "preflight as blog",
      "start as shop",
      "unit as blog",
      "start as blog",
    ]);
  });

  test("is that of the record that is gone back to", () => {
    const before = presentOf(as("blog", targetOf({ version: "0.9.0" }))).recorded;
    expect(users(restart.rollback(before, old))).toContain("start as blog");
    expect(users(restart.restore(old))).toEqual([
      "preflight as shop",
      "start as shop",
      "unit as shop",
      "start as shop",
    ]);
  });

  test("goes on record, and is in no step where it is who Beamline logs in as", () => {
    const recorded = ({ steps }: Transaction): unknown =>
      steps.flatMap(({ action }) => (action.verb === "record" ? [JSON.parse(action.state).runAs] : []));
    expect(recorded(restart.deploy(as("shop", target)))).toEqual(["shop"]);
    expect(recorded(restart.deploy(target))).toEqual([undefined]);
    expect(users(restart.upgrade(target, from))).toEqual([]);
  });

  test("can't be changed without a restart", () => {
    const same = { ...as("blog", targetOf({ version: "1.0.0" })), config: old.recorded.config };
    expect(restart.reconfigure(same, old).steps.map(({ action }) => action.verb)).toContain("stop");
    const { steps } = restart.reconfigure({ ...same, runAs: "shop" }, old);
    expect(steps.map(({ action }) => action.verb)).toEqual(["health", "record", "prune"]);
  });
});

describe("reconfigure", () => {
  const sameRelease = targetOf({ version: "1.0.0", retain: 5 });

  test("keeps the process where release and configuration are the same: it is judged anew and recorded", () => {
    expect(lines(restart.reconfigure(sameRelease, from))).toEqual([
      "health 1.0.0 | nothing-to-undo",
      "record 1.0.0 | point-of-no-return",
      "prune to 5 | nothing-to-undo",
    ]);
  });

  const restarted = [
    "config other | unconfig other",
    "preflight 1.0.0 | nothing-to-undo",
    "stop | start 1.0.0 with config-of-1.0.0, health 1.0.0",
    "link 1.0.0 | link 1.0.0",
    "start 1.0.0 with other | stop",
    "health 1.0.0 | nothing-to-undo",
    "record 1.0.0 | point-of-no-return",
    "prune to 3 | nothing-to-undo",
  ];
  const { release } = target;
  const reconfigured: Target = {
    ...targetOf({ version: "1.0.0" }),
    config: "other",
    release: { ...release, directory: "1.0.0", artifact: null },
  };

  test("restarts where the configuration is another", () => {
    expect(lines(restart.reconfigure(reconfigured, from))).toEqual(restarted);
  });

  test.each<[string, Partial<Present>]>([
    ["does not run", { running: null }],
    ["runs another release", { running: from.running && { ...from.running, release: "0.9.0" } }],
    ["was started by hand", { running: from.running && { ...from.running, release: null, config: null } }],
    ["runs with another configuration", { running: from.running && { ...from.running, config: "older" } }],
  ])("starts the app where it %s", (_, change) => {
    const verbs = restart.reconfigure(sameRelease, { ...from, ...change }).steps.map(({ action }) => action.verb);
    expect(verbs).toEqual(expect.arrayContaining(["config", "preflight", "link", "start"]));
  });

  test("moves current where that alone is wrong, and nothing stops", () => {
    for (const way of [restart.reconfigure, restart.upgrade]) {
      const { steps } = way(sameRelease, { ...from, current: "0.9.0" });
      expect(steps.map(({ action }) => action.verb)).toEqual(["health", "link", "record", "prune"]);
    }
  });
});

describe("remove", () => {
  const removed = [
    "link nothing | link 1.0.0",
    "stop | start 1.0.0 with config-of-1.0.0, health 1.0.0",
    "forget | point-of-no-return",
    "prune to 0 | nothing-to-undo",
  ];

  test("stops the app, forgets it, and leaves no release", () => {
    expect(lines(restart.remove(from))).toEqual(removed);
  });

  test("of an app that was not seen running stops what may run by now", () => {
    expect(lines(restart.remove(stopped))).toEqual(
      removed.map((it) => (it.startsWith("stop") ? "stop | start 1.0.0 with config-of-1.0.0" : it)),
    );
  });

  test("expects the op that the plan saw, and holds nothing", () => {
    expect(restart.remove(from)).toMatchObject({ expects: "op-1", holds: null });
  });
});

const transactions: [string, Transaction][] = [
  ["a deploy", restart.deploy(target)],
  ["an upgrade", restart.upgrade(target, from)],
  ["an upgrade of a stopped app", restart.upgrade(target, stopped)],
  ["a reconfigure", restart.reconfigure(targetOf({ version: "1.0.0" }), from)],
  ["a reconfigure of a stopped app", restart.reconfigure(targetOf({ version: "1.0.0" }), stopped)],
  ["a removal", restart.remove(from)],
  ["a removal of a stopped app", restart.remove(stopped)],
];

describe.each(transactions)("%s", (_, { steps }) => {
  test("has exactly one point of no return, after which it only tidies up", () => {
    const at = steps.findIndex(({ undo }) => undo.kind === "point-of-no-return");
    expect(steps.filter(({ undo }) => undo.kind === "point-of-no-return")).toHaveLength(1);
    expect(steps.slice(at + 1).map(({ action }) => action.verb)).toEqual(["prune"]);
  });

  test("judges the app right before it goes on record", () => {
    const verbs = steps.map(({ action }) => action.verb);
    const at = verbs.indexOf("record");
    expect(at < 0 ? verbs.includes("forget") : verbs[at - 1] === "health").toBe(true);
  });

  test("numbers its steps from 1 and names each by its verb", () => {
    expect(steps.map(({ id }) => id)).toEqual(steps.map(({ action }, index) => `${index + 1}-${action.verb}`));
  });
});

describe("what goes on record", () => {
  test("is all that the next plan compares, and the whole spec to go back to", () => {
    const record = restart.deploy(target).steps.find(({ action }) => action.verb === "record");
    const state: unknown = record?.action.verb === "record" ? JSON.parse(record.action.state) : null;
    expect(state).toEqual({
      schema: 1,
      owner: target.owner,
      supervisor: "daemon",
      file: "apps/counter/app.json",
      version: "1.1.0",
      release: "1.1.0",
      digest: target.release.digest,
      config: "config-of-1.1.0",
      specDigest: target.specDigest,
      commit: "c0ffee",
      spec: target.spec,
    });
  });
});

describe("after drift", () => {
  const running = {
    ...(from.running as NonNullable<Present["running"]>),
    release: "0.9.0",
    config: "c0",
    version: "0.9.0",
  };

  test("an undo starts what ran, not what is on record", () => {
    expect(lines(restart.upgrade(target, { ...from, running }))).toContain("stop | start 0.9.0 with c0, health 0.9.0");
  });

  test("an undo starts what is on record where nobody knows what ran", () => {
    const unknown = { ...running, release: null, config: null, version: null };
    expect(lines(restart.upgrade(target, { ...from, running: unknown }))).toContain(
      "stop | start 1.0.0 with config-of-1.0.0, health 1.0.0",
    );
  });
});

test("restore brings back what is on record, and prepares nothing", () => {
  expect(lines(restart.restore(stopped))).toEqual([
    "preflight 1.0.0 | nothing-to-undo",
    "stop | start 1.0.0 with config-of-1.0.0",
    "link 1.0.0 | link 1.0.0",
    "start 1.0.0 with config-of-1.0.0 | stop",
    "health 1.0.0 | nothing-to-undo",
    "record 1.0.0 | point-of-no-return",
    "prune to 3 | nothing-to-undo",
  ]);
  expect(restart.restore(stopped).holds).toBeNull();
});
