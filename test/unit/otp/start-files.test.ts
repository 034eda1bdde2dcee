// A VM goes on with what it read when it started: a release in which that differs needs a restart, and says why.
import { describe, expect, test } from "vitest";
import { hotUpgrade } from "../../../src/otp/hot-upgrade.ts";
import type { ReleaseInventory } from "../../../src/otp/inventory.ts";
import { application, plain, release } from "./inventories.ts";

const of = (version: string, startFiles: Record<string, string> | null): ReleaseInventory =>
  release(version, [application("counter", version, { codec: plain(version) })], {
    startFiles: startFiles && new Map(Object.entries(startFiles)),
  });

function refusals(from: Record<string, string> | null, to: Record<string, string>): string[] {
  const planned = hotUpgrade(of("1.0.0", from), of("1.1.0", to), { appup: "auto", onLinger: "refuse" });
  return "refused" in planned ? planned.refused.map(({ text }) => text) : [];
}

describe("a hot upgrade", () => {
  test("is refused for each file that a VM reads only when it starts, and that is another, comes or goes", () => {
    expect(
      refusals({ "vm.args": "a", "vm.args.src": "a" }, { "vm.args": "b", "env.sh": "a", "runtime.exs": "a" }),
    ).toEqual([
      "vm.args changes, which a VM reads when it starts",
      "vm.args.src changes, which a VM's arguments are made of when it starts",
      "env.sh changes, which sets a VM's environment when it starts",
      "runtime.exs changes, which is evaluated when a VM starts",
    ]);
  });

  test("is none the worse where they are the same, or nothing is known of those that the VM read", () => {
    const files = { "vm.args": "a", "env.sh": "b", "runtime.exs": "c" };
    expect(refusals(files, files)).toEqual([]);
    expect(refusals({}, {})).toEqual([]);
    expect(refusals(null, files)).toEqual([]);
  });
});
