// Every field that bc_gitops 0.7.0 documents for its spec files, in the three syntaxes, with its defaults and its leniencies: one
// row a way to write it. And the same repository in each syntax, which must be the same wanted state.
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { plan } from "../../../src/plan/plan.ts";
import type { AppSpec } from "../../../src/spec/app-spec.ts";
import { readSpecs } from "../../../src/spec/read-specs.ts";
import { inputFor } from "../../property/wanted.ts";
import { parseApp, told, treeOf } from "./reading.ts";

/** The spec of a file in which nothing is wrong; fields of other tools may be there. */
function specIn(file: string, text: string): AppSpec {
  const { app, problems } = parseApp(file, text);
  if (app === undefined) throw new Error(told(problems).join("\n"));
  return app.spec;
}

type Fields = Record<string, unknown>;

/** The same spec as YAML, as JSON and as Erlang terms: one app that is called counter, and these fields. */
function written(fields: Fields, erlang: string): [string, string][] {
  const all = { name: "counter", version: "1.4.0", ...fields };
  return [
    ["app.yaml", stringify(all)],
    ["app.json", JSON.stringify(all, null, "\t")],
    ["app.config", `%% a comment\n#{name => counter,\n  version => <<"1.4.0">>,\n  ${erlang}}.\n`],
  ];
}

const HTTP = {
  expect: { status: 200 },
  interval: 30_000,
  timeout: 5_000,
  start_timeout: 60_000,
  min_healthy_time: 1_000,
};

describe("a field of bc_gitops", () => {
  test.each<[string, Fields, string, Partial<AppSpec>]>([
    ["description", { description: "Counts." }, 'description => <<"Counts.">>', { description: "Counts." }],
    ["description as a string", { description: "Größe" }, 'description => "Größe"', { description: "Größe" }],
    [
      "icon",
      { icon: { type: "url", value: "https://e.org/i" } },
      'icon => #{type => url, value => <<"https://e.org/i">>}',
      { icon: { type: "url", value: "https://e.org/i" } },
    ],
    [
      "icon, base64",
      { icon: { type: "base64", value: "aa", mime_type: "image/png" } },
      'icon => #{type => base64, value => "aa", mime_type => <<"image/png">>}',
      { icon: { type: "base64", value: "aa", mime_type: "image/png" } },
    ],
    ["source left out", {}, "env => #{}", { source: { type: "hex", ref: "1.4.0" }, isolation: "embedded" }],
    [
      "source.type hex",
      { source: { type: "hex" } },
      "source => #{type => hex}",
      { source: { type: "hex", ref: "1.4.0" } },
    ],
    [
      "source.type as text",
      { source: { type: "hex" } },
      'source => #{type => <<"hex">>}',
      { source: { type: "hex", ref: "1.4.0" } },
    ],
    [
      "source.ref of hex",
      { source: { type: "hex", ref: "~> 1.4" } },
      'source => #{type => hex, ref => <<"~> 1.4">>}',
      { source: { type: "hex", ref: "~> 1.4" } },
    ],
    [
      "source.type git",
      { source: { type: "git", url: "https://e.org/c.git", ref: "v1" } },
      'source => #{type => git, url => <<"https://e.org/c.git">>, ref => <<"v1">>}',
      { source: { type: "git", url: "https://e.org/c.git", ref: "v1" }, isolation: "embedded" },
    ],
    [
      "source.ref of git left out",
      { source: { type: "git", url: "https://e.org/c.git" } },
      'source => #{type => git, url => "https://e.org/c.git"}',
      { source: { type: "git", url: "https://e.org/c.git", ref: "HEAD" } },
    ],
    [
      "source.type release, with sha256",
      { source: { type: "release", url: "https://e.org/c.tar.gz", sha256: "AB".repeat(32) } },
      `source => #{type => release, url => <<"https://e.org/c.tar.gz">>, sha256 => <<"${"AB".repeat(32)}">>}`,
      { source: { type: "release", url: "https://e.org/c.tar.gz", sha256: "ab".repeat(32) }, isolation: "vm" },
    ],
    [
      "env",
      { env: { port: 8080, name: "x", ratio: 0.5, on: true } },
      'env => #{port => 8080, name => <<"x">>, ratio => 0.5, on => true}',
      { env: { port: { integer: "8080" }, name: { binary: "x" }, ratio: { float: 0.5 }, on: { atom: "true" } } },
    ],
    ["env left out", {}, "isolation => embedded", { env: {} }],
    ["env that is empty", { env: {} }, "env => #{}", { env: {} }],
    [
      "health",
      { health: { type: "http", port: 8082, path: "/up", interval: 1000, timeout: 500 } },
      'health => #{type => http, port => 8082, path => <<"/up">>, interval => 1000, timeout => 500}',
      { health: { ...HTTP, type: "http", port: 8082, path: "/up", interval: 1000, timeout: 500 } },
    ],
    [
      "health that says nothing",
      { health: {} },
      "health => #{}",
      { health: { ...HTTP, type: "http", port: 8080, path: "/health" } },
    ],
    ["health left out", {}, "isolation => embedded", { health: { ...HTTP, type: "none" } }],
    [
      "health.type tcp",
      { health: { type: "tcp" } },
      'health => #{type => "tcp"}',
      { health: { ...HTTP, type: "tcp", port: 8080 } },
    ],
    [
      "health.type custom",
      { health: { type: "custom", module: "counter_health" } },
      "health => #{type => custom, module => counter_health}",
      { health: { ...HTTP, type: "custom", module: "counter_health" } },
    ],
    [
      "depends_on",
      { depends_on: ["db", "broker"] },
      'depends_on => [db, <<"broker">>]',
      { depends_on: ["db", "broker"] },
    ],
    ["depends_on that is empty", { depends_on: [] }, "depends_on => []", { depends_on: [] }],
    ["isolation vm", { isolation: "vm" }, "isolation => vm", { isolation: "vm" }],
    ["isolation as text", { isolation: "vm" }, 'isolation => <<"vm">>', { isolation: "vm" }],
    ["isolation embedded", { isolation: "embedded" }, "isolation => embedded", { isolation: "embedded" }],
    [
      "vm_config",
      { vm_config: { memory_limit: 512, scheduler_limit: 2, node_prefix: "guest_", extra_args: ["+P", "1000000"] } },
      'vm_config => #{memory_limit => 512, scheduler_limit => 2, node_prefix => <<"guest_">>, extra_args => ["+P", <<"1000000">>]}',
      { vm_config: { memory_limit: 512, scheduler_limit: 2, node_prefix: "guest_", extra_args: ["+P", "1000000"] } },
    ],
    ["vm_config that is empty", { vm_config: {} }, "vm_config => #{}", {}],
    ["a field of other tools", { license: { model: "free" } }, "license => #{model => free}", {}],
  ])("%s", (_, fields, erlang, expected) => {
    for (const [file, text] of written(fields, erlang))
      expect([file, specIn(file, text)]).toMatchObject([file, expected]);
    const [yaml, json, terms] = written(fields, erlang).map(([file, text]) => specIn(file, text));
    expect(json).toEqual(yaml);
    expect(terms).toEqual(yaml);
  });

  test.each([
    ["name as an atom", "name => counter"],
    ["name as a binary", 'name => <<"counter">>'],
    ["name as a string", 'name => "counter"'],
    ["name as a quoted atom", "name => 'counter'"],
  ])("%s, in Erlang terms", (_, name) => {
    expect(specIn("app.config", `#{${name}, version => <<"1">>}.`).name).toBe("counter");
  });

  test.each([
    ["a binary", 'version => <<"1.4.0">>'],
    ["a string", 'version => "1.4.0"'],
    ["UTF-8", 'version => <<"1.4.0"/utf8>>'],
  ])("version as %s, in Erlang terms", (_, version) => {
    expect(specIn("app.config", `#{name => counter, ${version}}.`).version).toBe("1.4.0");
  });

  test("all of them as lists of pairs, in Erlang terms", () => {
    const map = `#{name => counter, version => "1", source => #{type => hex}, env => #{port => 1}, health => #{type => tcp}}.`;
    const list = `[{name, counter}, {version, "1"}, {source, [{type, hex}]}, {env, [{port, 1}]}, {health, [{type, tcp}]}].`;
    expect(specIn("app.config", list)).toEqual(specIn("app.config", map));
    expect(specIn("app.config", '[{name, counter}, {version, "1"}, {env, []}, {vm_config, []}].')).toMatchObject({
      env: {},
    });
  });

  test("that is undefined is as one that is left out, in Erlang terms", () => {
    const text = `#{name => counter, version => "1", description => undefined, health => undefined, vm_config => undefined}.`;
    expect(specIn("app.config", text)).toEqual(specIn("app.config", '#{name => counter, version => "1"}.'));
  });

  test.each(["app.config", "app.yaml", "app.yml", "app.json", "config.yaml", "config.yml", "config.json", "config"])(
    "may stand in a file that is called %s",
    (file) => {
      const text = file.endsWith("config")
        ? '#{name => counter, version => <<"1.4.0">>}.'
        : '{"name": "counter", "version": "1.4.0"}';
      const { apps, problems } = readSpecs(treeOf({ [`apps/any/${file}`]: text }), "apps", "production");
      expect(problems).toEqual([]);
      expect(apps.get("counter")?.spec.version).toBe("1.4.0");
    },
  );
});

describe("values of env in Erlang terms are the same terms", () => {
  test.each([
    ["an atom", "info", { atom: "info" }],
    ["an atom in quotes", "'Elixir.Shop.Repo'", { atom: "Elixir.Shop.Repo" }],
    ["a string", '"localhost"', { charlist: "localhost" }],
    ["a binary", '<<"localhost">>', { binary: "localhost" }],
    ["UTF-8", '<<"Größe"/utf8>>', { binary: "Größe" }],
    ["Latin-1", '<<"é">>', { bytes: "e9" }],
    ["bytes", "<<1, 255>>", { bytes: "01ff" }],
    ["a tuple", '{local, "/tmp/s", 1}', { tuple: [{ atom: "local" }, { charlist: "/tmp/s" }, { integer: "1" }] }],
    ["a list of pairs", "[{a, 1}]", { list: [{ tuple: [{ atom: "a" }, { integer: "1" }] }] }],
    ["an empty list", "[]", { list: [] }],
    ["an integer of base 16", "16#ff", { integer: "255" }],
    ["a large integer", "123456789012345678901234567890", { integer: "123456789012345678901234567890" }],
    ["a character", "$a", { integer: "97" }],
    ["a float", "1.0", { float: 1 }],
    ["undefined", "undefined", { atom: "undefined" }],
    ["null", "null", { atom: "null" }],
    [
      "a map of atoms, in any order",
      "#{b => 1, a => 2}",
      {
        map: [
          [{ atom: "a" }, { integer: "2" }],
          [{ atom: "b" }, { integer: "1" }],
        ],
      },
    ],
    [
      "a map of anything",
      '#{1 => a, <<"k">> => b}',
      {
        map: [
          [{ integer: "1" }, { atom: "a" }],
          [{ binary: "k" }, { atom: "b" }],
        ],
      },
    ],
  ])("%s", (_, term, expected) => {
    const { env } = specIn("app.config", `#{name => counter, version => "1", env => #{value => ${term}}}.`);
    expect(env.value).toStrictEqual(expected);
  });
});

describe("a repository", () => {
  const SOURCE = "https://e.org/{name}-{version}.tar.gz";
  const SHA = "ab".repeat(32);
  const apps = [
    {
      name: "db",
      version: "2.0.0",
      source: { type: "release", url: SOURCE, sha256: SHA },
      health: { type: "tcp", port: 5432 },
    },
    {
      name: "counter",
      version: "1.4.0",
      source: { type: "release", url: SOURCE, sha256: SHA },
      env: { port: 8080, pool: { size: 10, names: ["a", "b"] }, ratio: 0.5, on: true },
      os_env: { RATE: "1.50", HOST: "{host}", KEY: { secret: "KEY" } },
      depends_on: ["db"],
      health: {},
      hosts: ["web1", "web2"],
    },
  ];
  const terms: Record<string, string> = {
    db: `[{name, db}, {version, "2.0.0"}, {source, [{type, release}, {url, "${SOURCE}"}, {sha256, <<"${SHA}">>}]},
 {health, [{type, tcp}, {port, 5432}]}].`,
    counter: `#{name => counter, version => <<"1.4.0">>, source => #{type => release, url => <<"${SOURCE}">>, sha256 => "${SHA}"},
  env => #{port => 16#1F90, pool => #{names => [<<"a">>, <<"b">>], size => 10}, ratio => 5.0e-1, on => true},
  os_env => #{"RATE" => 1.50, "HOST" => "{host}", "KEY" => #{secret => 'KEY'}},
  depends_on => [db], health => #{}, hosts => ["web1", web2]}.`,
  };
  const planOf = (files: Record<string, string>) => {
    const { apps: desired, problems } = readSpecs(treeOf(files), "apps", "production");
    expect(problems).toEqual([]);
    return plan(inputFor(desired));
  };
  const fileOf = (name: string, ending: string): string => `apps/${name}/app.${ending}`;

  test("has the same plan in every syntax: what is done, in which order, and the digest", () => {
    const yaml = planOf(Object.fromEntries(apps.map((app) => [fileOf(app.name, "yaml"), stringify(app)])));
    const json = planOf(Object.fromEntries(apps.map((app) => [fileOf(app.name, "json"), JSON.stringify(app)])));
    const erlang = planOf(Object.fromEntries(apps.map(({ name }) => [fileOf(name, "config"), terms[name] ?? ""])));
    expect(yaml.items.map(({ host, app, action }) => `${host}/${app} ${action}`)).toEqual([
      "web1/db deploy",
      "web2/db deploy",
      "web3/db deploy",
      "web1/counter deploy",
      "web2/counter deploy",
    ]);
    expect([json.digest, erlang.digest]).toEqual([yaml.digest, yaml.digest]);
    const withoutPlaces = ({ items }: typeof yaml) =>
      items.map(({ app, host, wave, changes }) => [app, host, wave, changes.map(({ field, to }) => `${field} ${to}`)]);
    expect(withoutPlaces(json)).toEqual(withoutPlaces(yaml));
    expect(withoutPlaces(erlang)).toEqual(withoutPlaces(yaml));
  });
});
