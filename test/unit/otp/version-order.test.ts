import { describe, expect, test } from "vitest";
import { isOlder } from "../../../src/otp/version-order.ts";

describe("of two versions", () => {
  // The order that semver.org gives as its example, and what stands around it.
  const ordered = [
    "0.9.9",
    "1.0.0-1",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.9.0",
    "v1.10.0",
    "2024.2.1",
    "2024.12.1",
    "2024.12.99999999999999999998",
    "2024.12.99999999999999999999",
  ];
  test.each(ordered.slice(1).map((newer, index) => [ordered[index] ?? "", newer]))("%s is older than %s", (a, b) => {
    expect([isOlder(a, b), isOlder(b, a)]).toEqual([true, false]);
  });

  test.each([
    ["1.0.0", "1.0.0+4f2c"],
    ["1.0.0+b1", "1.0.0+b2"],
    ["1.0.0-rc.1+b1", "1.0.0-rc.1+b2"],
    ["1.0", "1.0.0"],
    ["v1.0.0", "1.0.0"],
  ])("neither %s nor %s is older", (a, b) => {
    expect([isOlder(a, b), isOlder(b, a)]).toEqual([false, false]);
  });

  test.each([
    ["1def234", "9abc123"],
    ["1.2.0-5-gabc1234", "1.2.0"],
    ["1234567", "7654321"],
    ["main", "1.0.0"],
    ["1.0.0", "9abc123"],
    ["1.0.x", "1.1.0"],
    ["1.0.0_1", "1.0.0_2"],
    ["", "1.0.0"],
  ])("%s and %s have no order", (a, b) => {
    expect([isOlder(a, b), isOlder(b, a)]).toEqual([false, false]);
  });
});
