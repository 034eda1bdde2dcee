import { describe, expect, test } from "vitest";
import { specDigest } from "../../../src/spec/spec-digest.ts";
import { GOOD, specOf } from "./reading.ts";

const digestWith = (more: string): string => specDigest(specOf(`${GOOD}${more}\n`));
const plain = digestWith("");

describe("what a spec wants of a host is", () => {
  test.each([
    ["the order of the fields", digestWith(""), specDigest(specOf(GOOD.trimEnd().split("\n").toReversed().join("\n")))],
    ["the order of the environment", digestWith("env: {a: 1, b: 2}"), digestWith("env: {b: 2, a: 1}")],
    ["a default written out", plain, digestWith("health: {type: none, timeout: 5000}\nstrategy: restart")],
    ["the description", plain, digestWith("description: Counts.")],
    ["a vm_config that asks for nothing", plain, digestWith("vm_config: {extra_args: []}")],
    ["the icon", plain, digestWith("icon: {type: identicon}")],
    ["the choice of hosts", plain, digestWith("hosts: [web1]")],
    ["the rollout", plain, digestWith("rollout: {max_failures: 2}")],
    ["the number of releases kept", plain, digestWith("retain: 5")],
    ["what it depends on", plain, digestWith("depends_on: [broker]")],
  ])("the same whatever is %s", (_, one, other) => {
    expect(other).toBe(one);
  });

  test("another when any other field is another", () => {
    const digests = [
      plain,
      specDigest(specOf(GOOD.replace("name: counter", "name: greeter"))),
      specDigest(specOf(GOOD.replace("1.4.0", "1.4.1"))),
      specDigest(specOf(GOOD.replace("counter.tar", "other.tar"))),
      specDigest(specOf(GOOD.replace('gz"', `gz", sha256: "${"a".repeat(64)}"`))),
      digestWith("env: {a: 1}"),
      digestWith("env: {a: 1.0}"),
      digestWith('env: {a: "1"}'),
      digestWith("env: {a: !atom '1'}"),
      digestWith("env: {a: !charlist '1'}"),
      digestWith("env: {a: [1]}"),
      digestWith("env: {a: !tuple [1]}"),
      digestWith("vm_config: {memory_limit: 512}"),
      digestWith("vm_config: {scheduler_limit: 2}"),
      digestWith("vm_config: {extra_args: [+P, 1000000]}"),
      digestWith("vm_config: {extra_args: [+P, 2000000]}"),
      digestWith("os_env: {A: X}"),
      digestWith("os_env: {A: {secret: X}}"),
      digestWith("health: {type: tcp, port: 1}"),
      digestWith("health: {type: http, port: 1}"),
      digestWith("health: {type: http, port: 1, path: /}"),
      digestWith("health: {type: http, port: 1, expect: {body: ok}}"),
      digestWith("health: {type: none, start_timeout: 1}"),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});
