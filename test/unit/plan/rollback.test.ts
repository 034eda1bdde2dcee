// command: rollback goes back on each host to what was on record there, from what still lies there.
import { describe, expect, test } from "vitest";
import { wordsOf } from "../../../src/core/problem.ts";
import { planRollback } from "../../../src/plan/plan-rollback.ts";
import type { ObservedApp, Recorded } from "../../../src/runtime/observed.ts";
import { inputFor } from "../../property/wanted.ts";
import { appOn, counter, deployed, said, seen, verbsOf, WEB1 } from "./situation.ts";

const recordOf = (fields: Record<string, unknown>): ObservedApp =>
  appOn(deployed([counter(fields)], { hosts: WEB1 }), "counter");
const now = deployed([counter({ version: "1.2.0" })], { hosts: WEB1 });
const past = ["1.1.0", "1.0.0"].map((version) => recordOf({ version, env: { port: 1 } }).recorded as Recorded);

/** The host after it ran 1.0.0, 1.1.0 and 1.2.0; `lacks` are releases that were pruned since. */
const fleet = (lacks: readonly string[] = []) =>
  seen(now, "counter", ({ releases, recorded }) => ({
    history: past,
    configs: [...past, ...(recorded === null ? [] : [recorded])].map(({ config }) => config),
    releases: [...releases, ...past.map(({ release, digest }) => ({ directory: release, digest }))].filter(
      ({ directory }) => !lacks.includes(directory),
    ),
  }));
const planned = (version: string | null, lacks: readonly string[] = []) => {
  const [item] = planRollback(inputFor(new Map(), { hosts: WEB1, observed: fleet(lacks) }), version).items;
  if (item === undefined) throw new Error("nothing planned");
  return item;
};

describe("a rollback", () => {
  test("goes to what was there before, with the spec it had, and holds what it leaves", () => {
    const item = planned(null);
    expect([said(item), item.from, item.to]).toEqual(["upgrade (rollback), interrupts restart", "1.2.0", "1.1.0"]);
    expect(verbsOf(item)).toEqual(["preflight", "stop", "link", "start", "health", "record", "hold", "prune"]);
    expect(item.changes.map(({ field, from, to }) => `${field} ${from} ${to}`)).toEqual([
      "version 1.2.0 1.1.0",
      "env.port null 1",
    ]);
    const record = item.transaction?.steps.find(({ action }) => action.verb === "record")?.action;
    expect(record?.verb === "record" && JSON.parse(record.state)).toEqual(past[0]);
  });

  test("brings back the limits of then, and says where nobody enforces them", () => {
    const [before] = seen(now, "counter", ({ releases, recorded }) => {
      const limited = recordOf({ version: "1.1.0", vm_config: { memory_limit: 512, scheduler_limit: 1 } }).recorded;
      const then: Recorded[] = limited === null ? [] : [{ ...limited, supervisor: "system" }];
      return {
        recorded: recorded && { ...recorded, supervisor: "system" },
        history: then,
        configs: then.map(({ config }) => config),
        releases: [...releases, ...then.map(({ release, digest }) => ({ directory: release, digest }))],
      };
    });
    const [item] = planRollback(inputFor(new Map(), { hosts: WEB1, observed: before ? [before] : [] }), null).items;
    expect(item?.transaction?.steps.map(({ action }) => action)).toContainEqual({
      verb: "unit",
      supervisor: "system",
      memoryMib: 512,
    });
    expect(item?.changes.map(({ field, from, to }) => `${field} ${from} ${to}`)).toEqual([
      "version 1.2.0 1.1.0",
      "vm_config.memory_limit null 512 MiB",
      "vm_config.scheduler_limit null 1",
    ]);
    expect(item?.warnings).toEqual(["1.2.0 is held here from then on, until its spec changes"]);
  });

  test("goes to a version that is named", () => {
    expect(planned("1.0.0").to).toBe("1.0.0");
  });

  test("never passes over what was there before: where that is gone it refuses, and says what is still there", () => {
    const { blocked, transaction } = planned(null, ["1.1.0"]);
    expect(transaction).toBeNull();
    expect(blocked && wordsOf(blocked).message).toBe(
      "1.1.0, which was here before, is not on the host any more, with its configuration (still there: 1.0.0)",
    );
    expect(planned("1.0.0", ["1.1.0"]).to).toBe("1.0.0");
  });

  test("to a version that is named takes the newest of its states that is there", () => {
    const again = recordOf({ version: "1.1.0", env: { port: 2 } }).recorded as Recorded;
    const goes = (configs: (all: readonly string[]) => readonly string[]): string | undefined => {
      const observed = seen(fleet(), "counter", (app) => ({
        history: [again, ...app.history],
        configs: configs([...app.configs, again.config]),
      }));
      const [item] = planRollback(inputFor(new Map(), { hosts: WEB1, observed }), "1.1.0").items;
      const record = item?.transaction?.steps.find(({ action }) => action.verb === "record")?.action;
      return record?.verb === "record" ? JSON.parse(record.state).config : undefined;
    };
    expect(goes((all) => all)).toBe(again.config);
    expect(goes((all) => all.filter((config) => config !== again.config))).toBe(past[0]?.config);
  });

  test("does nothing where the named version runs", () => {
    expect(said(planned("1.2.0"))).toBe("nothing to do");
  });

  test.each([
    [null, ["1.1.0", "1.0.0"]],
    ["0.9.0", []],
    ["1.1.0", ["1.1.0"]],
  ])("is blocked where there is nothing to go to: %s", (version, lacks) => {
    expect(said(planned(version, lacks))).toBe("blocked: nothing_to_roll_back_to");
  });

  test("leaves apps of others alone", () => {
    const owner = { repository: "acme/other", environment: "production" };
    expect(planRollback(inputFor(new Map(), { hosts: WEB1, observed: fleet(), owner }), null).items).toEqual([]);
  });
});
