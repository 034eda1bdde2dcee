// What a host says goes to the log as text: the runner obeys lines that look like its commands.
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const REPORTER = resolve(import.meta.dirname, "../../../src/action/reporter.ts");

/** What is said of each text. */
function logOf(texts: readonly string[]): string[] {
  const script = `
    import { Reporter } from ${JSON.stringify(REPORTER)};
    const { say } = new Reporter([], null);
    for (const text of ${JSON.stringify(texts)}) say(text);`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" }).split("\n");
}

test("a text in the log is one line, and never a command to the runner", () => {
  const said = [
    ["a\n::error::b\r\n  ::stop-commands::c\rx ##[add-mask]d", "a ::error::b   ::stop-commands::c x ## [add-mask]d"],
    ["::error::x", ": :error::x"],
    ["  \t::error::x", "  \t: :error::x"],
    // Blanks, and ends of lines, of Unicode; the runner trims both.
    ["\u3000\u00a0\u2003::error::x", "   : :error::x"],
    ["\u0085::error::x\u2028::error::y", " : :error::x ::error::y"],
    // What its comparisons pass over.
    ["\u200b\u180e\ufeff\u202e\0::error::x", ": :error::x"],
    [":\u00ad:error::x", ": :error::x"],
    ["x #\u200d#\u2060[error]y", "x ## [error]y"],
    ["\u001b[31m::error::x", ": :error::x"],
  ];
  expect(logOf(said.map(([text = ""]) => text))).toEqual([...said.map(([, line]) => line), ""]);
});
