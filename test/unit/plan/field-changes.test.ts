import { describe, expect, test } from "vitest";
import { fieldChanges } from "../../../src/plan/field-changes.ts";
import { appsOfYaml } from "./files.ts";

const appOf = (text: string) => {
  const app = appsOfYaml({ counter: text }).get("counter");
  if (app === undefined) throw new Error("no counter");
  return app;
};

/** `field: from → to at LINE` of each change. */
const changes = (before: string, after: string): string[] =>
  fieldChanges(appOf(before).spec, appOf(after)).map(
    ({ field, from, to, line }) => `${field}: ${from} → ${to} at ${line}`,
  );

const V = "version: 1.0.0\n";

describe("the changes of a spec", () => {
  test("are none where nothing differs, in whatever order it is written", () => {
    expect(changes(`${V}env: {a: 1, b: x}\nretain: 3\n`, `retain: 3\nenv: {b: x, a: 1}\n${V}`)).toEqual([]);
  });

  test.each([
    ["the version", V, "retain: 3\nversion: 1.1.0\n", "version: 1.0.0 → 1.1.0 at 4"],
    [
      "a value of env, as an Erlang term",
      `${V}env: {port: 1}`,
      `${V}env:\n  port: "1"`,
      'env.port: 1 → <<"1"/utf8>> at 5',
    ],
    ["a new value of env", V, `${V}env:\n  a: 1\n`, "env.a: null → 1 at 5"],
    ["a value of env that is gone", `${V}env: {a: 1}`, V, "env.a: 1 → null at null"],
    ["os_env", `${V}os_env: {MODE: a}`, `${V}os_env: {MODE: b}`, 'os_env.MODE: "a" → "b" at 4'],
    [
      "a secret, by its name",
      `${V}os_env: {TOKEN: {secret: OLD}}`,
      `${V}os_env: {TOKEN: {secret: NEW}}`,
      "os_env.TOKEN: secret OLD → secret NEW at 4",
    ],
    [
      "a text that becomes a secret",
      `${V}os_env: {TOKEN: secret X}`,
      `${V}os_env: {TOKEN: {secret: X}}`,
      'os_env.TOKEN: "secret X" → secret X at 4',
    ],
    ["another strategy, without its usual options", V, `${V}strategy: hot`, "strategy: restart → hot at 4"],
    [
      "an option of a strategy",
      `${V}strategy: {type: hot, linger_timeout: 500}`,
      `${V}strategy: {type: hot}`,
      "strategy.linger_timeout: 500 → 10000 at null",
    ],
    [
      "a field of health",
      `${V}health: {type: http, port: 80}`,
      `${V}health:\n  type: http\n  port: 80\n  path: /up\n`,
      "health.path: /health → /up at 7",
    ],
    [
      "a field deep in health",
      `${V}health: {type: http, port: 80}`,
      `${V}health:\n  type: http\n  port: 80\n  expect:\n    status: 204\n`,
      "health.expect.status: 200 → 204 at 8",
    ],
    [
      "a limit",
      `${V}vm_config: {memory_limit: 512}`,
      `${V}vm_config:\n  memory_limit: 1024\n`,
      "vm_config.memory_limit: 512 MiB → 1024 MiB at 5",
    ],
    ["a new limit", V, `${V}vm_config:\n  scheduler_limit: 2\n`, "vm_config.scheduler_limit: null → 2 at 5"],
    [
      "arguments of the VM",
      `${V}vm_config: {extra_args: [+P, 4096]}`,
      `${V}vm_config:\n  extra_args:\n    - +P\n    - 8192\n`,
      "vm_config.extra_args: +P 4096 → +P 8192 at 6",
    ],
    ["depends_on", `${V}depends_on: [db]`, `${V}depends_on: [db, cache]`, "depends_on: db → db, cache at 4"],
    ["hosts", V, `${V}hosts: [web1]`, "hosts: all → web1 at 4"],
    ["retain", V, `${V}retain: 5`, "retain: 3 → 5 at 4"],
    ["rollout", V, `${V}rollout: {max_failures: 1}`, "rollout.max_failures: 0 → 1 at 4"],
  ])("name %s and its line", (_, before, after, change) => {
    expect(changes(before, after)).toEqual([change]);
  });

  test("name the source's url and sha256", () => {
    const { spec } = appOf(V);
    const before = { ...spec, source: { ...spec.source, url: "file:old.tar.gz", sha256: "a".repeat(64) } };
    expect(fieldChanges(before, appOf(V))).toEqual([
      {
        field: "source.url",
        from: "file:old.tar.gz",
        to: "file:counter.tar.gz",
        file: "apps/counter/app.yaml",
        line: 2,
      },
      { field: "source.sha256", from: "a".repeat(64), to: null, file: null, line: null },
    ]);
  });

  test.each([
    ["os_env", 'os_env: {X: "+A 4\\u009b -s m"}', 'os_env.X: null → "+A 4\\u{9b} -s m" at 4'],
    ["os_env", 'os_env: {X: "alice,bob\\u202e,mallory"}', 'os_env.X: null → "alice,bob\\u{202e},mallory" at 4'],
    ["os_env", 'os_env: {X: "9f86..."}', 'os_env.X: null → "9f86..\\u{2e}" at 4'],
    ["a key of env", 'env: {"a\\u202eb": 1}', "env.a\\u{202e}b: null → 1 at 4"],
    ["a label", 'hosts: {a: "x, b=y"}', 'hosts: all → a="x, b=y" at 4'],
    ["a host's name", "hosts: [all]", 'hosts: all → "all" at 4'],
    [
      "a text of health",
      'health: {port: 8080, expect: {body: "a\\u200bb"}}',
      "health.expect.body: null → a\\u{200b}b at 4",
    ],
  ])("show what is written, not what it looks like: %s", (_, field, change) => {
    expect(changes(V, `${V}${field}\n`)).toContain(change);
  });

  test("are there where two values only look alike", () => {
    expect(changes(`${V}hosts: {a: "x, b=y"}\n`, `${V}hosts: {a: x, b: y}\n`)).toHaveLength(1);
    const { spec } = appOf(V);
    const with48 = (rest: string) => ({ ...spec.source, sha256: "a".repeat(12) + rest.repeat(52) });
    const [before, after] = [with48("b"), with48("c")];
    expect(fieldChanges({ ...spec, source: before }, { ...appOf(V), spec: { ...spec, source: after } })).toHaveLength(
      1,
    );
  });

  test("of an app that nobody recorded are all its fields", () => {
    const fields = fieldChanges(null, appOf(`${V}env: {a: 1}`)).map(({ field, from }) => [field, from]);
    expect(fields).toContainEqual(["env.a", null]);
    expect(fields.every(([, from]) => from === null)).toBe(true);
  });

  test("come in the order in which people read a spec, whatever the file's is", () => {
    const after = "retain: 5\ndepends_on: [db]\nenv: {a: 2}\nversion: 1.1.0\n";
    expect(changes(`${V}env: {a: 1}`, after).map((change) => change.split(":")[0])).toEqual([
      "version",
      "env.a",
      "depends_on",
      "retain",
    ]);
  });

  test("leave out what concerns nobody but readers", () => {
    expect(changes(V, `${V}description: counts\n`)).toEqual([]);
  });
});
