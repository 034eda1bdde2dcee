// Whatever a host, an app, a spec or a pull request says stays text, on its own line, for all to see.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { problem } from "../../src/core/problem.ts";
import { hostileText } from "./hostile-text.ts";
import { isCommand, linesOf, unseenIn } from "./runner.ts";
import { type Shown, shown, type Told } from "./shown.ts";

const told: fc.Arbitrary<Told> = fc
  .record({ text: hostileText, detail: hostileText, tail: fc.array(hostileText, { maxLength: 3 }) })
  .map(({ text, detail, tail }) => ({
    text,
    problems: [
      problem("start_failed", { in: "host", host: text, app: detail }, { detail }, tail),
      problem(
        "invalid_value",
        { in: "spec", file: text, line: 1, column: 1, path: detail },
        { field: detail, expected: text, got: detail },
      ),
    ],
  }));

const everything = ({ log, summary, outputs, checks }: Shown): string[] => [
  log,
  summary,
  outputs,
  ...checks.flatMap(({ name, output }) => [
    name,
    output.title,
    output.summary,
    ...(output.annotations ?? []).flatMap(({ path, title, message }) => [path, title, message]),
  ]),
];

/** Of ours: annotations, which @actions/core writes. */
const OURS = /^::(error|warning) [^:]*::(?=[^\n]*$)/;

describe("whatever is said", () => {
  test("is one line of the log each, no command to the runner, and to be seen as it is on every surface", async () => {
    await fc.assert(
      fc.asyncProperty(told, async (it) => {
        const all = await shown(it);
        const lines = linesOf(all.log);
        expect(lines).toHaveLength(all.said + 1);
        expect(lines.filter((line) => isCommand(line.replace(OURS, "")))).toEqual([]);
        expect(lines.filter((line) => OURS.test(line))).toHaveLength(3);
        for (const text of everything(all)) expect(unseenIn(text)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("makes no markup of a check's title, and none in the progress of a check", async () => {
    await fc.assert(
      fc.asyncProperty(told, async (it) => {
        const { checks } = await shown(it);
        for (const { name, output } of checks) expect(`${name}${output.title}`).not.toMatch(/\n/);
        for (const { output } of checks.slice(0, 2)) {
          expect(output.summary).not.toMatch(/[<>[\]`|*_@]|^[-#+]/m);
          // What is rendered has no mention, issue or address either.
          const rendered = output.summary.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
          expect(rendered).not.toMatch(/[@#]\w|\bGH-\d|\bwww\.\w/i);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("is not longer in a check's title than GitHub takes", async () => {
    const { checks } = await shown({ text: "😀".repeat(400), problems: [] });
    for (const { output } of checks) expect(output.title.length).toBeLessThanOrEqual(250);
    for (const { output } of checks) expect(output.title.isWellFormed()).toBe(true);
  });
});

describe("colours", () => {
  test("are ours alone", async () => {
    const { log } = await shown({ text: "\u001b[32mall is well\u001b[0m", problems: [] });
    const line = linesOf(log).find((it) => it.includes("(cause:")) ?? "";
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
    expect(line.match(/\u001b\[\d+m[^\u001b]*/g)).toEqual(["\u001b[33mupgrade", expect.stringMatching(/^\u001b\[0m /)]);
    expect(linesOf(log)[0]).toBe("all is well");
  });
});
