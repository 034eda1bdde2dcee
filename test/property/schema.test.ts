// The schemas that editors are given say the same as what reads the files: a value is well for both, or for neither.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { plan } from "../../src/plan/plan.ts";
import { planJson, planJsonOf } from "../../src/plan/plan-json.ts";
import { appFields } from "../../src/spec/app-fields.ts";
import { fleetFields } from "../../src/spec/fleet.ts";
import { applied } from "./model.ts";
import { appsOf, inputFor, wanted } from "./wanted.ts";

const ajv = new Ajv2020({ allowUnionTypes: true });
formats.default(ajv);

function validatorOf(name: string): (value: unknown) => boolean {
  const text = readFileSync(resolve(import.meta.dirname, `../../schema/${name}.schema.json`), "utf8");
  const validate = ajv.compile(JSON.parse(text));
  return (value) => validate(value) === true;
}

const word = fc.constantFrom(
  "counter",
  "Counter",
  "",
  "1.4.0",
  "a b",
  "/health",
  "health",
  "25%",
  "30s",
  "web1",
  "root",
);
const number = fc.constantFrom(-1, 0, 1, 16, 80.5, 99, 200, 65_535, 65_536, 99_999_999);
const scalar = fc.oneof(word, number, fc.boolean(), fc.constant(null));
const some = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(word, scalar, { maxKeys: 2 }));

/** Any of a schema's fields with what it may be, or with anything. */
const fieldsLike = (good: Record<string, readonly unknown[]>): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(
    Object.fromEntries(
      Object.entries(good).map(([key, values]) => [
        key,
        fc.oneof({ weight: 40, arbitrary: fc.constantFrom(...values) }, some),
      ]),
    ),
    { requiredKeys: [] },
  );

const health = fieldsLike({
  type: ["none", "http", "tcp", "custom"],
  port: [1, 8080],
  path: ["/"],
  timeout: [5],
  module: ["m"],
  expect: [{ status: 200 }, { body: "ok" }],
  successes: [1],
});
const strategy = fieldsLike({
  type: ["restart", "hot", "blue-green", "release", "custom"],
  on_no_appup: ["fail"],
  ports: [{ blue: 1, green: 2 }],
  proxy: ["edge", { type: "haproxy", socket: "/s" }, { type: "caddy", n: 1 }],
  runtime: ["r"],
});

const app = fc
  .record({
    fields: fieldsLike({
      name: ["counter"],
      version: ["1.4.0"],
      description: ["d"],
      icon: [{ type: "url" }],
      source: [{}, { type: "release", url: "file:x", sha256: "a" }, { type: "git", ref: "v1" }],
      isolation: ["vm"],
      vm_config: [{ memory_limit: 16, extra_args: ["+P"] }],
      env: [{ a: [1, { b: null }] }],
      os_env: [{ A: "x", B: 1, C: true }, { A: { secret: "X" } }, { "A B": "x" }, { UID: "1" }],
      depends_on: [["db"]],
      strategy: ["hot", "restart"],
      hosts: [["web1"], { role: "web" }],
      rollout: [{ canary: 1, batch: "25%", pause: "30s", max_failures: 0 }, { batch: "0%" }, { pause: "1d" }],
      retain: [3],
    }),
    health: fc.option(health, { nil: undefined }),
    strategy: fc.option(strategy, { nil: undefined }),
  })
  .map(({ fields, health: check, strategy: how }) => ({
    name: "counter",
    version: "1",
    ...fields,
    ...(check && { health: check }),
    ...(how && { strategy: how }),
  }));

const host = fieldsLike({
  address: ["192.0.2.1"],
  port: [22],
  user: ["deploy"],
  root: ["/opt/r"],
  supervisor: ["daemon"],
  labels: [{ role: "web" }],
  host_key: ["ssh-ed25519 AAAA"],
});

const fleet = fc.record(
  {
    defaults: fieldsLike({ user: ["root"], port: [22], root: ["/srv"], supervisor: ["systemd"] }),
    hosts: fc.oneof(fc.dictionary(fc.constantFrom("web1", "-", "a b"), host, { maxKeys: 2 }), some),
    environments: fc.dictionary(word, fieldsLike({ hosts: [["web1"], {}], url: ["https://e.org"] }), { maxKeys: 2 }),
    proxies: fc.dictionary(word, fieldsLike({ type: ["nginx"], socket: ["/s"] }), { maxKeys: 2 }),
  },
  { requiredKeys: [] },
);

describe("the schema of", () => {
  test.each<[string, z.ZodType, fc.Arbitrary<unknown>]>([
    ["app", appFields, app],
    ["fleet", fleetFields, fleet],
  ])("%s files takes what Beamline takes, and refuses what it refuses", (name, fields, values) => {
    const isValid = validatorOf(name);
    const seen = { good: 0, bad: 0 };
    fc.assert(
      fc.property(values, (value) => {
        const isGood = fields.safeParse(value).success;
        seen[isGood ? "good" : "bad"] += 1;
        expect([value, isValid(value)]).toEqual([value, isGood]);
      }),
      { numRuns: 1000 },
    );
    // Neither side was asked one kind of question only.
    expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(50);
  });
});

test("a plan as it is put out is as its schema says, and is read back as it was", () => {
  const isValid = validatorOf("plan");
  const nothingThere = inputFor(new Map()).observed;
  fc.assert(
    fc.property(wanted, wanted, (first, second) => {
      const [one, two] = [appsOf(first), appsOf(second)];
      const observed = applied(nothingThere, plan(inputFor(one)));
      const out: unknown = JSON.parse(JSON.stringify(planJsonOf(plan(inputFor(two, { previous: one, observed })))));
      expect([out, isValid(out)]).toEqual([out, true]);
      expect(planJson.parse(out)).toEqual(out);
    }),
  );
});
