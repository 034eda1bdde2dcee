// What the language has and this version does not carry out: refused where it stands, with what to do instead.
import { describe, expect, test } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { notCarriedOut } from "../../../src/runtime/not-carried-out.ts";
import { GOOD, parseApp, remedies, told } from "../spec/reading.ts";

/** The spec is well; what of it is not carried out. */
function refused(text: string): Problem[] {
  const { app, problems } = parseApp("app.yaml", text);
  if (app === undefined) throw new Error(told(problems).join("\n"));
  return notCarriedOut(app);
}

const refusalOf = (text: string): string[] => told(refused(text));
const remediesOf = (text: string): string[] => remedies(refused(text));

describe("this version refuses", () => {
  test.each([
    [
      "vm_config: {node_prefix: c}",
      "4:26 vm_config.node_prefix",
      "Remove it; a release names its own node, in its vm.args.",
    ],
    ["strategy: blue-green", "4:11 strategy blue-green", "Use strategy: restart or hot."],
    ["strategy: release", "4:11 strategy release", "Use strategy: restart or hot."],
    ["strategy: {type: custom, runtime: runtimes/mine}", "4:11 strategy custom", "Use strategy: restart or hot."],
    ["health: {type: custom, module: m}", "4:16 health.type custom", "Use http, tcp or none."],
  ])("%s", (more, what, remedy) => {
    const text = `${GOOD}${more}\n`;
    expect(refusalOf(text)).toEqual([`not_supported app.yaml:${what} is not supported by this version of Beamline`]);
    expect(remediesOf(text)).toEqual([remedy]);
  });

  test.each([
    ["module", "m"],
    ["command", "bin/check"],
    ["successes", "3"],
    ["failures", "3"],
  ])("health.%s", (field, value) => {
    const text = `${GOOD}health:\n  type: tcp\n  port: 1\n  ${field}: ${value}\n`;
    expect(refusalOf(text)).toEqual([
      `not_supported app.yaml:7:${field.length + 5} health.${field} is not supported by this version of Beamline`,
    ]);
    expect(remediesOf(text)[0]).toMatch(/^Remove it; .*min_healthy_time/);
  });

  test.each([
    ["canary", "1"],
    ["batch", "25%"],
    ["pause", "30s"],
  ])("rollout.%s", (field, value) => {
    const text = `${GOOD}rollout:\n  max_failures: 1\n  ${field}: ${value}\n`;
    expect(refusalOf(text)).toEqual([
      `not_supported app.yaml:6:${field.length + 5} rollout.${field} is not supported by this version of Beamline`,
    ]);
    expect(remediesOf(text)[0]).toMatch(/^Remove it; .*concurrency/);
  });

  test("several of these in one spec, all told", () => {
    const text = `${GOOD}vm_config: {node_prefix: c}
strategy: release
health: {type: http, port: 1, command: x, module: "y"}
rollout: {canary: 1, pause: 30s}
`;
    expect(refusalOf(text).map((it) => /^not_supported app\.yaml:(\d+):/.exec(it)?.[1])).toEqual([
      "4",
      "5",
      "6",
      "6",
      "7",
      "7",
    ]);
  });
});

describe("a source", () => {
  const spec = (source: string): string => `name: counter\nversion: 1.4.0\n${source}`;

  test.each([
    ["git", "  url: https://example.org/app.git\n"],
    ["hex", ""],
  ])("of type %s is refused at its line", (type, more) => {
    const text = spec(`source:\n  type: ${type}\n  ref: v1\n${more}`);
    expect(refusalOf(text)).toEqual([
      `unsupported_source app.yaml:4:9 source.type ${type} is not supported by this version of Beamline`,
    ]);
    expect(remediesOf(text)[0]).toMatch(/^Build a release tarball, publish it/);
  });

  test.each(["artifact://build", "github-release://acme/shop/v1/counter.tar.gz"])(
    "at %s is refused at its url",
    (url) => {
      expect(refusalOf(spec(`source: {type: release, url: "${url}"}\n`))).toEqual([
        `not_supported app.yaml:3:30 source.url ${url.split(":")[0]}: is not supported by this version of Beamline`,
      ]);
    },
  );

  test("that is left out means hex, as in bc_gitops, and is refused", () => {
    expect(refusalOf(spec(""))).toEqual([
      "unsupported_source app.yaml:1:1 source.type hex is not supported by this version of Beamline",
    ]);
  });
});
