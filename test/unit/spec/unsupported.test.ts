// What the language has and this version does not carry out: refused where it stands, with what to do instead.
import { describe, expect, test } from "vitest";
import { parseApp } from "../../../src/spec/parse-app.ts";
import { GOOD, refusalOf, remedies } from "./reading.ts";

const remediesOf = (text: string): string[] => remedies(parseApp("app.yaml", text).problems);

describe("this version refuses", () => {
  test.each([
    ["isolation: embedded", "4:12 isolation: embedded", "Use isolation: vm with a release."],
    [
      "vm_config: {node_prefix: c}",
      "4:26 vm_config.node_prefix",
      "Remove it; a release names its own node, in its vm.args.",
    ],
    ["strategy: hot", "4:11 strategy hot", "Use strategy: restart."],
    ["strategy: blue-green", "4:11 strategy blue-green", "Use strategy: restart."],
    ["strategy: release", "4:11 strategy release", "Use strategy: restart."],
    ["strategy: custom", "4:11 strategy custom", "Use strategy: restart."],
    ["strategy: {type: hot, on_no_appup: fail}", "4:11 strategy hot", "Use strategy: restart."],
    ["health: {type: custom, port: 1}", "4:16 health.type custom", "Use http, tcp or none."],
  ])("%s", (more, what, remedy) => {
    const text = `${GOOD}${more}\n`;
    expect(refusalOf(text)).toEqual([`not_supported app.yaml:${what} is not supported by this version of Beamline`]);
    expect(remediesOf(text)).toEqual([remedy]);
  });

  test.each(["module", "command", "successes", "failures"])("health.%s", (field) => {
    const text = `${GOOD}health:\n  type: tcp\n  port: 1\n  ${field}: 3\n`;
    expect(refusalOf(text)).toEqual([
      `not_supported app.yaml:7:${field.length + 5} health.${field} is not supported by this version of Beamline`,
    ]);
    expect(remediesOf(text)[0]).toMatch(/^Remove it; .*min_healthy_time/);
  });

  test.each(["canary", "batch", "pause"])("rollout.%s", (field) => {
    const text = `${GOOD}rollout:\n  max_failures: 1\n  ${field}: 25%\n`;
    expect(refusalOf(text)).toEqual([
      `not_supported app.yaml:6:${field.length + 5} rollout.${field} is not supported by this version of Beamline`,
    ]);
    expect(remediesOf(text)[0]).toMatch(/^Remove it; .*concurrency/);
  });

  test("several of these in one spec, all told", () => {
    const text = `${GOOD}isolation: embedded
vm_config: {node_prefix: c}
strategy: hot
health: {type: http, port: 1, command: x, module: y}
rollout: {canary: 1, pause: 30s}
`;
    expect(refusalOf(text).map((it) => /^not_supported app\.yaml:(\d+):/.exec(it)?.[1])).toEqual([
      "4",
      "5",
      "6",
      "7",
      "7",
      "8",
      "8",
    ]);
  });

  test("fields that are written but empty, since they ask for something all the same", () => {
    expect(refusalOf(`${GOOD}vm_config:\n  node_prefix:\n`)).toEqual([
      "not_supported app.yaml:5:15 vm_config.node_prefix is not supported by this version of Beamline",
    ]);
  });
});

describe("a source", () => {
  const spec = (source: string): string => `name: counter\nversion: 1.4.0\n${source}`;

  test.each([
    ["git", /^Build a release tarball, publish it/],
    ["hex", /^Build a release tarball, publish it/],
    ["mesh", /^Beamline has no mesh; publish the release/],
  ])("of type %s is refused at its line", (type, remedy) => {
    const text = spec(`source:\n  type: ${type}\n  ref: v1\n`);
    expect(refusalOf(text)).toEqual([
      `unsupported_source app.yaml:4:9 source.type ${type} is not supported by this version of Beamline`,
    ]);
    expect(remediesOf(text)[0]).toMatch(remedy);
  });

  test("that is left out means hex, as in bc_gitops, and is refused", () => {
    expect(refusalOf(spec(""))).toEqual([
      "unsupported_source app.yaml:1:1 source.type hex is not supported by this version of Beamline",
    ]);
  });

  test("of type release has no ref", () => {
    expect(refusalOf(spec('source:\n  type: release\n  url: "file:x"\n  ref: v1\n'))).toEqual([
      "not_supported app.yaml:6:8 source.ref with source.type release is not supported by this version of Beamline",
    ]);
  });
});
