import { describe, expect, test } from "vitest";
import { block, code, cutToBytes, literal, table } from "../../../src/report/markdown.ts";

const bytes = (text: string): number => Buffer.byteLength(text);

/** What a browser shows of a text: the character references that literal() writes, read back. */
const shown = (markdown: string): string =>
  markdown.replace(/&#(\d+);/g, (_, number: string) => String.fromCharCode(Number(number))).replaceAll("\u200b", "");

const HOSTILE = [
  "a | b",
  "|",
  "`code`",
  "<img src=x onerror=alert(1)>",
  "<!-- -->",
  "</td></table>",
  "@everyone",
  "@acme/admins",
  "#1",
  "[x](javascript:alert(1))",
  "![x](https://evil.example/pixel.png)",
  "<https://evil.example>",
  "https://evil.example",
  "*bold* _it_ ~~gone~~",
  "# heading",
  "- item",
  "> quote",
  "\\| \\",
  "&lt;b&gt;",
  ":tada:",
  "$x^2$",
];

describe("literal text", () => {
  test.each(HOSTILE)("has no character left that Markdown gives a meaning: %j", (text) => {
    const markdown = literal(text);
    expect(markdown.replace(/&#\d+;/g, "")).not.toMatch(/[\\`*_{}[\]<>()#!|~@:$&]|^[-+>]/);
    expect(shown(markdown)).toBe(text);
  });

  test.each([
    ["line breaks", "a\nb\r\nc", "a b c"],
    ["rows of a table", "a\n| x | y |", "a | x | y |"],
    ["tabs and other breaks", "a\tb\u2028c\vd\f\u00a0e", "a b c d e"],
    ["white space around", "  a  ", "a"],
  ])("keeps to one line: %s", (_, text, line) => {
    expect(shown(literal(text))).toBe(line);
  });

  test.each([
    ["a mention", "@acme/admins"],
    ["an issue", "#12"],
    ["an issue by its other name", "GH-12"],
    ["a page", "www.evil.example"],
  ])("has no sign of %s next to what it would lead to once it is rendered", (_, text) => {
    const rendered = literal(text).replace(/&#(\d+);/g, (_, number: string) => String.fromCharCode(Number(number)));
    expect(rendered).not.toMatch(/[@#]\w|GH-\d|www\.\w/);
  });

  test("keeps words as they are", () => {
    expect(literal("counter 1.0.0 → 1.1.0, größer")).toBe("counter 1.0.0 → 1.1.0, größer");
  });
});

describe("a code span", () => {
  test.each([
    ["plain text", "version", "`version`"],
    ["a pipe", "a|b", "<code>a&#124;b</code>"],
    ["a backquote", "a`b", "<code>a&#96;b</code>"],
    ["what a pipe could hide behind", "a\\|b", "<code>a&#92;&#124;b</code>"],
    ["nothing", " ", ""],
    ["line breaks", "a\n\n# b", "`a # b`"],
    ["HTML and mentions, which are literal there", "<img> @everyone", "`<img> @everyone`"],
  ])("holds %s", (_, text, markdown) => {
    expect(code(text)).toBe(markdown);
  });
});

describe("a block", () => {
  test.each([
    ["plain lines", ["a", "b"], "```"],
    ["no lines", [], "```"],
    ["a fence", ["```", "# out"], "````"],
    ["a longer fence within a line", ["a ````` b"], "``````"],
    ["a fence within a line", ["a ```` b"], "`````"],
  ])("is fenced by more backquotes than stand in %s", (_, lines, fence) => {
    expect(block(lines)).toEqual([fence, ...lines, fence]);
  });

  test("makes one line of a text of several", () => {
    expect(block(["a\n````\u2028b\u0085c"])).toEqual(["`````", "a ```` b c", "`````"]);
  });
});

test("a table has a head, a rule and a row each", () => {
  expect(
    table(
      ["App", "Host"],
      [
        ["counter", "web1"],
        ["api", ""],
      ],
    ),
  ).toEqual(["| App | Host |", "| --- | --- |", "| counter | web1 |", "| api |  |"]);
});

describe("a text cut to a limit", () => {
  const notice = /\n\n… cut here: GitHub's limit is reached\. The job's log has all of it\.\n$/;

  test.each([0, 1, 500])("is whole where it fits, with %d bytes to spare", (spare) => {
    const text = "größer ✅\n".repeat(50);
    expect(cutToBytes(text, bytes(text) + spare)).toBe(text);
  });

  test("says that it was cut, ends with a whole line, and fits", () => {
    const text = Array.from({ length: 500 }, (_, index) => `line ${index} ✅`).join("\n");
    const cut = cutToBytes(text, 2000);
    expect(bytes(cut)).toBeLessThanOrEqual(2000);
    expect(bytes(cut)).toBeGreaterThan(1500);
    expect(cut).toMatch(notice);
    const lines = cut.replace(notice, "").split("\n");
    expect(lines).toEqual(text.split("\n").slice(0, lines.length));
  });

  test("closes a fenced block before it says so", () => {
    const cut = cutToBytes(block(Array.from({ length: 500 }, (_, index) => `line ${index}`)).join("\n"), 2000);
    expect(
      cut
        .replace(notice, "")
        .split("\n")
        .filter((line) => line === "```"),
    ).toHaveLength(2);
  });

  test("keeps what fits of one long line", () => {
    expect(cutToBytes("x".repeat(5000), 2000)).toMatch(/^x{1500,}\n/);
  });

  test.each(["é", "✅", "👩‍🚀", "\u{1F600}"])("never splits a character: %s", (character) => {
    const text = `${character.repeat(3)}\n`.repeat(400);
    for (let limit = 1200; limit < 1240; limit++) {
      const cut = cutToBytes(text, limit);
      expect(bytes(cut)).toBeLessThanOrEqual(limit);
      expect(cut.isWellFormed()).toBe(true);
      expect(new Set(cut.replace(notice, "").split("\n"))).toEqual(new Set([character.repeat(3)]));
    }
  });

  test("says so where one line alone is too long", () => {
    expect(cutToBytes("x".repeat(5000), 1000)).toMatch(notice);
  });
});

test("a block is as long as its fence must be, also around a line of a million backquotes", () => {
  expect(block(["a ```` b"])[0]).toBe("`````");
  expect(block(["` ".repeat(1_000_000)])[0]).toBe("```");
});
