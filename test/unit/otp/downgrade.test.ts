// Which of two releases is the older one decides whose instructions lead from one to the other, and what code_change is told.
import { expect, test } from "vitest";
import { hotUpgrade } from "../../../src/otp/hot-upgrade.ts";
import type { ReleaseInventory } from "../../../src/otp/inventory.ts";
import type { HotUpgrade } from "../../../src/otp/upgrade.ts";
import { formatTerm } from "../../../src/spec/erlang-term.ts";
import { application, release, server } from "./inventories.ts";

const of = (version: string, code: string): ReleaseInventory =>
  release(version, [application("counter", version, { server: server(code) })]);

function hot(from: ReleaseInventory, to: ReleaseInventory): HotUpgrade {
  const planned = hotUpgrade(from, to, { appup: "auto", onLinger: "refuse" });
  if ("refused" in planned) throw new Error(planned.refused.map(({ text }) => text).join("; "));
  return planned.hot;
}

test("the way to an older version is the way that leads here from it, backwards", () => {
  const [older, newer] = [of("1.1.0-rc.1", "a"), of("1.1.0", "b")];
  const [upgrade, downgrade] = [hot(older, newer), hot(newer, older)];
  expect([downgrade.up, downgrade.down]).toEqual([upgrade.down, upgrade.up]);
  expect(downgrade.up.map(formatTerm)).toContain("{code_change,down,[{server,[]}]}");
  expect([upgrade.isDowngrade, downgrade.isDowngrade]).toEqual([false, true]);
});

test("between versions that have no order it is always an upgrade", () => {
  for (const upgrade of [hot(of("9abc123", "a"), of("1def234", "b")), hot(of("1def234", "b"), of("9abc123", "a"))]) {
    expect(upgrade.up.map(formatTerm)).toContain("{code_change,up,[{server,[]}]}");
    expect(upgrade.isDowngrade).toBe(false);
  }
});
