import { describe, expect, test } from "vitest";
import { configFiles } from "../../../src/host/config-files.ts";
import { GOOD, specOf } from "../spec/reading.ts";

const vmArgs = (more: string): string | undefined => configFiles(specOf(`${GOOD}${more}\n`), new Map()).get("vm_args");

describe("the arguments of a VM", () => {
  test("are none without a vm_config, nor with a limit that only the unit knows", () => {
    expect([vmArgs(""), vmArgs("vm_config: {memory_limit: 512}")]).toEqual(["", ""]);
  });

  test("are the limit of schedulers, then the spec's own, a line each", () => {
    expect(vmArgs("vm_config: {extra_args: [+P, 1000000, +A8], scheduler_limit: 2}")).toBe(
      "+S\n2:2\n+P\n1000000\n+A8\n",
    );
  });

  test("hold nothing that a shell would see in them", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for a shell that must not see it
    expect(vmArgs("vm_config: {extra_args: [-app, '$(id)', '${HOME};*']}")).toMatch(
      /^([A-Za-z0-9_./:=@,+%]|\\0[0-7]{3}|\n)+$/,
    );
  });
});
