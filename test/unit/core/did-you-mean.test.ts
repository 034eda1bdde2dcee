import { describe, expect, test } from "vitest";
import { didYouMean } from "../../../src/core/did-you-mean.ts";

const FIELDS = ["name", "version", "source", "health", "strategy", "hosts", "retain", "env", "os_env"];

describe("a misspelt word", () => {
  test.each([
    ["helth", "health", "a letter left out"],
    ["heallth", "health", "a letter too many"],
    ["heelth", "health", "another letter"],
    ["retian", "retain", "two letters swapped"],
    ["stategi", "strategy", "two edits of eight letters"],
    ["HEALTH", "health", "capitals"],
    ["host", "hosts", "the singular"],
    ["os-env", "os_env", "a hyphen"],
  ])("%s is taken for %s: %s", (word, meant) => {
    expect(didYouMean(word, FIELDS)).toBe(meant);
  });

  test.each([
    ["licence", "another tool's field"],
    ["haelhts", "three edits"],
    ["retainxyz", "three letters too many at the end"],
    ["ame_version", "four letters too many"],
    ["", "no word at all"],
  ])("%j gets no suggestion: it is %s", (word) => {
    expect(didYouMean(word, FIELDS)).toBeUndefined();
  });

  test("gets the nearest of several, and the first of equally near ones", () => {
    expect(didYouMean("web12", ["web111", "web1", "web2"])).toBe("web1");
    expect(didYouMean("web3", ["web1", "web2"])).toBe("web1");
  });

  test("gets no suggestion where there is nothing to choose from", () => {
    expect(didYouMean("web1", [])).toBeUndefined();
  });

  test("gets no suggestion that would change half of its letters", () => {
    expect(didYouMean("ab", ["cd"])).toBeUndefined();
    expect(didYouMean("abxx", ["abcd"])).toBeUndefined();
    expect(didYouMean("abcxx", ["abcde"])).toBe("abcde");
  });
});
