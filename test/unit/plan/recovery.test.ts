// What is gone back to, and does not lie on its host any more as it was: had from git, or said.
import { describe, expect, test } from "vitest";
import { configName } from "../../../src/plan/config-name.ts";
import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import type { PlanItem } from "../../../src/plan/plan-item.ts";
import { lostTargets, planRollback } from "../../../src/plan/plan-rollback.ts";
import type { Recovery } from "../../../src/plan/recovery.ts";
import { lyingReleases, recoveryKey, withDamaged } from "../../../src/plan/recovery.ts";
import type { ObservedApp, Recorded } from "../../../src/runtime/observed.ts";
import { specDigest } from "../../../src/spec/spec-digest.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { appOn, counter, deployed, type File, said, seen, verbsOf, WEB1 } from "./situation.ts";

const COUNTER = { host: "web1", app: "counter" };
const ARTIFACT = { sizeBytes: 7, unpackedBytes: 20 };
const BACK = ["preflight", "stop", "link", "start", "health", "record", "prune", "hold"];

/** 1.0.0 is on record and down; 1.1.0 is wanted, and held. */
function heldInput(change: (app: ObservedApp) => Partial<ObservedApp>, was: File = counter()) {
  const desired = appsOf([counter({ version: "1.1.0" })]);
  const spec = desired.get("counter")?.spec;
  if (spec === undefined) throw new Error("no counter");
  const held = { specDigest: specDigest(spec), code: "health_check_failed" };
  const there = seen(deployed([was], { hosts: WEB1 }), "counter", ({ recorded }) => ({
    running: null,
    held,
    configs: recorded === null ? [] : [recorded.config],
  }));
  const record = appOn(there, "counter").recorded as Recorded;
  const input = inputFor(desired, { hosts: WEB1, observed: seen(there, "counter", change), previous: appsOf([was]) });
  return { input, record };
}

const planned = ({ input, record }: ReturnType<typeof heldInput>, recovery?: Recovery): PlanItem => {
  const recoveries = new Map(recovery === undefined ? [] : [[recoveryKey(COUNTER, record), recovery] as const]);
  const [item] = plan({ ...input, recoveries }).items;
  if (item === undefined) throw new Error("nothing planned");
  return item;
};

const damaged = ({ releases }: ObservedApp): Partial<ObservedApp> => ({
  releases: releases.map((it) => ({ ...it, digest: null })),
});
const gone = (): Partial<ObservedApp> => ({ releases: [] });
const found = ({ record }: { record: Recorded }): Recovery => ({
  record,
  artifact: { digest: record.digest, ...ARTIFACT },
});

describe("an app that is down and whose wanted spec is held", () => {
  test("is started again from what lies there", () => {
    const item = planned(heldInput(() => ({})));
    expect([said(item), verbsOf(item), item.unmet?.code]).toEqual(["deploy (drift), interrupts none", BACK, "held"]);
    expect(lyingReleases([item])).toMatchObject([{ ...COUNTER, directory: "1.0.0" }]);
  });

  test.each([
    ["damaged", damaged, (digest: string) => `1.0.0+${digest.slice(0, 8)}`],
    ["gone", gone, () => "1.0.0"],
  ])("has what is on record sent again where that is %s, from what git has", (_, change, directory) => {
    const situation = heldInput(change);
    const { record } = situation;
    // The host's own words for it are worth nothing.
    const git = { ...record, spec: { ...record.spec, retain: 7 } };
    const item = planned(situation, { record: git, artifact: { digest: record.digest, ...ARTIFACT } });
    expect([verbsOf(item), item.sendBytes, item.unmet?.code]).toEqual([["stage", ...BACK], 7, "held"]);
    expect(item.transaction?.steps[0].action).toEqual({
      verb: "stage",
      release: directory(record.digest),
      digest: record.digest,
      ...ARTIFACT,
    });
    const state = item.transaction?.steps.flatMap(({ action }) => (action.verb === "record" ? [action.state] : []))[0];
    expect(JSON.parse(state ?? "")).toMatchObject({ release: directory(record.digest), spec: { retain: 7 } });
    expect(item.warnings.at(-1)).toMatch(/^it is gone from the host or damaged there: it is sent again/);
    expect(lyingReleases([item])).toEqual([]);
  });

  test("is blocked where that can't be had, and told the ways out", () => {
    const item = planned(heldInput(damaged), { refused: "it is gone from everywhere" });
    expect(item.blocked).toMatchObject({
      code: "record_lost",
      facts: { version: "1.0.0", wanted: "1.1.0", why: "it is gone from everywhere" },
    });
    expect(item.transaction).toBeNull();
  });

  test("has its configuration made again where that is gone, too, if its secrets are known", () => {
    const withSecret = (name: string): File => counter({ os_env: { KEY: { secret: name } } });
    const none = () => ({ releases: [], configs: [] });
    const known = heldInput(none, withSecret("TOKEN"));
    const item = planned(known, found(known));
    expect(verbsOf(item)).toEqual(["stage", "config", ...BACK]);
    expect(item.transaction?.steps.map(({ action }) => action)).toContainEqual({
      verb: "config",
      config: configName(known.record.spec, known.input.fingerprints),
    });
    const unknown = heldInput(none, withSecret("OTHER"));
    expect(said(planned(unknown, found(unknown)))).toBe("blocked: record_lost");
  });
});

describe("a rollback", () => {
  const now = deployed([counter({ version: "1.2.0" })], { hosts: WEB1 });
  const past = ["1.1.0", "1.0.0"].map(
    (version) => appOn(deployed([counter({ version })], { hosts: WEB1 }), "counter").recorded as Recorded,
  );
  const [latest] = past as [Recorded, Recorded];
  const input = (given: Partial<PlanInput> = {}): PlanInput =>
    inputFor(new Map(), {
      hosts: WEB1,
      observed: seen(now, "counter", ({ releases, configs }) => ({
        history: past,
        configs: [...configs, ...past.map(({ config }) => config)],
        releases: [
          ...releases,
          ...past.map(({ release, digest }) => ({ directory: release, digest: release === "1.1.0" ? null : digest })),
        ],
      })),
      ...given,
    });
  const to = (given?: Partial<PlanInput>): PlanItem | undefined => planRollback(input(given), null).items[0];

  test("goes to what was there right before, though that is damaged there: it is sent again", () => {
    expect(lostTargets(input(), null)).toEqual([{ ...COUNTER, record: latest }]);
    const recoveries = new Map([[recoveryKey(COUNTER, latest), found({ record: latest })]]);
    const item = to({ recoveries });
    expect([item?.to, item?.sendBytes]).toEqual(["1.1.0", 7]);
    expect(item && verbsOf(item).slice(0, 2)).toEqual(["stage", "preflight"]);
  });

  test("looks for nothing where that lies there, or another version is named", () => {
    expect(lostTargets(input(), "1.0.0")).toEqual([]);
    expect(lostTargets(input(), "0.9.0")).toEqual([]);
  });
});

test("a release that turned out to be damaged counts as none of ours, on its host alone", () => {
  const two = deployed([counter()]);
  const changed = withDamaged(two, [{ ...COUNTER, directory: "1.0.0", digest: "any" }]);
  expect(changed.map(({ apps }) => apps[0]?.releases[0]?.digest === null)).toEqual([true, false, false]);
  expect(changed[1]).toBe(two[1]);
});
