// A file with several mistakes is corrected once: those of its form hide none of those of its meaning.
import { describe, expect, test } from "vitest";
import { parseFleet } from "../../../src/spec/fleet.ts";
import { parseApp } from "../../../src/spec/parse-app.ts";
import { told } from "./reading.ts";

const saidOf = (text: string): string[] => told(parseApp("app.yaml", text).problems);

describe("a spec", () => {
  test("with wrong values, unsupported ones and a missing one is told of all of them", () => {
    const said = saidOf(`name: Counter
version: "1.0"
source: {type: git, url: https://example.org/a}
retain: 0
strategy: hot
health: {type: http, path: nowhere}
env: {a: .inf}
`);
    expect(said.map((it) => it.split(" ").slice(0, 3).join(" "))).toEqual([
      "invalid_value app.yaml:1:7 name",
      "invalid_value app.yaml:6:28 health.path",
      "invalid_value app.yaml:4:9 retain",
      "unsupported_source app.yaml:3:16 source.type",
      "not_supported app.yaml:5:11 strategy",
      "missing_field app.yaml:6:9 health.port",
      "invalid_value app.yaml:7:10 env.a",
    ]);
  });

  test.each([
    ["an unknown type of source", "source: {type: gti, url: x}", "source.type"],
    ["a health check that is no map", "health: http", "health"],
    ["a port that is none", "health: {type: tcp, port: none}", "health.port"],
    ["an unknown strategy", "strategy: {type: hott, now: true}", "strategy"],
  ])("is told once of %s", (_, line, field) => {
    const source = line.startsWith("source") ? "" : 'source: {type: release, url: "file:a.tar.gz"}\n';
    const said = saidOf(`name: counter\nversion: 1.4.0\n${source}${line}\n`);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(` ${field} must be `);
  });

  test.each([
    ["a git source's missing sha256", "source: {type: git, url: https://example.org/a}", "unsupported_source"],
    [
      "a custom check's missing port",
      'source: {type: release, url: "file:a"}\nhealth: {type: custom}',
      "not_supported",
    ],
  ])("is not told of %s, which would not help", (_, lines, code) => {
    expect(saidOf(`name: counter\nversion: 1.4.0\n${lines}\n`).map((it) => it.split(" ")[0])).toEqual([code]);
  });
});

test("a fleet file is told of wrong values, doubles and what no host has", () => {
  const text = `hosts:
  web1: {address: a, port: 0}
  web2: {address: b}
  web3: {address: b}
environments: {production: {hosts: [web4]}}
`;
  expect(told(parseFleet("fleet.yaml", text, "production").problems).map((it) => it.split(" ")[0])).toEqual([
    "invalid_value",
    "duplicate_host",
    "unknown_host",
  ]);
});
