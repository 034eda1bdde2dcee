// Files that were made to hurt: each is refused, or taken, in a time that grows with its size only, and without a crash. All are as
// large as a file may be, so that anything quadratic would not end before the test's own limit.
import { describe, expect, test } from "vitest";
import { MAX_FILE_BYTES } from "../../../src/spec/file-text.ts";
import { parseApp, parseBytes, told } from "./reading.ts";

const filled = (text: string, end = ""): string =>
  text.repeat(Math.floor((MAX_FILE_BYTES - end.length - 100) / text.length)) + end;

const counted = (begin: string, item: (index: number) => string, end: string): string => {
  const parts = [begin];
  for (let [index, length] = [0, begin.length]; length < MAX_FILE_BYTES - 200; index++) {
    const next = item(index);
    parts.push(next);
    length += next.length;
  }
  return parts.join("") + end;
};

const HEAD = 'name: a\nversion: "1"\n';

/** The first thing said of a file, and that no more is said than somebody reads. */
function firstOf(file: string, text: string): string {
  const { problems, warnings } = parseApp(file, text);
  expect(problems.length + warnings.length).toBeLessThanOrEqual(200);
  return told([...problems, ...warnings])[0] ?? "nothing";
}

describe("a hostile file", () => {
  test.each([
    ["of many keys", counted("", (i) => `k${i}: 1\n`, ""), "missing_field app.yaml:1:1 name is missing"],
    ["of many keys in braces", counted("{", (i) => `k${i}: 1,`, "}"), "missing_field app.yaml:1:1 name is missing"],
    [
      "of many unknown keys",
      counted(HEAD, (i) => `retan${i}: 1\n`, ""),
      "unknown_field app.yaml:3:1 retan0 is not a field Beamline knows; did you mean retain?",
    ],
    ["of one key again and again", filled("a: 1\n"), 'invalid_syntax app.yaml:2:1 "a" is there twice'],
    ["of brackets", filled("["), /^invalid_syntax app\.yaml:1:\d+ nested deeper than 64 levels$/],
    ["of braces", filled("{"), /^invalid_syntax app\.yaml:1:\d+ nested deeper than 64 levels$/],
    ["of dashes", filled("- "), /^invalid_syntax app\.yaml:1:\d+ /],
    ["of question marks", filled("? "), /^invalid_syntax app\.yaml:1:\d+ /],
    [
      "of maps in maps",
      Array.from({ length: 600 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
      /^invalid_syntax app\.yaml:\d+:\d+ nested deeper than 64 levels$/,
    ],
    ["of anchors", filled("- &a x\n"), /^invalid_value app\.yaml:1:1 the file must be a map, got \[/],
    [
      "of aliases of aliases",
      `a: &a [x, x, x]\n${counted("", (i) => `b${i}: &b${i} [*${i === 0 ? "a" : `b${i - 1}`}, *a, *a]\n`, "")}`,
      "invalid_syntax app.yaml:2:10 YAML aliases are not allowed here; write the value out",
    ],
    [
      "that merges itself",
      `a: &a {b: 1}\n<<: *a\n`,
      "invalid_syntax app.yaml:2:1 YAML's merging (<<) is not allowed here; write the values out",
    ],
    ["of punctuation", filled("]}:, - ? & * ! | > ' \" % @ `"), /^invalid_syntax app\.yaml:1:1 /],
    ["of one long line", `name: ${filled("a")}`, "invalid_value app.yaml:1:7 name must be at most 100 characters"],
    ["of an open quote", `name: "${filled("a\\n")}`, /^invalid_syntax app\.yaml:1:\d+ Missing closing "quote$/],
    [
      "of wrong values",
      `${HEAD}depends_on: [${filled("1,")}1]\n`,
      "invalid_value app.yaml:3:14 depends_on.0 must be text, got the number 1",
    ],
    ["of tabs", filled("\t"), "invalid_value app.yaml:1:1 the file must be a map, got null"],
    [
      "with a prototype as a key",
      `${HEAD}__proto__: {polluted: true}\n`,
      'invalid_syntax app.yaml:3:1 "__proto__" can\'t be a key',
    ],
  ])("in YAML %s", (_, text, said) => {
    const first = firstOf("app.yaml", text);
    if (typeof said === "string") expect(first.slice(0, said.length)).toBe(said);
    else expect(first).toMatch(said);
  });

  test.each([
    ["of many keys", counted("{", (i) => `"k${i}":1,`, '"z":1}'), "missing_field app.json:1:1 name is missing"],
    ["of brackets", filled("["), /nested deeper than 64 levels$/],
    [
      "of a key given twice",
      '{"name": "a", "version": "1",\n "name": "b"}',
      'invalid_syntax app.json:2:2 "name" is there twice',
    ],
  ])("in JSON %s", (_, text, said) => {
    expect(firstOf("app.json", text)).toMatch(said);
  });

  test.each([
    ["of many keys", counted("#{", (i) => `k${i} => 1,`, "z => 1}."), "missing_field app.config:1:1 name is missing"],
    ["of brackets", filled("["), "nested deeper than 64 levels"],
    ["of maps", filled("#{"), "nested deeper than 64 levels"],
    ["of an open string", `"${filled("a")}`, "a string begins here and has no closing"],
    ["of strings", filled('"a" '), "a term ends with a dot"],
    ["of digits", filled("1"), "an integer may have 1,000 digits at most"],
    ["of terms", filled("a. "), "a second term"],
    ["of bytes", `<<${filled("1,")}1>>.`, "the file must be a map"],
    ["of comments", filled("%"), "there is no term"],
    ["of variables", filled("A. "), "A is a variable"],
    ["of a key given twice", '#{name => a, version => <<"1">>, name => b}.', "name"],
    ["that calls a function", '#{name => a, version => os:cmd("id")}.', /^invalid_syntax app\.config:1:\d+ /],
  ])("in Erlang terms %s", (_, text, said) => {
    expect(firstOf("app.config", text)).toMatch(said);
  });
});

describe("bytes that are no text", () => {
  const sentenceOf = (bytes: number[]): string => {
    const { problems } = parseBytes("app.yaml", Uint8Array.from(bytes));
    return told(problems)[0] ?? "nothing";
  };
  const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));

  test.each<[string, number[], string]>([
    ["a byte of Latin-1", [...ascii("name: a\nversion: "), 0xe9], "2:10 the file is not UTF-8 here; save it as UTF-8"],
    ["half a character", [...ascii("a: "), 0xc3], "1:4 the file is not UTF-8 here; save it as UTF-8"],
    ["UTF-16", [0xff, 0xfe, ...ascii("a")], "1:1 the file is not UTF-8 here; save it as UTF-8"],
    ["a surrogate", [...ascii("a: "), 0xed, 0xa0, 0x80], "1:4 the file is not UTF-8 here; save it as UTF-8"],
    [
      "a wrong byte after a replacement character that is written",
      [...ascii("a: "), 0xef, 0xbf, 0xbd, 0xff],
      "1:5 the file is not UTF-8 here; save it as UTF-8",
    ],
    ["a NUL byte", ascii("a: 1\nb: \0"), "2:4 the file contains a NUL byte"],
  ])("such as %s are refused at their place", (_, bytes, sentence) => {
    expect(sentenceOf(bytes)).toBe(`invalid_syntax app.yaml:${sentence}`);
  });

  test("are not a byte order mark, nor line ends of Windows", () => {
    const text = '\uFEFFname: a\r\nversion: "1"\r\nretain: 0\r\n';
    expect(firstOf("app.yaml", text)).toBe("invalid_value app.yaml:3:9 retain must be 1..100, got the number 0");
    expect(firstOf("app.config", '\uFEFF#{name => a,\r\n version => "1",\r\n retain => 0}.\r\n')).toBe(
      "invalid_value app.config:3:12 retain must be 1..100, got the number 0",
    );
  });
});
