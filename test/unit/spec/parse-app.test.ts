import { describe, expect, test } from "vitest";
import { parseFleet } from "../../../src/spec/fleet.ts";
import { GOOD, parseApp, refusalOf, specOf, told, warningsOf } from "./reading.ts";

test("two documents in one file are told in our words", () => {
  expect(refusalOf(`${GOOD}---\nname: greeter\n`)).toEqual([
    "invalid_syntax app.yaml:4:1 a second YAML document begins here (---); a file holds one, and each app has a folder of its own",
  ]);
});

describe("a spec of three lines", () => {
  test("gets every default", () => {
    expect(specOf(GOOD)).toStrictEqual({
      name: "counter",
      version: "1.4.0",
      source: { type: "release", url: "file:counter.tar.gz" },
      isolation: "vm",
      env: {},
      os_env: {},
      depends_on: [],
      health: {
        type: "none",
        expect: { status: 200 },
        timeout: 5_000,
        interval: 30_000,
        start_timeout: 60_000,
        min_healthy_time: 1_000,
      },
      strategy: { type: "restart" },
      hosts: null,
      rollout: { max_failures: 0 },
      retain: 3,
    });
  });

  test("keeps its file, so that what is said of it later can point there", () => {
    const { app, problems, warnings } = parseApp("apps/counter/app.yaml", GOOD);
    expect([problems, warnings]).toEqual([[], []]);
    expect(app?.document.at(["source", "url"])).toMatchObject({ file: "apps/counter/app.yaml", line: 3, column: 30 });
  });
});

describe("a full spec", () => {
  const text = `name: counter
version: 1.4.0-rc.1+build_7
description: Counts.
icon: {type: identicon, value: counter}
isolation: vm
source:
  type: release
  url: https://example.org/{name}/{version}/{name}-{version}.tar.gz
  sha256: "${"aB".repeat(32)}"
env:
  port: 8080
  ratio: 1.0
  mode: !atom fast
  title: Grüße
  pool: {size: 10, names: [a, !charlist b]}
vm_config: {memory_limit: 512, scheduler_limit: 2, extra_args: ["+P", "1000000"]}
os_env: {PHX_HOST: example.org, PORT: 8080, RATE: 0.5, PHX_SERVER: true, TOKEN: {secret: API_TOKEN}}
depends_on: [broker, db_proxy]
health:
  type: http
  port: 8080
  path: /health?deep=1
  expect: {status: 204, body: ok}
  timeout: 1000
  interval: 2000
  start_timeout: 3000
  min_healthy_time: 0
strategy: {type: restart}
hosts: {role: web, zone: a}
rollout: {max_failures: 2}
retain: 5
`;

  test("is read whole, with its types, and {name} and {version} expanded", () => {
    expect(specOf(text)).toStrictEqual({
      name: "counter",
      version: "1.4.0-rc.1+build_7",
      description: "Counts.",
      icon: { type: "identicon", value: "counter" },
      source: {
        type: "release",
        url: "https://example.org/counter/1.4.0-rc.1+build_7/counter-1.4.0-rc.1+build_7.tar.gz",
        sha256: "ab".repeat(32),
      },
      isolation: "vm",
      vm_config: { memory_limit: 512, scheduler_limit: 2, extra_args: ["+P", "1000000"] },
      env: {
        port: { integer: "8080" },
        ratio: { float: 1 },
        mode: { atom: "fast" },
        title: { binary: "Grüße" },
        pool: {
          map: [
            [{ atom: "names" }, { list: [{ binary: "a" }, { charlist: "b" }] }],
            [{ atom: "size" }, { integer: "10" }],
          ],
        },
      },
      os_env: {
        PHX_HOST: { value: "example.org" },
        PORT: { value: "8080" },
        RATE: { value: "0.5" },
        PHX_SERVER: { value: "true" },
        TOKEN: { secret: "API_TOKEN" },
      },
      depends_on: ["broker", "db_proxy"],
      health: {
        type: "http",
        port: 8080,
        path: "/health?deep=1",
        expect: { status: 204, body: "ok" },
        timeout: 1000,
        interval: 2000,
        start_timeout: 3000,
        min_healthy_time: 0,
      },
      strategy: { type: "restart" },
      hosts: { labels: { role: "web", zone: "a" } },
      rollout: { max_failures: 2 },
      retain: 5,
    });
  });

  test("is a plain JSON value, so that it can be recorded and compared", () => {
    const spec = specOf(text);
    expect(JSON.parse(JSON.stringify(spec))).toStrictEqual(spec);
  });
});

describe("what the fields imply", () => {
  test.each<[string, string, object]>([
    [
      "an http check asks /health unless told otherwise",
      "health: {type: http, port: 80}",
      { type: "http", path: "/health" },
    ],
    ["a check is by http and on port 8080 unless told otherwise", "health: {}", { type: "http", port: 8080 }],
    ["so is one by tcp", "health: {type: tcp}", { type: "tcp", port: 8080 }],
    ["blue-green drains for half a minute", "strategy: blue-green", { type: "blue-green", drain_timeout: 30_000 }],
    ["hot falls back to a restart", "strategy: {type: hot}", { type: "hot", on_no_appup: "restart" }],
    [
      "a rollout's counts and times are numbers",
      "rollout: {canary: 1, batch: 25%, pause: 5m}",
      { canary: { hosts: 1 }, batch: { percent: 25 }, pause: 300_000, max_failures: 0 },
    ],
    ["a strategy may be a word", "strategy: restart", { type: "restart" }],
    ["hosts may be a list of names", "hosts: [web1, web2]", { names: ["web1", "web2"] }],
  ])("%s", (_, more, expected) => {
    const field = more.split(":")[0] as "health" | "strategy" | "hosts" | "rollout";
    expect(specOf(`${GOOD}${more}\n`)[field]).toMatchObject(expected);
  });

  test("a tcp check has no path, and no check at all has no port", () => {
    expect(specOf(`${GOOD}health: {type: tcp, port: 5432}\n`).health).not.toHaveProperty("path");
    expect(specOf(`${GOOD}health: {type: none}\n`).health).not.toHaveProperty("port");
  });

  test("JSON is as good as YAML", () => {
    const json = { name: "counter", version: "1.4.0", source: { type: "release", url: "file:counter.tar.gz" } };
    expect(specOf(JSON.stringify(json))).toEqual(specOf(GOOD));
    expect(specOf(JSON.stringify(json, null, "\t"))).toEqual(specOf(GOOD));
  });
});

describe("fields that Beamline does not know", () => {
  const mistakesOf = (text: string): string[] => told(parseApp("app.yaml", text).problems);

  test("are warned of at their keys, and do no harm; one that is nearly a known one is a mistake", () => {
    const text = `${GOOD}license: MIT\nretian: 5\nhealth:\n  type: tcp\n  port: 1\n  intervall: 5\n  notes: x\n`;
    const { app, problems, warnings } = parseApp("app.yaml", text);
    expect(app).toBeUndefined();
    expect(told(warnings)).toEqual([
      "unknown_field app.yaml:4:1 license is not a field Beamline knows, it has no effect",
      "unknown_field app.yaml:10:3 health.notes is not a field Beamline knows, it has no effect",
    ]);
    expect(told(problems)).toEqual([
      "unknown_field app.yaml:5:1 retian is not a field Beamline knows; did you mean retain?",
      "unknown_field app.yaml:9:3 health.intervall is not a field Beamline knows; did you mean interval?",
    ]);
    expect(warningsOf(`${GOOD}license: MIT\n`)).toHaveLength(1);
  });

  test.each([
    ["helth: {type: tcp, port: 80}", "4:1 helth", "health"],
    ["host: [web1]", "4:1 host", "hosts"],
    ["dependson: [a]", "4:1 dependson", "depends_on"],
    ["rollout: {max_failure: 1}", "4:11 rollout.max_failure", "max_failures"],
    ["health: {type: tcp, port: 1, expect: {stat: 200}}", "4:39 health.expect.stat", "status"],
    ["strategy: {type: hot, on_no_apup: fail}", "4:23 strategy.on_no_apup", "on_no_appup"],
  ])("and would do something else are refused: %s", (text, place, meant) => {
    expect(mistakesOf(`${GOOD}${text}\n`)).toEqual([
      `unknown_field app.yaml:${place} is not a field Beamline knows; did you mean ${meant}?`,
    ]);
  });

  test("are seen in source, too", () => {
    const text = `name: c\nversion: "1"\nsource:\n  type: release\n  url: "file:x"\n  signature: a\n`;
    expect(warningsOf(text)).toEqual([
      "unknown_field app.yaml:6:3 source.signature is not a field Beamline knows, it has no effect",
    ]);
  });

  test("are told of beside mistakes", () => {
    const { problems, warnings } = parseApp("app.yaml", `${GOOD}license: MIT\nretian: 5\nretain: 0\n`);
    expect(told(problems)).toEqual([
      "invalid_value app.yaml:6:9 retain must be 1..100, got the number 0",
      "unknown_field app.yaml:5:1 retian is not a field Beamline knows; did you mean retain?",
    ]);
    expect(told(warnings)).toHaveLength(1);
  });

  test("are not looked for in what should be a map and is none", () => {
    const { problems, warnings } = parseApp("app.yaml", `${GOOD}health: [http]\nrollout: fast\nicon:\n`);
    expect(problems).toHaveLength(3);
    expect(warnings).toEqual([]);
  });

  test("may be anything in env, which is the application's own", () => {
    expect(warningsOf(`${GOOD}env: {anything: {retian: 1}}\n`)).toEqual([]);
  });
});

describe("what is no map where one must be", () => {
  test.each([
    ["app.config", "health => {tcp, 5432}", "health must be a map, got a tuple"],
    ["app.config", 'source => {hex, "a", "0.1.0"}', "source must be a map, got a tuple"],
    ["app.config", "vm_config => {memory_limit, 512}", "vm_config must be a map, got a tuple"],
    ["app.config", "rollout => {max_failures, 2}", "rollout must be a map, got a tuple"],
    ["app.config", "health => #{type => http, expect => {status, 200}}", "health.expect must be a map, got a tuple"],
    ["app.config", "icon => 1.0", "icon must be a map, got"],
    ["app.config", "strategy => {hot, []}", "strategy must be restart, hot, blue-green or release"],
    ["app.config", "strategy => #{type => 'blue-green', ports => {1, 2}}", "strategy.ports must be a map, got a tuple"],
    ["app.config", "env => {port, 8080}", "env must be a map, got a tuple"],
    ["app.config", "os_env => {a, b}", "os_env must be a map, got a tuple"],
    ["app.yaml", "health: 1.0", "health must be a map, got"],
    ["app.yaml", "health: !tuple [tcp, 5432]", "health must be a map, got a tuple"],
    ["app.yaml", "source: !atom hex", "source must be a map, got !atom hex"],
    ["app.yaml", "rollout: !charlist x", "rollout must be a map, got !charlist x"],
    ["app.json", '"health": 1.0', "health must be a map, got"],
    ["app.json", '"icon": 2e0', "icon must be a map, got"],
  ])("in %s is a mistake at its place: %s", (file, field, said) => {
    const source = "file:a.tar.gz";
    const text = {
      "app.config": `#{name => a, version => "1", source => #{type => release, url => "${source}"},\n ${field}}.`,
      "app.yaml": `name: a\nversion: "1"\n${field}\n`,
      "app.json": `{"name": "a", "version": "1",\n ${field}}`,
    }[file as "app.config" | "app.yaml" | "app.json"];
    const twice = field.startsWith("source =>") ? text.replace(/ source => #\{[^}]*\},/, "") : text;
    const { app, problems } = parseApp(file, twice);
    expect(app).toBeUndefined();
    expect(told(problems)).toEqual([expect.stringContaining(said)]);
  });

  test("of the fleet file is one, too", () => {
    const text = "hosts: {web1: 1.0, web2: {address: !tuple [a]}}\n";
    const { problems } = parseFleet("fleet.yaml", text, "production");
    expect(told(problems)).toEqual([
      expect.stringContaining("fleet.yaml:1:15 hosts.web1 must be a map, got"),
      expect.stringContaining("fleet.yaml:1:43 hosts.web2.address must be text, got a tuple"),
    ]);
  });
});

test("isolation: embedded leaves out what only a VM of its own has", () => {
  const text = `name: counter
version: 1.0.0
source: {type: release, url: "file:a.tar.gz"}
isolation: embedded
os_env: {MODE: a}
vm_config: {memory_limit: 512}
`;
  expect(refusalOf(text)).toEqual([
    "invalid_value app.yaml:5:9 os_env must be left out with isolation: embedded, the VM is another's, got some",
    "invalid_value app.yaml:6:12 vm_config must be left out with isolation: embedded, the VM is another's, got some",
  ]);
});

describe("a file with several mistakes", () => {
  test("is told all of them, each at its place", () => {
    const text = `name: Counter
source:
  type: relase
health: {type: http, port: 99999, interval: soon}
retain: many
os_env: {A: x, C: [1]}
depends_on: [a, 1, b, 2]
`;
    expect(refusalOf(text).sort()).toEqual([
      'invalid_value app.yaml:1:7 name must be an OTP name such as my_app (^[a-z][a-zA-Z0-9_@]*$), got "Counter"',
      'invalid_value app.yaml:3:9 source.type must be one of release, git, hex, mesh, got "relase"',
      "invalid_value app.yaml:4:28 health.port must be 1..65535, got the number 99999",
      'invalid_value app.yaml:4:45 health.interval must be a whole number, 1..3600000, got "soon"',
      'invalid_value app.yaml:5:9 retain must be a whole number, 1..100, got "many"',
      "invalid_value app.yaml:6:19 os_env.C must be text, a number, true, false, or {secret: NAME}, got [1]",
      "invalid_value app.yaml:7:17 depends_on.1 must be text, got the number 1",
      "invalid_value app.yaml:7:23 depends_on.3 must be text, got the number 2",
      "missing_field app.yaml:1:1 version is missing",
    ]);
  });

  test("is told those that need more than one field, all at once, too", () => {
    const text = `name: counter
version: 1.4.0
source: {type: release, url: "ftp://example.org/x", sha256: abc, ref: v1}
strategy: hot
health: {type: custom}
env: {a: .inf, b: 1, c: .nan}
`;
    expect(
      refusalOf(text)
        .map((it) => it.split(" ").slice(0, 2).join(" "))
        .sort(),
    ).toEqual([
      "invalid_value app.yaml:3:30",
      "invalid_value app.yaml:3:61",
      "invalid_value app.yaml:3:71",
      "invalid_value app.yaml:6:10",
      "invalid_value app.yaml:6:25",
      "missing_field app.yaml:5:9",
    ]);
  });

  test.each([
    ["nothing at all", "", "null"],
    ["a word", "counter", '"counter"'],
    ["a list", "- name: counter\n", '[{"name":"counter"}]'],
  ])("or with %s in it is told that it must be a map", (_, text, got) => {
    expect(refusalOf(text)).toEqual([`invalid_value app.yaml:1:1 the file must be a map, got ${got}`]);
  });

  test("that are mistakes of syntax is told those", () => {
    expect(refusalOf(`${GOOD}name: twice\nversion: 2\n`).map((it) => it.split(" ").slice(0, 2).join(" "))).toEqual([
      "invalid_syntax app.yaml:4:1",
      "invalid_syntax app.yaml:5:1",
    ]);
  });
});
