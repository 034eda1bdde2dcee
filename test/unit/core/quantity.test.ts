import { describe, expect, test } from "vitest";
import { counted, formatBytes, formatDuration } from "../../../src/core/quantity.ts";

describe("a duration", () => {
  test.each([
    [0, "0 ms"],
    [340, "340 ms"],
    [999, "999 ms"],
    [1_000, "1.0 s"],
    [1_249, "1.2 s"],
    [999.7, "1.0 s"],
    [9_900, "9.9 s"],
    [9_990, "10 s"],
    [10_000, "10 s"],
    [59_400, "59 s"],
    [59_700, "1 min"],
    [60_000, "1 min"],
    [119_600, "2 min"],
    [125_000, "2 min 5 s"],
    [3_600_000, "60 min"],
  ])("of %d ms reads %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe("a size", () => {
  test.each([
    [0, "0 B"],
    [80, "80 B"],
    [999, "999 B"],
    [1_000, "1 kB"],
    [12_400, "12 kB"],
    [1_000_000, "1.0 MB"],
    [3_700_000, "3.7 MB"],
  ])("of %d bytes reads %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("a count", () => {
  test.each([
    [counted(0, "host"), "0 hosts"],
    [counted(1, "host"), "1 host"],
    [counted(3, "host"), "3 hosts"],
    [counted(1, "entry", "entries"), "1 entry"],
    [counted(2, "entry", "entries"), "2 entries"],
  ])("%s", (text, expected) => {
    expect(text).toBe(expected);
  });
});
