import { describe, expect, test } from "vitest";
import { appState, type CodeState, codeDrift } from "../../../src/runtime/app-state.ts";
import type { ObservedApp } from "../../../src/runtime/observed.ts";
import { presentOf, targetOf } from "./release.ts";

const fields = { version: "1.0.0", description: "counts", env: { port: 8080, name: "a", mode: true } };
const present = presentOf(targetOf(fields));
const stateOf = (change: Partial<ObservedApp> = {}) => appState({ ...present, ...change }, "/opt/releases");

const op = { id: "op-2", isLive: true };
const booting = present.running && { ...present.running, version: null };

describe("the state of an app", () => {
  test.each<[string, Partial<ObservedApp>]>([
    ["running", {}],
    ["running", { health: { health: "unhealthy", saw: "HTTP 500" } }],
    ["running", { recorded: null, op: null }],
    ["starting", { running: booting }],
    ["failed", { running: null }],
    ["stopped", { running: null, recorded: null, op: null }],
    ["upgrading", { unfinished: [op] }],
    ["upgrading", { unfinished: [{ ...op, isLive: false }], running: null }],
    ["pending", { unfinished: [op], recorded: null, op: null, running: null }],
  ])("is %s for %o", (status, change) => {
    expect(stateOf(change).status).toBe(status);
  });

  test("has bc_gitops' fields", () => {
    expect(stateOf()).toMatchObject({
      name: "counter",
      version: "1.0.0",
      description: "counts",
      path: "/opt/releases/counter/1.0.0",
      pid: 4711,
      started_at: "2023-11-14T22:13:20.000Z",
      health: "healthy",
      isolation: "vm",
      node: "counter@web1",
      os_pid: 4711,
    });
  });

  test("has env as Erlang terms", () => {
    expect(stateOf().env).toEqual({ port: "8080", name: '<<"a"/utf8>>', mode: "true" });
  });

  test("has the icon of the spec", () => {
    const icon = { type: "url", value: "https://shop.example/counter.png" };
    expect(appState(presentOf(targetOf({ ...fields, icon })), "/opt/releases").icon).toMatchObject(icon);
    expect(stateOf().icon).toBeNull();
  });

  test("names the version that runs, not the recorded one", () => {
    const running = present.running && { ...present.running, release: "0.9.0", version: "0.9.0" };
    expect(stateOf({ running })).toMatchObject({ version: "0.9.0", path: "/opt/releases/counter/0.9.0" });
  });

  test("of an app that does not run names the recorded version and where current points", () => {
    expect(stateOf({ running: null })).toMatchObject({
      version: "1.0.0",
      path: "/opt/releases/counter/1.0.0",
      pid: null,
      os_pid: null,
      started_at: null,
      node: null,
    });
  });

  test("of an app without a record or a release says so in nulls", () => {
    const nothing = { recorded: null, op: null, running: null, current: null };
    expect(stateOf(nothing)).toMatchObject({ version: null, description: null, path: null, env: {} });
  });

  test("is JSON: nothing of it is lost on the way to the output", () => {
    expect(JSON.parse(JSON.stringify(stateOf()))).toEqual(stateOf());
  });
});

describe("the code of a VM", () => {
  const code: CodeState = { release: "1.1.0", permanent: "1.1.0", booted: "1.0.0", next: "1.1.0", otherCode: [] };

  test("is as it should be after a hot upgrade, whatever it was booted from", () => {
    expect(codeDrift(code)).toEqual([]);
    expect(appState(present, "/opt/releases", code).code).toEqual(code);
  });

  test.each<[Partial<CodeState>, string]>([
    [{ permanent: "1.0.0" }, "runs 1.1.0, which was not made permanent: it would boot 1.0.0"],
    [{ next: "1.0.0" }, "runs 1.1.0, and the next start takes 1.0.0"],
    [{ next: "" }, "runs 1.1.0, and the next start takes nothing"],
    [{ otherCode: ["a", "b"] }, "has loaded other code than 1.1.0 has, of a, b"],
  ])("that %o is drift", (change, words) => {
    expect(codeDrift({ ...code, ...change })).toEqual([words]);
  });
});
