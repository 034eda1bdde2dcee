// What a host says goes to the log as text: the runner obeys lines that look like its commands.
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const REPORTER = resolve(import.meta.dirname, "../../../src/action/reporter.ts");

const logOf = (text: string): string[] => {
  const script = `import { Reporter } from ${JSON.stringify(REPORTER)}; new Reporter((it) => it, null).say(${JSON.stringify(text)});`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" }).split("\n");
};

test("a line in the log is never a command to the runner", () => {
  const lines = logOf("a\n::error::b\r\n  ::stop-commands::c\rx ##[add-mask]d");
  expect(lines.filter((line) => /^\s*::|##\[/.test(line))).toEqual([]);
  expect(lines.map((line) => line.replaceAll("\u200b", ""))).toEqual([
    "a",
    "::error::b",
    "  ::stop-commands::c",
    "x ##[add-mask]d",
    "",
  ]);
});
