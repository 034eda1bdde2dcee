// Which upgrades nobody may have thought of.
import { expect, test } from "vitest";
import { hotUpgrade } from "../../../src/otp/hot-upgrade.ts";
import type { ReleaseInventory } from "../../../src/otp/inventory.ts";
import { isLeap } from "../../../src/otp/leap.ts";
import type { HotOptions } from "../../../src/otp/upgrade.ts";
import { application, plain, release, server, termIn } from "./inventories.ts";

const AUTO: HotOptions = { appup: "auto", onLinger: "refuse" };
const SHIPPED: HotOptions = { appup: "shipped", onLinger: "refuse" };

/** A release whose one process has other code in each version; `knows`: the versions that its appup leads from. */
function of(version: string, knows?: readonly string[]): ReleaseInventory {
  const applications = [application("counter", version, { server: server(version) })];
  if (knows === undefined) return release(version, applications);
  const ways = knows.map((known) => `{"${known}", [{update, server, {advanced, []}}]}`).join(", ");
  const appup = termIn(`{"${version}", [${ways}], [${ways}]}`);
  return release(version, applications, { appups: new Map([["counter", appup]]) });
}

const leaps = (from: ReleaseInventory, to: ReleaseInventory, options = AUTO): boolean =>
  isLeap(hotUpgrade(from, to, options), options);

test("an upgrade is a leap where its appup does not know where it begins, or a state changes as nobody wrote", () => {
  expect(leaps(of("1.0.0"), of("1.2.0", ["1.1.0"]))).toBe(true);
  expect(leaps(of("1.0.0"), of("1.2.0"))).toBe(true);
  expect(leaps(of("1.0.0"), of("1.2.0", ["1.1.0"]), SHIPPED)).toBe(true);
});

test("it is none where somebody wrote how it is done, or no state changes", () => {
  expect(leaps(of("1.0.0"), of("1.2.0", ["1.1.0", "1.0.0"]))).toBe(false);
  expect(leaps(of("1.0.0"), of("1.2.0", ["1.1.0", "1.0.0"]), SHIPPED)).toBe(false);
  const functions = (version: string) => release(version, [application("counter", version, { lib: plain(version) })]);
  expect(leaps(functions("1.0.0"), functions("1.2.0"))).toBe(false);
});

test("an appup that does not know where it begins is a finding", () => {
  const answer = hotUpgrade(of("1.0.0"), of("1.2.0", ["1.1.0"]), AUTO);
  expect("hot" in answer && answer.hot.findings).toEqual([
    {
      code: "version_unknown",
      application: "counter",
      module: null,
      text: "counter.appup of 1.2.0 does not know 1.0.0; its code_change may not either",
    },
  ]);
});
