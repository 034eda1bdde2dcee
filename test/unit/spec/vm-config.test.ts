// vm_config: what a VM may take, and arguments that erlexec must not split, nor anybody else decides.

import { describe, expect, test } from "vitest";
import { visible } from "../../../src/core/visible.ts";
import { GOOD, parseApp, refusalOf, remedies, specOf, warningsOf } from "./reading.ts";

const withArguments = (...argumentList: unknown[]): string =>
  `${GOOD}vm_config:\n  extra_args:\n${argumentList.map((it) => `    - ${JSON.stringify(it)}\n`).join("")}`;

describe("a vm_config", () => {
  test("is read whole, and numbers among the arguments stay as they are written", () => {
    const text = `${GOOD}vm_config: {memory_limit: 16, scheduler_limit: 1024, extra_args: [+P, 1000000, +hms, 0x10, +zdbbl, 1.50]}\n`;
    expect(specOf(text).vm_config).toEqual({
      memory_limit: 16,
      scheduler_limit: 1024,
      extra_args: ["+P", "1000000", "+hms", "0x10", "+zdbbl", "1.50"],
    });
  });

  test.each(["{}", "{extra_args: []}"])("that asks for nothing is none: %s", (value) => {
    expect(specOf(`${GOOD}vm_config: ${value}\n`)).not.toHaveProperty("vm_config");
  });

  test("is warned of fields that it does not have", () => {
    expect(warningsOf(`${GOOD}vm_config: {cgroup: x}\n`)).toEqual([
      "unknown_field app.yaml:4:13 vm_config.cgroup is not a field Beamline knows, it has no effect",
    ]);
  });

  test.each([
    ["512", "4:12 vm_config must be a map, got the number 512"],
    ["", "4:12 vm_config must be a map, got null"],
    ["{memory_limit: 15}", "4:27 vm_config.memory_limit must be 16..16777216, got the number 15"],
    ["{memory_limit: 16777217}", "4:27 vm_config.memory_limit must be 16..16777216, got the number 16777217"],
    ["{memory_limit: 512.5}", "4:27 vm_config.memory_limit must be a whole number, 16..16777216, got the number 512.5"],
    ["{memory_limit: 512M}", '4:27 vm_config.memory_limit must be a whole number, 16..16777216, got "512M"'],
    ["{scheduler_limit: 0}", "4:30 vm_config.scheduler_limit must be 1..1024, got the number 0"],
    ["{scheduler_limit: 1025}", "4:30 vm_config.scheduler_limit must be 1..1024, got the number 1025"],
    ["{extra_args: +P}", '4:25 vm_config.extra_args must be a list, got "+P"'],
    ["{extra_args: [+P, true]}", "4:30 vm_config.extra_args.1 must be text or a number, got true"],
    ["{extra_args: [[+P]]}", '4:26 vm_config.extra_args.0 must be text or a number, got ["+P"]'],
    [
      "{extra_args: [[99999999999999999999]]}",
      '4:26 vm_config.extra_args.0 must be text or a number, got ["99999999999999999999"]',
    ],
    ["{extra_args: [P]}", '4:26 vm_config.extra_args.0 must be an argument that begins with + or -, got "P"'],
  ])("of %j is refused at its place", (value, said) => {
    expect(refusalOf(`${GOOD}vm_config: ${value}\n`)).toEqual([`invalid_value app.yaml:${said}`]);
  });
});

describe("an argument", () => {
  test.each(["+P", "-kernel", "+swt", "+sbwt", "-hidden", "+SDcpu", "-shutdown_time", "+A64", "+MBas", "-sname2"])(
    "such as %s is taken",
    (flag) => {
      expect(specOf(withArguments(flag, "a_value/[1..2]{x};$HOME|`id`")).vm_config?.extra_args).toEqual([
        flag,
        "a_value/[1..2]{x};$HOME|`id`",
      ]);
    },
  );

  test.each(["", " ", "+P 5", "a\tb", "a\nb", "a\rb", 'a"b', "it's", "a\\b", "\u0001", "\u007f", "é", "\u00a0"])(
    "%j is refused at its line, since erlexec would split or change it",
    (hostile) => {
      expect(refusalOf(withArguments("+P", hostile))).toEqual([
        `invalid_value app.yaml:7:7 vm_config.extra_args.1 must be visible ASCII without quotes and backslashes, one argument each, got ${visible(JSON.stringify(hostile))}`,
      ]);
    },
  );

  test.each([
    ["-sname", /^Remove it; a release names its own node/],
    ["-name", /^Remove it; a release names its own node/],
    ["-setcookie", /^Remove it; a release names its own node/],
    ["-proto_dist", /vm\.args, which Beamline looks at/],
    ["-start_epmd", /vm\.args, which Beamline looks at/],
    ["-boot", /is the release's/],
    ["-boot_var", /is the release's/],
    ["-mode", /is the release's/],
    ["-pa", /is the release's/],
    ["-config", /^Remove it; settings come from env/],
    ["-args_file", /arguments one by one/],
    ["-env", /^Use os_env\.$/],
    ["-eval", /what runs at the start/],
    ["-extra", /with all of its arguments/],
    ["--", /with all of its arguments/],
    ["-heart", /run on as the process that was started/],
    ["-detached", /run on as the process that was started/],
    ["-counter", /^Use env\.$/],
  ])("%s is refused wherever it stands, since another decides it", (flag, remedy) => {
    for (const list of [
      [flag, "x"],
      ["+P", "4096", flag],
    ]) {
      const text = withArguments(...list);
      expect(refusalOf(text)).toEqual([
        `not_supported app.yaml:${6 + list.indexOf(flag)}:7 ${flag} in vm_config.extra_args is not supported by this version of Beamline`,
      ]);
      expect(remedies(parseApp("app.yaml", text).problems)[0]).toMatch(remedy);
    }
  });

  test.each(["+S", "+S4:4", "+S:2", "+SP", "+SP50:25"])("%s contradicts scheduler_limit, and stands alone", (flag) => {
    expect(specOf(withArguments(flag, "1")).vm_config?.extra_args).toEqual([flag, "1"]);
    expect(refusalOf(`${withArguments(flag, "1")}  scheduler_limit: 2\n`)).toEqual([
      `invalid_value app.yaml:6:7 vm_config.extra_args.0 must be another flag where vm_config.scheduler_limit is given, got "${flag}"`,
    ]);
  });

  test("that is wrong is told beside all others, each at its own line", () => {
    const text = `${withArguments("P", null, "a b", "ok", "-config")}  memory_limit: 1\n  node_prefix: c d\n`;
    expect(
      refusalOf(text)
        .map((it) => it.split(" ").slice(0, 3).join(" "))
        .sort(),
    ).toEqual([
      "invalid_value app.yaml:11:17 vm_config.memory_limit",
      "invalid_value app.yaml:12:16 vm_config.node_prefix",
      "invalid_value app.yaml:6:7 vm_config.extra_args.0",
      "invalid_value app.yaml:7:7 vm_config.extra_args.1",
      "invalid_value app.yaml:8:7 vm_config.extra_args.2",
      "not_supported app.yaml:10:7 -config",
    ]);
  });
});
