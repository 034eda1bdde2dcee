import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/core/digest.ts";
import { configName, isSameConfig } from "../../../src/plan/config-name.ts";
import { plan } from "../../../src/plan/plan.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { counter, deployed, said, WEB1 } from "./situation.ts";

const nameOf = (fields: Record<string, unknown>, secrets: Record<string, string> = {}): string => {
  const spec = appsOf([counter(fields)]).get("counter")?.spec;
  if (spec === undefined) throw new Error("no counter");
  return configName(spec, new Map(Object.entries(secrets)));
};

const withToken = { os_env: { TOKEN: { secret: "TOKEN" } } };

describe("the name of a configuration", () => {
  test("is the same for the same env and os_env in any order", () => {
    expect(nameOf({ env: { port: 1, pool: { size: 2 } }, os_env: { A: "1", B: "2" } })).toBe(
      nameOf({ os_env: { B: "2", A: "1" }, env: { pool: { size: 2 }, port: 1 } }),
    );
  });

  test.each([
    ["a value of env", { env: { port: 2 } }],
    ["a type in env: text is no number", { env: { port: "1" } }],
    ["os_env", { env: { port: 1 }, os_env: { MODE: "b" } }],
    ["limit of memory, though it only stands in the unit", { env: { port: 1 }, vm_config: { memory_limit: 512 } }],
    ["number of schedulers", { env: { port: 1 }, vm_config: { scheduler_limit: 2 } }],
    ["argument of the VM", { env: { port: 1 }, vm_config: { extra_args: ["+P", "4096"] } }],
    ["a secret in place of a text", { env: { port: 1 }, ...withToken }],
  ])("is another for another %s", (_, fields) => {
    expect(nameOf(fields)).not.toBe(nameOf({ env: { port: 1 } }));
  });

  test("does not depend on the version or the health check", () => {
    expect(nameOf({ version: "2.0.0", health: { type: "none" } })).toBe(nameOf({}));
  });

  test("is what it was before there was a vm_config, where there is none", () => {
    expect(nameOf({})).toBe(digestOf({ env: {}, os_env: {} }).slice(0, 12));
    expect(nameOf({ vm_config: {} })).toBe(nameOf({}));
  });

  test("is short, and free of everything that a path could trip over", () => {
    expect(nameOf({})).toMatch(/^[0-9a-f]{12}$/);
    expect(nameOf(withToken, { TOKEN: "f00d" })).toMatch(/^[0-9a-f]{12}-[0-9a-f]{8}$/);
    expect(nameOf(withToken)).toMatch(/^[0-9a-f]{12}-unknown$/);
  });

  test("keeps its first part and changes its second when a secret's value changes", () => {
    const [before, after] = [nameOf(withToken, { TOKEN: "f00d" }), nameOf(withToken, { TOKEN: "beef" })];
    expect(before.split("-")[0]).toBe(after.split("-")[0]);
    expect(before).not.toBe(after);
  });

  test("is unknown as soon as one of several secrets is", () => {
    const two = { os_env: { A: { secret: "A" }, B: { secret: "B" } } };
    expect(nameOf(two, { A: "f00d" })).toMatch(/-unknown$/);
  });
});

test("the name of a configuration does not depend on the order of its secrets", () => {
  const [A, B] = [{ secret: "A" }, { secret: "B" }];
  const values = { A: "f00d", B: "beef" };
  expect(nameOf({ os_env: { A, B } }, values)).toBe(nameOf({ os_env: { B, A } }, values));
  expect(nameOf({ os_env: { A, B } }, values)).not.toBe(nameOf({ os_env: { A: B, B: A } }, values));
});

describe("two names", () => {
  test.each([
    ["0123", "0123", true],
    ["0123", "4567", false],
    ["0123-aaaa", "0123-aaaa", true],
    ["0123-aaaa", "0123-bbbb", false],
    ["0123-aaaa", "0123-unknown", true],
    ["0123-unknown", "0123-aaaa", true],
    ["0123-unknown", "4567-unknown", false],
    ["0123", "0123-aaaa", false],
  ])("%s and %s stand for the same: %s", (a, b, same) => {
    expect(isSameConfig(a, b)).toBe(same);
  });
});

describe("an app with a secret", () => {
  const files = [counter(withToken)];
  const there = deployed(files, { hosts: WEB1, fingerprints: new Map([["TOKEN", "f00d"]]) });
  const planOf = (fingerprints: [string, string][], now = files) =>
    plan(
      inputFor(appsOf(now), {
        hosts: WEB1,
        previous: appsOf(files),
        observed: there,
        fingerprints: new Map(fingerprints),
      }),
    );
  const planned = (fingerprints: [string, string][]) => planOf(fingerprints).items.map(said);

  test("whose health check alone changed keeps its process, and has one plan with and without the secret's value", () => {
    const now = [counter({ ...withToken, health: { type: "tcp", port: 9000 } })];
    const [knowing, not] = [planOf([["TOKEN", "f00d"]], now), planOf([], now)];
    expect(knowing.items.map(said)).toEqual(["reconfigure (spec), interrupts none"]);
    expect(not.digest).toBe(knowing.digest);
  });

  test("whose value is the same is left alone", () => {
    expect(planned([["TOKEN", "f00d"]])).toEqual(["nothing to do"]);
  });

  test("whose value changed is reconfigured, by a restart", () => {
    expect(planned([["TOKEN", "beef"]])).toEqual(["reconfigure (spec), interrupts restart"]);
    expect(planOf([["TOKEN", "beef"]]).items[0]?.warnings).toEqual(["a secret in os_env has another value"]);
  });

  test("whose value this run does not know is left alone", () => {
    expect(planned([])).toEqual(["nothing to do"]);
  });
});
