// Environment variables are text: a number arrives as it is written.
import { describe, expect, test } from "vitest";
import { GOOD, refusalOf, specOf } from "./reading.ts";

const osEnvOf = (written: string) => specOf(`${GOOD}os_env: {A: ${written}}\n`).os_env;

describe("a value of os_env", () => {
  test.each(["80", "0777", "0x10", "1.50", "1e3", "12345678901234567890", "-0", ".5"])(
    "that is the number %s arrives as that",
    (written) => {
      expect(osEnvOf(written)).toEqual({ A: { value: written } });
    },
  );

  test.each([
    ["true", { value: "true" }],
    ["'80'", { value: "80" }],
    ['"a b"', { value: "a b" }],
    ["{secret: TOKEN}", { secret: "TOKEN" }],
  ])("may be %s", (written, value) => {
    expect(osEnvOf(written)).toEqual({ A: value });
  });

  test.each(["[a]", "!atom a", "{secret: A, more: b}", "{secret: 1}", "null"])("can't be %s", (written) => {
    expect(refusalOf(`${GOOD}os_env: {A: ${written}}\n`)).toEqual([
      expect.stringMatching(
        /^invalid_value app\.yaml:4:\d+ os_env\.A must be text, a number, true, false, or \{secret: NAME\}, got /,
      ),
    ]);
  });
});
