// One row a mistake that can be made in a field: the code, the place of the value, the sentence. And values that are well.
import { describe, expect, test } from "vitest";
import { gateTimes } from "../../../src/spec/health.ts";
import { GOOD, refusalOf, specOf } from "./reading.ts";

const without = (field: string): string =>
  GOOD.split("\n")
    .filter((line) => !line.startsWith(`${field}:`))
    .join("\n");
/** A spec with a field as it is written, on the last line. */
const withField = (field: string, written: string): string => `${without(field)}${field}: ${written}\n`;
const lineOf = (field: string): number => without(field).split("\n").length;

describe("a field that is missing", () => {
  test.each(["name", "version"])("%s is named at the top of the file", (field) => {
    expect(refusalOf(without(field))).toEqual([`missing_field app.yaml:1:1 ${field} is missing`]);
  });

  test.each([
    ["health.module or health.command", "health", "{type: custom}"],
    ["strategy.type", "strategy", "{typ: restart}"],
    ["strategy.runtime", "strategy", "{type: custom}"],
    ["source.url", "source", "{type: release}"],
    ["source.type", "source", '{url: "file:x"}'],
    ["icon.type", "icon", "{value: x}"],
  ])("%s is named at the map it is missing from, %s: %s", (missing, field, written) => {
    const place = `${lineOf(field)}:${field.length + 3}`;
    expect(refusalOf(withField(field, written))).toEqual([`missing_field app.yaml:${place} ${missing} is missing`]);
  });
});

const OTP_NAME = "an OTP name such as my_app (^[a-z][a-zA-Z0-9_@]*$)";
const NOT_OURS =
  "a version other than config, current, log, run, slots, which are Beamline's own directories on a host";
const VERSION = "a version such as 1.4.0, in quotes if it looks like a number";
const OS_ENV = "text, a number, true, false, or {secret: NAME}";
const STRATEGY = "restart, hot, blue-green or release, or a map with its type";
const HOSTS = "a list of host names, or a map of labels";

describe("a bad value", () => {
  test.each<[string, string, string, string]>([
    // the field, how its topmost is written with « before the value that is wrong, what it must be, what it is
    ["name", "«Counter", OTP_NAME, '"Counter"'],
    ["name", "«my-app", OTP_NAME, '"my-app"'],
    ["name", "«../etc", OTP_NAME, '"../etc"'],
    ["name", "«42", "text", "the number 42"],
    ["name", '«"a\\nb"', OTP_NAME, '"a\\nb"'],
    ["version", "«''", VERSION, '""'],
    ["version", "«.hidden", VERSION, '".hidden"'],
    ["version", "«1/2", VERSION, '"1/2"'],
    ...["config", "current", "log", "run", "slots", "Current", "LOG"].map(
      (version): [string, string, string, string] => ["version", `«${version}`, NOT_OURS, `"${version}"`],
    ),
    ["version", "«1.4", 'text (write version: "1.4")', "the number 1.4"],
    ["version", "«1.10", 'text (write version: "1.10")', "the number 1.10"],
    ["version", `«/${"1".repeat(57)}`, VERSION, `"/${"1".repeat(57)}"`],
    ["version", `«v${"1".repeat(128)}`, VERSION, `"v${"1".repeat(55)}…`],
    ["description", "«5", "text", "the number 5"],
    ["icon", "«x", "a map", '"x"'],
    ["icon.type", "{type: «png}", "one of url, base64, identicon", '"png"'],
    ["source", "«release", "a map", '"release"'],
    ["source.type", "{type: «tarball}", "one of release, git, hex, mesh", '"tarball"'],
    ["source.url", '{type: release, url: «""}', "not empty", '""'],
    ["source.sha256", '{type: release, url: "file:x", sha256: «12}', "text", "the number 12"],
    ["isolation", "«docker", "one of vm, embedded", '"docker"'],
    ["env", "«[a]", "a map", '["a"]'],
    ["os_env", "«text", "a map", '"text"'],
    ["os_env.A", "{A: «null}", OS_ENV, "null"],
    ["os_env.A", "{A: «[1]}", OS_ENV, "[1]"],
    ["os_env.A", "{A: «{secrit: X}}", OS_ENV, '{"secrit":"X"}'],
    ["depends_on", "«broker", "a list", '"broker"'],
    ["depends_on.1", "[a, «{b: 1}]", "text", '{"b":1}'],
    ["health", "«http", "a map", '"http"'],
    ["health.type", "{type: «udp, port: 1}", "one of none, http, tcp, custom", '"udp"'],
    ["health.port", "{type: tcp, port: «0}", "1..65535", "the number 0"],
    ["health.port", "{type: tcp, port: «65536}", "1..65535", "the number 65536"],
    ["health.port", "{type: tcp, port: «80.5}", "a whole number, 1..65535", "the number 80.5"],
    ["health.port", "{type: tcp, port: «'80'}", "a whole number, 1..65535", '"80"'],
    ["health.path", "{type: http, port: 80, path: «health}", "a path such as /health", '"health"'],
    ["health.path", "{type: http, port: 80, path: «'/a b'}", "a path such as /health", '"/a b"'],
    ["health.expect", "{type: http, port: 80, expect: «200}", "a map", "the number 200"],
    ["health.expect.status", "{type: http, port: 80, expect: {status: «99}}", "100..599", "the number 99"],
    ["health.expect.body", "{type: http, port: 80, expect: {body: «''}}", "not empty", '""'],
    ["health.timeout", "{type: tcp, port: 80, timeout: «0}", "1..600000", "the number 0"],
    ["health.interval", "{type: tcp, port: 80, interval: «30s}", "a whole number, 1..3600000", '"30s"'],
    ["health.start_timeout", "{type: tcp, port: 80, start_timeout: «3600001}", "1..3600000", "the number 3600001"],
    [
      "health.start_timeout",
      "{type: tcp, port: 80, timeout: 5001, start_timeout: «5000}",
      "at least health.timeout (5001): one probe alone may take that long",
      "the number 5000",
    ],
    ["health.min_healthy_time", "{type: tcp, port: 80, min_healthy_time: «-1}", "0..3600000", "the number -1"],
    ["strategy", "«hott", STRATEGY, '"hott"'],
    ["strategy.type", "{type: «hott}", STRATEGY, '"hott"'],
    ["strategy.on_no_appup", "{type: hot, on_no_appup: «stop}", "one of restart, fail", '"stop"'],
    ["strategy.ports.green", "{type: blue-green, ports: {blue: 1, green: «0}}", "1..65535", "the number 0"],
    ["strategy", "«custom", STRATEGY, '"custom"'],
    ["strategy", "«null", STRATEGY, "null"],
    ["hosts", "«web1", HOSTS, '"web1"'],
    ["hosts", "«[]", "not empty", "[]"],
    ["hosts.role", "{role: «1}", "text", "the number 1"],
    ["rollout.batch", "{batch: «0%}", "a number of hosts, or a share such as 25%", '"0%"'],
    ["rollout.pause", "{pause: «soon}", "a duration such as 30s or 5m, or a number of ms", '"soon"'],
    ["rollout", "«1", "a map", "the number 1"],
    ["rollout.max_failures", "{max_failures: «10%}", "a whole number, 0..100000", '"10%"'],
    ["retain", "«0", "1..100", "the number 0"],
    ["retain", "«101", "1..100", "the number 101"],
    ["retain", "«123456789012345678901", "a whole number, 1..100", "the number 123456789012345678901"],
    ["retain", "!atom «three", "a whole number, 1..100", "!atom three"],
  ])("%s, written %s, must be %s, and is %s", (path, marked, expected, got) => {
    const field = path.split(".")[0] ?? "";
    const place = `${lineOf(field)}:${field.length + 3 + marked.indexOf("«")}`;
    expect(refusalOf(withField(field, marked.replace("«", "")))).toEqual([
      `invalid_value app.yaml:${place} ${path} must be ${expected}, got ${got}`,
    ]);
  });

  test.each(["PHX-HOST", "1A", "A B", "A=B", "É", ""])("as a name in os_env, %j, is refused on its line", (name) => {
    const [refusal, ...more] = refusalOf(`${GOOD}os_env:\n  GOOD: x\n  ${JSON.stringify(name)}: x\n`);
    expect(refusal).toBe(
      `invalid_value app.yaml:6:3 a name in os_env must be a name such as PHX_HOST, got ${JSON.stringify(name)}`,
    );
    expect(more).toEqual([]);
  });
});

describe("a good value", () => {
  test.each([
    ["name", "a", "a"],
    ["name", "my_App2@x", "my_App2@x"],
    ["version", '"1"', "1"],
    ["version", "current-1", "current-1"],
    ["version", "2026-01-31_c0ffee~1", "2026-01-31_c0ffee~1"],
    ["version", "1".padEnd(128, ".0"), "1".padEnd(128, ".0")],
    ["description", '""', ""],
    ["retain", "1", 1],
    ["retain", "100", 100],
    ["depends_on", "[]", []],
    ["icon", "{type: url, value: u, mime_type: image/png}", { type: "url", value: "u", mime_type: "image/png" }],
  ] as const)("of %s: %s is kept", (field, written, value) => {
    expect(specOf(withField(field, written))[field]).toStrictEqual(value);
  });

  test.each([
    ["the lowest", "{type: tcp, port: 1, timeout: 1, interval: 1, start_timeout: 1, min_healthy_time: 0}"],
    [
      "the highest",
      "{type: tcp, port: 65535, timeout: 600000, interval: 3600000, start_timeout: 3600000, min_healthy_time: 3600000}",
    ],
  ])("of health may be %s of its bounds", (_, written) => {
    const numbers = [...written.matchAll(/\d+/g)].map(Number);
    const { port, timeout, interval, start_timeout, min_healthy_time } = specOf(`${GOOD}health: ${written}\n`).health;
    expect([port, timeout, interval, start_timeout, min_healthy_time]).toEqual(numbers);
  });
});

describe("the times of health", () => {
  test.each([
    ["", [5_000, 60_000], [5_000, 60_000]],
    [", start_timeout: 3000", [5_000, 3_000], [3_000, 3_000]],
    [", start_timeout: 90000", [5_000, 90_000], [5_000, 90_000]],
    [", timeout: 90000", [90_000, 60_000], [90_000, 90_000]],
    [", timeout: 3000, start_timeout: 3000", [3_000, 3_000], [3_000, 3_000]],
  ])("written as %j are on record with their defaults, of which a gate has one give way", (written, recorded, gate) => {
    const { health } = specOf(`${GOOD}health: {type: tcp, port: 80${written}}\n`);
    expect([health.timeout, health.start_timeout]).toEqual(recorded);
    const { probeMs, startMs } = gateTimes(health);
    expect([probeMs, startMs]).toEqual(gate);
  });
});

describe("a value of env", () => {
  test.each([
    ["infinity", "{a: 1, b: .inf}", 16, "env.b", "the number Infinity"],
    ["infinity deep in a value", "{a: [1, {b: .inf}]}", 18, "env.a.1.b", "the number Infinity"],
    ["an atom that is too long", `{a: !atom ${"x".repeat(256)}}`, 16, "env.a", "an atom of more than 255 characters"],
    ["half a character", '{a: "\\ud800"}', 10, "env.a", "text with half a character"],
    ["a noncharacter", '{a: !charlist "\\uffff"}', 20, "env.a", "text with U+FFFE or U+FFFF"],
  ])("that Erlang does not have, %s, is refused", (_, written, column, field, because) => {
    expect(refusalOf(`${GOOD}env: ${written}\n`)).toEqual([
      `invalid_value app.yaml:4:${column} ${field} must be a value that Erlang has, got ${because}`,
    ]);
  });
});
