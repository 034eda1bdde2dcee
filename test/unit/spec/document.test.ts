import { describe, expect, test } from "vitest";
import { placeOf } from "../../../src/core/problem.ts";
import { type Path, type SpecDocument, Tagged } from "../../../src/spec/document.ts";
import { parseFile } from "../../../src/spec/parse-file.ts";
import { told } from "./reading.ts";

function documentOf(text: string): SpecDocument {
  const parsed = parseFile("app.yaml", new TextEncoder().encode(text));
  if ("problems" in parsed) throw new Error(told(parsed.problems).join("\n"));
  return parsed.document;
}

/** A file's value; its maps have no prototype, which JSON does not see. */
const valueIn = (text: string): unknown => JSON.parse(JSON.stringify(documentOf(text).value));

function placesOfErrors(text: string): string[] {
  const parsed = parseFile("app.yaml", new TextEncoder().encode(text));
  return "problems" in parsed ? parsed.problems.map(({ where }) => placeOf(where)) : [];
}

function refusal(text: string): string[] {
  const parsed = parseFile("app.yaml", new TextEncoder().encode(text));
  return "problems" in parsed ? told(parsed.problems) : [];
}

const YAML = `# a comment
name: counter
env:
  pools:
    - size: 10
    - {size: 20, names: [a, "b", !atom c]}
  text: |
    two
    lines
empty:
`;

const JSON_FILE = `{
  "name": "counter",
  "env": {"pools": [{"size": 10},
                    {"size": 20}]}
}
`;

describe("the place of a value", () => {
  test.each<[Path, string]>([
    [["name"], "2:7"],
    [["env"], "4:3"],
    [["env", "pools"], "5:5"],
    [["env", "pools", 0], "5:7"],
    [["env", "pools", 0, "size"], "5:13"],
    [["env", "pools", 1, "size"], "6:14"],
    [["env", "pools", 1, "names", 1], "6:29"],
    [["env", "pools", 1, "names", 2], "6:40"],
    [["env", "text"], "7:9"],
  ])("%j in YAML is line and column %s", (path, place) => {
    expect(placeOf(documentOf(YAML).at(path))).toBe(`app.yaml:${place}`);
  });

  test.each<[Path, string]>([
    [["name"], "2:11"],
    [["env", "pools", 0, "size"], "3:30"],
    [["env", "pools", 1], "4:21"],
    [["env", "pools", 1, "size"], "4:30"],
  ])("%j in JSON is line and column %s", (path, place) => {
    expect(placeOf(documentOf(JSON_FILE).at(path))).toBe(`app.yaml:${place}`);
  });

  test.each<[Path, string, string]>([
    [["env", "pools", 1, "nothing", "deeper"], "6:7", "the map it would stand in"],
    [["env", "pools", 7], "5:5", "the list that is too short"],
    [["name", "first"], "2:7", "the text that is no map"],
    [["version"], "2:1", "the whole file"],
  ])("%j that is missing is %s, %s", (path, place) => {
    const document = documentOf(YAML);
    expect(placeOf(document.at(path))).toBe(`app.yaml:${place}`);
    expect(placeOf(document.atKey(path))).toBe(`app.yaml:${place}`);
  });

  test("names its path", () => {
    expect(documentOf(YAML).at(["env", "pools", 1, "size"]).path).toBe("env.pools.1.size");
  });

  test("does not depend on how lines end", () => {
    const document = documentOf(YAML.replaceAll("\n", "\r\n"));
    expect(placeOf(document.at(["env", "pools", 1, "size"]))).toBe("app.yaml:6:14");
    expect(valueIn("a: 1\r\nb: x\r\n")).toEqual({ a: 1, b: "x" });
  });
});

describe("the place of a key", () => {
  test.each<[Path, string]>([
    [["name"], "2:1"],
    [["env"], "3:1"],
    [["env", "pools"], "4:3"],
    [["env", "pools", 1, "names"], "6:18"],
    [["empty"], "10:1"],
  ])("%j is line and column %s", (path, place) => {
    expect(placeOf(documentOf(YAML).atKey(path))).toBe(`app.yaml:${place}`);
  });
});

describe("a file that is no YAML", () => {
  test("has every mistake told at its place", () => {
    expect(placesOfErrors('a: {x: 1, x: 2}\nb: "\\q"\na: 3\n')).toEqual([
      "app.yaml:1:11",
      "app.yaml:2:5",
      "app.yaml:3:1",
    ]);
  });

  test.each([
    ["a key given twice", "a: 1\nb:\n  c: 1\n  c: 2\n", 'invalid_syntax app.yaml:4:3 "c" is there twice'],
    ["a tab for indentation", "a:\n\t- b\n", "invalid_syntax app.yaml:2:1 Tabs are not allowed as indentation"],
    [
      "an alias",
      "a: &x 1\nb: [1, *x]\n",
      "invalid_syntax app.yaml:2:8 YAML aliases are not allowed here; write the value out",
    ],
    [
      "a merge key",
      "a: &x {b: 1}\nc:\n  <<: *x\n",
      "invalid_syntax app.yaml:3:3 YAML's merging (<<) is not allowed here; write the values out",
    ],
    ["an unknown tag", "a: 1\nb: !foo c\n", "invalid_syntax app.yaml:2:4 Unresolved tag: !foo"],
    ["a tag on the wrong kind of value", "a: !atom [b]\n", "invalid_syntax app.yaml:1:4 Unresolved tag: !atom"],
    ["a list as a key", "a: 1\n? [b]\n: 2\n", "invalid_syntax app.yaml:2:3 a key must be a word"],
    ["a key of JavaScript's own", "a: {__proto__: 1}\n", 'invalid_syntax app.yaml:1:5 "__proto__" can\'t be a key'],
    [
      "a key that would tear a message apart",
      '"x\\n::error::y": 1\n',
      'invalid_syntax app.yaml:1:1 "x\\n::error::y" can\'t be a key',
    ],
    ["a tag of YAML's", "a: !!binary aGk=\n", "invalid_syntax app.yaml:1:13 !!binary is no tag that a spec may have"],
    ["a NUL byte", "a: \0\n", "invalid_syntax app.yaml:1:4 the file contains a NUL byte"],
  ])("because of %s, says so", (_, text, sentence) => {
    expect(refusal(text)).toEqual([sentence]);
  });

  test("because it holds two documents, says so where the second begins", () => {
    expect(placesOfErrors("a: 1\n---\nb: 2\n")).toEqual(["app.yaml:2:1"]);
  });

  test("in a place after another, says the right line", () => {
    expect(placesOfErrors("#\n a\nb: 1\nc: |\n  d\n  e\nf: [1, }\n").at(-1)).toMatch(/^app\.yaml:[78]:/);
  });

  test("all over, names no more than a person reads", () => {
    expect(placesOfErrors("[".repeat(100_000)).length).toBeLessThanOrEqual(20);
    expect(refusal("[".repeat(100_000))[0]).toMatch(/ nested deeper than 64 levels$/);
  });

  test("because it is too large, says how large it may be", () => {
    expect(refusal(`a: ${"é".repeat(125_000)}`)).toHaveLength(1);
    const big = (bytes: number): string => `a: ${"x".repeat(bytes - 3)}`;
    expect(refusal(big(250_001))).toEqual(["invalid_syntax app.yaml:1:1 the file is larger than 250000 bytes"]);
    expect(refusal(big(250_000))).toEqual([]);
  });

  test("because it is nested too deep, says where that begins", () => {
    const nested = (depth: number): string => `a: ${"[".repeat(depth)}${"]".repeat(depth)}\n`;
    expect(refusal(nested(64))).toEqual([]);
    expect(refusal(nested(65))).toEqual(["invalid_syntax app.yaml:1:68 nested deeper than 64 levels"]);
    // So deep that a recursive reader runs out of stack: refused, not thrown.
    for (const text of [nested(50_000), "- ".repeat(20_000), `${"{a: ".repeat(20_000)}`])
      expect(refusal(text)[0]).toMatch(/^invalid_syntax app\.yaml:1:/);
  });
});

describe("a value", () => {
  test.each([
    ["text", "a: plain text\nb: 'it''s'\nc: \"\\u00e9\"\n", { a: "plain text", b: "it's", c: "é" }],
    ["numbers", "a: 42\nb: -1.5\nc: 0x1F\n", { a: 42, b: -1.5, c: 31 }],
    ["words that YAML 1.1 took for booleans", "a: yes\nb: on\nc: y\n", { a: "yes", b: "on", c: "y" }],
    [
      "true, false and null",
      "a: true\nb: false\nc: null\nd: ~\ne:\n",
      { a: true, b: false, c: null, d: null, e: null },
    ],
    ["a date", "a: 2026-01-31\n", { a: "2026-01-31" }],
    ["JSON", JSON_FILE, { name: "counter", env: { pools: [{ size: 10 }, { size: 20 }] } }],
    ["keys that are no text", "8080: a\ntrue: b\n", { 8080: "a", true: "b" }],
    ["an empty file", "", null],
    ["a file of comments", "# nothing\n\n", null],
  ])("of %s is read", (_, text, value) => {
    expect(valueIn(text)).toEqual(value);
  });

  test.each([
    ["a", "9007199254740991", 9_007_199_254_740_991],
    ["a", "-9007199254740991", -9_007_199_254_740_991],
    ["a", "9007199254740992", 9_007_199_254_740_992n],
    ["a", "-9007199254740992", -9_007_199_254_740_992n],
    ["a", "123456789012345678901234567890", 123_456_789_012_345_678_901_234_567_890n],
  ])("%s: %s keeps all its digits", (key, digits, value) => {
    expect(documentOf(`${key}: ${digits}\n`).value).toEqual({ [key]: value });
    expect(documentOf(`{"${key}": ${digits}}`).value).toEqual({ [key]: value });
  });

  test.each([
    ["1.0", new Tagged("float", 1)],
    ["1e3", new Tagged("float", 1000)],
    ["-0.0", new Tagged("float", -0)],
    ["1.5", 1.5],
    ["1", 1],
    ["!atom ok", new Tagged("atom", "ok")],
    ["!atom 'two words'", new Tagged("atom", "two words")],
    ["!atom true", new Tagged("atom", "true")],
    ["!charlist 42", new Tagged("charlist", "42")],
    ["!charlist ''", new Tagged("charlist", "")],
    ["!tuple [a, !atom b, !tuple []]", new Tagged("tuple", ["a", new Tagged("atom", "b"), new Tagged("tuple", [])])],
    ["!tuple\n  - a\n  - 2.0\n", new Tagged("tuple", ["a", new Tagged("float", 2)])],
  ])("written %j keeps its Erlang type", (written, value) => {
    expect(documentOf(`a: ${written}\n`).value).toStrictEqual(Object.assign(Object.create(null), { a: value }));
  });

  test("named constructor is a value like any other", () => {
    const { value, at } = documentOf("constructor: {x: 1}\ntoString: 2\n");
    expect(Object.entries(value as object).map(([key]) => key)).toEqual(["constructor", "toString"]);
    expect(placeOf(at(["constructor", "x"]))).toBe("app.yaml:1:18");
  });

  test("has its place, whatever stands in its key", () => {
    const { at } = documentOf("a/b: 1\na: {b: 2}\n");
    expect([placeOf(at(["a/b"])), placeOf(at(["a", "b"]))]).toEqual(["app.yaml:1:6", "app.yaml:2:8"]);
  });

  test("of YAML may follow a byte order mark, too", () => {
    const document = documentOf("\uFEFFa: 1\nb: 2\n");
    expect([placeOf(document.at(["a"])), placeOf(document.at(["b"]))]).toEqual(["app.yaml:1:4", "app.yaml:2:4"]);
  });

  test("may follow a byte order mark", () => {
    const document = documentOf(`\uFEFF${JSON_FILE}`);
    expect(document.value).toEqual(documentOf(JSON_FILE).value);
    expect(placeOf(document.at(["name"]))).toBe("app.yaml:2:11");
  });
});
