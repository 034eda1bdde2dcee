// app.ENV.yaml is merged over the spec as RFC 7396 says, whatever the two are written in; places stay true.
import { describe, expect, test } from "vitest";
import { sentenceOf } from "../../../src/core/problem.ts";
import type { AppSpec } from "../../../src/spec/app-spec.ts";
import { readSpecs } from "../../../src/spec/read-specs.ts";
import { treeOf } from "./reading.ts";

const BASE = `name: counter
version: 1.4.0
source: {type: release, url: "file:counter.tar.gz"}
env:
  port: 8080
  pool: {size: 10, overflow: 2}
  tags: [a, b]
os_env: {MODE: plain, HOST: "{host}"}
health: {type: http, port: 8080}
`;

function read(files: Record<string, string>, environment = "staging") {
  const texts = Object.fromEntries(Object.entries(files).map(([name, text]) => [`apps/counter/${name}`, text]));
  return readSpecs(treeOf(texts), "apps", environment);
}

function specOf(files: Record<string, string>, environment?: string): AppSpec {
  const { apps, problems } = read(files, environment);
  const app = apps.get("counter");
  if (app === undefined) throw new Error(problems.map(sentenceOf).join("\n"));
  return app.spec;
}

const saidOf = (files: Record<string, string>): string[] => read(files).problems.map(sentenceOf).sort();

describe("an overlay", () => {
  test("merges maps, replaces lists and values, and takes away what it says is null", () => {
    const overlay = "env: {pool: {size: 20}, tags: [c], port: null}\nhealth: {port: 9090}\nretain: 5\n";
    expect(specOf({ "app.yaml": BASE, "app.staging.yaml": overlay })).toMatchObject({
      env: {
        pool: {
          map: [
            [{ atom: "overflow" }, { integer: "2" }],
            [{ atom: "size" }, { integer: "20" }],
          ],
        },
        tags: { list: [{ binary: "c" }] },
      },
      health: { type: "http", port: 9090 },
      retain: 5,
      version: "1.4.0",
    });
    expect(specOf({ "app.yaml": BASE, "app.staging.yaml": overlay }).env).not.toHaveProperty("port");
  });

  test("is of one environment only", () => {
    const files = { "app.yaml": BASE, "app.staging.yaml": "retain: 5\n" };
    expect(specOf(files, "production")).toEqual(specOf({ "app.yaml": BASE }));
  });

  test.each([
    ["app.config", "env => #{pool => #{size => 20}}", "#{", "}."],
    ["app.json", '"env": {"pool": {"size": 20}}', "{", "}"],
    ["app.yml", "env: {pool: {size: 20}}", "", "\n"],
  ])("may be written as %s over a spec in YAML", (name, fields, open, close) => {
    const overlay = { [name.replace("app.", "app.staging.")]: `${open}${fields}${close}` };
    expect(specOf({ "app.yaml": BASE, ...overlay })).toEqual(
      specOf({ "app.yaml": BASE.replace("size: 10", "size: 20") }),
    );
  });

  test("may be written in YAML over a spec in Erlang terms, whose other values keep their types", () => {
    const base = `#{name => counter, version => "1.4.0", source => #{type => hex},
  env => #{pool => #{size => 10, overflow => 2}, level => info, listen => {"0.0.0.0", 80}}}.`;
    const { env } = specOf({ "app.config": base, "app.staging.yaml": "env: {pool: {size: 20}, level: !atom debug}\n" });
    expect(env).toEqual({
      pool: {
        map: [
          [{ atom: "overflow" }, { integer: "2" }],
          [{ atom: "size" }, { integer: "20" }],
        ],
      },
      level: { atom: "debug" },
      listen: { tuple: [{ charlist: "0.0.0.0" }, { integer: "80" }] },
    });
  });

  test("in Erlang terms takes away what is null, and leaves what is undefined", () => {
    const overlay = "#{env => #{port => null}, retain => undefined}.";
    const spec = specOf({ "app.yaml": `${BASE}retain: 7\n`, "app.staging.config": overlay });
    expect([spec.env.port, spec.retain]).toEqual([undefined, 7]);
  });

  test("has its mistakes told in its own file, and those of the spec in the spec's", () => {
    expect(
      saidOf({
        "app.yaml": BASE.replace("type: http", "type: htp"),
        "app.staging.yaml": "retain: 0\nenv:\n  pool:\n    size: .inf\n",
      }),
    ).toEqual([
      "apps/counter/app.staging.yaml:1:9 retain must be 1..100, got the number 0",
      "apps/counter/app.staging.yaml:4:11 env.pool.size must be a value that Erlang has, got the number Infinity",
      'apps/counter/app.yaml:9:16 health.type must be one of none, http, tcp, custom, got "htp"',
    ]);
  });

  test("that makes something go missing is told where it is taken away", () => {
    expect(saidOf({ "app.yaml": BASE, "app.staging.yaml": "version: null\n" })).toEqual([
      "apps/counter/app.staging.yaml:1:10 version is missing",
    ]);
  });

  test.each([
    [
      "a list",
      "- a\n",
      "apps/counter/app.staging.yaml:1:1 an overlay must be a map of the fields that differ, got something else",
    ],
    [
      "of another app",
      "name: other\n",
      "apps/counter/app.staging.yaml:1:7 name must be left out, or counter as in apps/counter/app.yaml, got another",
    ],
  ])("that is %s is refused", (_, overlay, sentence) => {
    expect(saidOf({ "app.yaml": BASE, "app.staging.yaml": overlay })).toEqual([sentence]);
  });

  test("is one: a second for the same environment is refused", () => {
    const files = { "app.yaml": BASE, "app.staging.json": "{}", "app.staging.yaml": "{}" };
    expect(saidOf(files)).toEqual([
      "apps/counter/app.staging.json:1:1 this app and environment already have the overlay apps/counter/app.staging.yaml",
    ]);
  });

  test("alone is no spec", () => {
    expect([...read({ "app.staging.yaml": BASE }).apps]).toEqual([]);
  });

  test("may use {environment}, as the spec may; {host} is filled in for each host", () => {
    const overlay = 'source: {url: "file:{environment}/{name}-{version}.tar.gz"}\nos_env: {ENV: "{environment}"}\n';
    const { source, os_env } = specOf({ "app.yaml": BASE, "app.staging.yaml": overlay });
    expect(source).toMatchObject({ url: "file:staging/counter-1.4.0.tar.gz" });
    expect(os_env).toEqual({ MODE: { value: "plain" }, HOST: { value: "{host}" }, ENV: { value: "staging" } });
  });
});
