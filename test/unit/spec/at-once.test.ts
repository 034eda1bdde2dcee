// A file with several mistakes is corrected once: those of its form hide none of those of its meaning.
import { describe, expect, test } from "vitest";
import { parseFleet } from "../../../src/spec/fleet.ts";
import { parseApp, told } from "./reading.ts";

const saidOf = (text: string): string[] => told(parseApp("app.yaml", text).problems);

describe("a spec", () => {
  test("with wrong values, unsupported ones and a missing one is told of all of them", () => {
    const said = saidOf(`name: Counter
version: "1.0"
source: {type: git, url: here}
retain: 0
strategy: {type: custom}
health: {type: custom, path: nowhere}
env: {a: .inf}
`);
    expect(said.map((it) => it.split(" ").slice(0, 3).join(" "))).toEqual([
      "invalid_value app.yaml:1:7 name",
      "invalid_value app.yaml:6:30 health.path",
      "missing_field app.yaml:5:11 strategy.runtime",
      "invalid_value app.yaml:4:9 retain",
      "invalid_value app.yaml:3:26 source.url",
      "missing_field app.yaml:6:9 health.module",
      "invalid_value app.yaml:7:10 env.a",
    ]);
  });

  test.each([
    ["an unknown type of source", "source: {type: gti, url: x}", "source.type"],
    ["a health check that is no map", "health: http", "health"],
    ["a port that is none", "health: {type: tcp, port: none}", "health.port"],
    ["an unknown strategy", "strategy: {type: hott, now: true}", "strategy.type"],
  ])("is told once of %s", (_, line, field) => {
    const source = line.startsWith("source") ? "" : 'source: {type: release, url: "file:a.tar.gz"}\n';
    const said = saidOf(`name: counter\nversion: 1.4.0\n${source}${line}\n`);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(` ${field} must be `);
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
