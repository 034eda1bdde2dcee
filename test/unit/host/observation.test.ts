// What a host claims of itself and its apps: it has its form, or it is that host's problem, or that app's.
import { describe, expect, test } from "vitest";
import { parseObservation } from "../../../src/host/observation.ts";
import { parseRecord } from "../../../src/host/record.ts";
import { appState } from "../../../src/runtime/app-state.ts";
import type { Recorded } from "../../../src/runtime/observed.ts";
import { appOn, counter, deployed } from "../plan/situation.ts";

/** What Beamline itself writes there. */
const written: Recorded = (() => {
  const { recorded } = appOn(
    deployed([counter({ env: { deep: [[{ a: 1 }]], "it's": "ü" }, strategy: "hot" })]),
    "counter",
  );
  if (recorded === null) throw new Error("nothing is on record");
  const digest = "0".repeat(64);
  return { ...recorded, digest, specDigest: digest, commit: "0".repeat(40) };
})();

const HOST = {
  ...{ kind: "host", machineId: "0a", supervisor: "daemon", node: null, isWritable: true, user: "root", lacks: [] },
};

const APP = {
  ...{ kind: "app", name: "counter", op: "20260101T000000000Z.0a", current: "1.0.0", releases: [], running: null },
  ...{ health: { health: "unknown", saw: "" }, held: null, unfinished: [], configs: [], unreadable: null },
};

const RUNNING = { pid: 1, startedAt: 1, release: null, config: null, node: null, runAs: null, version: null };

const read = (app: object, record: string | null = JSON.stringify(written), host: object = HOST) =>
  parseObservation([
    JSON.stringify(host),
    ...(record === null ? [] : [`record ${record}`]),
    ...[JSON.stringify({ ...APP, ...app })],
  ]);

function appOf(observed: ReturnType<typeof read>) {
  if ("error" in observed) throw new Error(observed.error);
  const [app] = observed.apps;
  if (app === undefined) throw new Error("no app");
  return app;
}

describe("a record", () => {
  test("that Beamline wrote is read as it was written, field by field", () => {
    const { recorded, unreadable } = appOf(read({}));
    expect(unreadable).toBeUndefined();
    expect(JSON.stringify(recorded)).toBe(JSON.stringify(written));
  });

  test("of an earlier version has the defaults of what it lacks; what a later one added is passed over", () => {
    const { isolation: _, strategy: __, ...spec } = written.spec;
    const { supervisor: ___, file: ____, ...rest } = written;
    const early = { ...rest, spec: { ...spec, strategy: { type: "hot" } } };
    expect(appOf(read({}, JSON.stringify(early))).recorded).toEqual({ ...written, supervisor: "daemon", file: "" });
    const late = { ...written, more: 1, spec: { ...written.spec, canary: { a: 1 } } };
    expect(appOf(read({}, JSON.stringify(late))).recorded).toEqual(written);
  });

  test("that is none is unreadable, and never none", () => {
    const without = (field: keyof Recorded["spec"]) => {
      const { [field]: _, ...spec } = written.spec;
      return { ...written, spec };
    };
    const cases: [string, string][] = [
      ["garbage", "it is not JSON"],
      ["", "it is not JSON"],
      [JSON.stringify(written).slice(0, -9), "it is not JSON"],
      ["{}", "schema is not as Beamline writes it"],
      ["null", "it is not as Beamline writes it"],
      ["[]", "it is not as Beamline writes it"],
      [JSON.stringify(without("health")), "spec.health is not as Beamline writes it"],
      [JSON.stringify(without("env")), "spec.env is not as Beamline writes it"],
      [JSON.stringify({ ...written, schema: 2 }), "a later version of Beamline wrote it"],
      [JSON.stringify({ ...written, release: "../../etc" }), "release is not as Beamline writes it"],
      [JSON.stringify({ ...written, config: "a/b" }), "config is not as Beamline writes it"],
      [JSON.stringify({ ...written, version: "1\u0000" }), "version is not as Beamline writes it"],
      [JSON.stringify({ ...written, spec: { ...written.spec, name: "other" } }), "it is the record of another app"],
      [
        JSON.stringify({ ...written, spec: { ...written.spec, strategy: { type: "teleport" } } }),
        "spec.strategy.type is not as Beamline writes it",
      ],
      [
        JSON.stringify({ ...written, spec: { ...written.spec, env: { a: { atom: "a", integer: "1" } } } }),
        "spec.env.a is not as Beamline writes it",
      ],
      [
        JSON.stringify({ ...written, spec: { ...written.spec, health: { ...written.spec.health, timeout: 1e300 } } }),
        "spec.health.timeout is not as Beamline writes it",
      ],
      [
        JSON.stringify({
          ...written,
          spec: {
            ...written.spec,
            env: Object.fromEntries(Array.from({ length: 150_000 }, (_, nth) => [`k${nth}`, { atom: "a" }])),
          },
        }),
        "spec.env is not as Beamline writes it",
      ],
      [`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "it is nested deeper than 400 levels"],
      [`{"a":"${"[".repeat(1000)}"}`, "schema is not as Beamline writes it"],
      ['{"__proto__":{"schema":1},"constructor":{}}', "schema is not as Beamline writes it"],
    ];
    for (const [text, why] of cases) {
      const { recorded, unreadable } = appOf(read({}, text));
      expect([text.slice(0, 80), recorded, unreadable?.why]).toEqual([text.slice(0, 80), null, why]);
    }
  });

  test("that can't be read tells at least whose it is, where it says that", () => {
    const { owner } = written;
    expect(parseRecord(JSON.stringify({ ...written, schema: 2 }), "counter")).toMatchObject({ unreadable: { owner } });
    expect(parseRecord('{"owner":7}', "counter")).toMatchObject({ unreadable: { owner: null } });
  });

  test("that the agent could not read is unreadable", () => {
    expect(appOf(read({ unreadable: "it is closed to us", op: null }, null))).toMatchObject({
      recorded: null,
      unreadable: { why: "it is closed to us", owner: null },
    });
  });

  test("of the past that can't be read is passed over, and no more than 20 are looked at", () => {
    const past = (text: string) => `past ${text}`;
    const lines = [
      past("garbage"),
      past(JSON.stringify(written)),
      ...Array(100_000).fill(past(JSON.stringify(written))),
    ];
    const observed = parseObservation([JSON.stringify(HOST), ...lines, JSON.stringify(APP)]);
    expect(appOf(observed).history).toHaveLength(19);
    expect(appOf(observed).recorded).toBeNull();
  });

  test("belongs to the app whose line follows, and to no other", () => {
    const other = { ...APP, name: "greeter" };
    const lines = [HOST, APP, other].map((line) => JSON.stringify(line));
    const observed = parseObservation([lines[0] ?? "", `record ${JSON.stringify(written)}`, ...lines.slice(1)]);
    if ("error" in observed) throw new Error(observed.error);
    expect(observed.apps.map(({ name, recorded }) => [name, recorded?.spec.name])).toEqual([
      ["counter", "counter"],
      ["greeter", undefined],
    ]);
  });
});

describe("what a host claims", () => {
  test("may be as strange as it likes, as long as it has its form", () => {
    const running = { ...RUNNING, startedAt: 253_402_300_799, version: "ü".repeat(1000) };
    const app = appOf(read({ running, current: "..", health: { health: "healthy", saw: "\u0000\u2028" } }));
    expect(appState(app, "/opt").started_at).toBe("9999-12-31T23:59:59.000Z");
  });

  const refused: [string, object][] = [
    ["a start that no clock shows", { running: { ...RUNNING, startedAt: 1e300 } }],
    ["a start before 1970", { running: { ...RUNNING, startedAt: -1 } }],
    ["a start that is no number", { running: { ...RUNNING, startedAt: null } }],
    ["a process that Linux does not have", { running: { ...RUNNING, pid: 1e9 } }],
    ["a release with a NUL", { running: { ...RUNNING, release: "a\u0000b" } }],
    ["a link with a NUL", { current: "a\u0000b" }],
    ["an op with words of a shell", { unfinished: [{ id: "x;reboot", isLive: false }] }],
    ["an op that is a path", { unfinished: [{ id: "../x", isLive: false }] }],
    ["an op with a newline", { op: "a\nb" }],
    ["a hundred and one unfinished ops", { unfinished: Array(101).fill({ id: "a", isLive: false }) }],
    ["a million releases", { releases: Array(1_000_000).fill({ directory: "1", digest: null }) }],
    ["a million configurations", { configs: Array(1_000_000).fill("1") }],
  ];
  test.each(refused)("of an app costs that app alone: %s", (_, app) => {
    const [host, other] = [HOST, { ...APP, name: "greeter" }].map((line) => JSON.stringify(line));
    const observed = parseObservation([
      host ?? "",
      `record ${JSON.stringify(written)}`,
      JSON.stringify({ ...APP, ...app }),
      other ?? "",
    ]);
    if ("error" in observed) throw new Error(observed.error);
    const [refusedApp, greeter] = observed.apps;
    expect(refusedApp).toMatchObject({ name: "counter", recorded: null, running: null, unfinished: [], releases: [] });
    expect(refusedApp?.unreadable).toEqual({
      why: "what the host says of it is not as Beamline says it",
      owner: written.owner,
    });
    expect(greeter).toMatchObject({ name: "greeter" });
    expect(greeter).not.toHaveProperty("unreadable");
  });

  test.each([
    ["a name with words of a shell", { name: "x;reboot" }],
    ["a name that every object has", { name: "__proto__" }],
    ["an option as a name", { name: "-x" }],
  ])("is refused: %s", (_, app) => {
    expect(read(app)).toHaveProperty("error");
  });

  test("is refused where it tells of an app, or of itself, twice, or of nothing, or breaks off", () => {
    const [host, app] = [JSON.stringify(HOST), JSON.stringify(APP)];
    expect(parseObservation([host, app, app])).toEqual({ error: "it tells of counter twice" });
    expect(parseObservation([host, host])).toHaveProperty("error");
    expect(parseObservation([app])).toEqual({ error: "the answer ends early" });
    expect(parseObservation([])).toEqual({ error: "the answer ends early" });
    expect(parseObservation([host, app.slice(0, 50)])).toHaveProperty("error");
    expect(parseObservation([host, "[".repeat(4_000_000)])).toHaveProperty("error");
  });

  test("is refused where a hundred apps have unfinished ops together", () => {
    const apps = Array.from({ length: 51 }, (_, nth) =>
      JSON.stringify({ ...APP, name: `a${nth}`, unfinished: Array(2).fill({ id: "a", isLive: false }) }),
    );
    expect(parseObservation([JSON.stringify(HOST), ...apps])).toEqual({
      error: "it tells of more than 100 unfinished ops",
    });
  });
});
