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

  test("can't be a secret whose name is no text", () => {
    expect(refusalOf(`${GOOD}os_env: {A: {secret: 1}}\n`)).toEqual([
      "invalid_value app.yaml:4:22 os_env.A.secret must be text, got the number 1",
    ]);
  });

  test.each(["[a]", "!atom a", "{secret: A, more: b}", "null"])("can't be %s", (written) => {
    expect(refusalOf(`${GOOD}os_env: {A: ${written}}\n`)).toEqual([
      expect.stringMatching(
        /^invalid_value app\.yaml:4:\d+ os_env\.A must be text, a number, true, false, or \{secret: NAME\}, got /,
      ),
    ]);
  });
});

describe("a variable that is longer than a process can be given", () => {
  const holding = (length: number) => `${GOOD}os_env:\n  B: x\n  A: ${"é".repeat(length / 2)}\n`;

  test("is refused at its place, by its bytes with its name", () => {
    expect(refusalOf(holding(131_070))).toEqual([
      "invalid_value app.yaml:6:6 os_env.A must be at most 131072 bytes with its name, which is what a process can be given, got 131073 bytes",
    ]);
  });

  test("is taken up to that", () => {
    expect(Object.keys(specOf(holding(131_068)).os_env)).toEqual(["B", "A"]);
  });
});
