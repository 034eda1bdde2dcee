import { describe, expect, test } from "vitest";
import { Tagged } from "../../../src/spec/document.ts";
import { type ErlangTerm, formatTerm, termOfValue } from "../../../src/spec/erlang-term.ts";

/** A word of the fixture: U+00FC, U+4E16 and U+1F3BA are one, one and two JavaScript characters. */
const WIDE = "ü世🎺";

describe("the term of a value", () => {
  test.each<[string, unknown, ErlangTerm]>([
    ["text is a binary", "abc", { binary: "abc" }],
    ["empty text is an empty binary", "", { binary: "" }],
    ["true is an atom", true, { atom: "true" }],
    ["false is an atom", false, { atom: "false" }],
    ["null is an atom", null, { atom: "null" }],
    ["a whole number is an integer", 42, { integer: "42" }],
    ["a large whole number is an integer in digits", 1e21, { integer: "1000000000000000000000" }],
    ["a big integer keeps its digits", 12345678901234567890n, { integer: "12345678901234567890" }],
    ["a broken number is a float", -1.5, { float: -1.5 }],
    ["1.0 is a float", new Tagged("float", 1), { float: 1 }],
    ["a list is a list", [1, "a"], { list: [{ integer: "1" }, { binary: "a" }] }],
    ["an empty list is a list", [], { list: [] }],
    ["!atom is an atom", new Tagged("atom", "ok"), { atom: "ok" }],
    ["!charlist is a charlist", new Tagged("charlist", "abc"), { charlist: "abc" }],
    ["!tuple is a tuple", new Tagged("tuple", ["a", 1]), { tuple: [{ binary: "a" }, { integer: "1" }] }],
    ["an empty map is a map", {}, { map: [] }],
    [
      "a map has atoms as keys, in an order of its own",
      { size: 10, "": null, __name: { b: [] } },
      {
        map: [
          [{ atom: "" }, { atom: "null" }],
          [{ atom: "__name" }, { map: [[{ atom: "b" }, { list: [] }]] }],
          [{ atom: "size" }, { integer: "10" }],
        ],
      },
    ],
  ])("%s", (_, value, term) => {
    expect(termOfValue(value)).toStrictEqual(term);
  });

  const long = "a".repeat(256);
  test.each<[string, unknown, string, (string | number)[]]>([
    ["infinity", Number.POSITIVE_INFINITY, "the number Infinity", []],
    ["what is no number", Number.NaN, "the number NaN", []],
    ["infinity deep in a value", { a: [1, { b: -Infinity }] }, "the number -Infinity", ["a", 1, "b"]],
    ["an atom that is too long", new Tagged("atom", long), "an atom of more than 255 characters", []],
    [
      "such an atom in a tuple",
      new Tagged("tuple", [new Tagged("atom", long)]),
      "an atom of more than 255 characters",
      [0],
    ],
    ["a key that is too long", { a: { [long]: 1 } }, "an atom of more than 255 characters", ["a", long]],
    ["half a character", ["\ud83c"], "text with half a character", [0]],
    ["what Erlang refuses in text", new Tagged("charlist", "\ufffe"), "text with U+FFFE or U+FFFF", []],
  ])("does not exist for %s", (_, value, error, path) => {
    expect(termOfValue(value)).toEqual({ error, path });
  });

  test("may be an atom of 255 characters, however many bytes each takes", () => {
    for (const atom of ["a".repeat(255), "🎺".repeat(255)])
      expect(termOfValue(new Tagged("atom", atom))).toEqual({ atom });
    expect(termOfValue(new Tagged("atom", "🎺".repeat(256)))).toHaveProperty("error");
  });
});

describe("the text of", () => {
  test.each<[string, ErlangTerm, string]>([
    ["a plain atom", { atom: "ok_1@Node" }, "ok_1@Node"],
    ["an atom that begins with a capital", { atom: "Elixir.Shop" }, "'Elixir.Shop'"],
    ["an atom with a dot", { atom: "a.b" }, "'a.b'"],
    ["an atom that begins with a digit", { atom: "1a" }, "'1a'"],
    ["an atom that begins with an underscore", { atom: "_a" }, "'_a'"],
    ["the empty atom", { atom: "" }, "''"],
    ["an atom with quotes", { atom: `it's "so" \\` }, String.raw`'it\'s "so" \\'`],
    ["an atom of wide characters", { atom: WIDE }, String.raw`'\x{fc}\x{4e16}\x{1f3ba}'`],
    ["a binary", { binary: "abc" }, `<<"abc"/utf8>>`],
    ["an empty binary", { binary: "" }, "<<>>"],
    ["a binary with quotes", { binary: `it's "so" \\` }, String.raw`<<"it's \"so\" \\"/utf8>>`],
    ["a binary of wide characters", { binary: WIDE }, String.raw`<<"\x{fc}\x{4e16}\x{1f3ba}"/utf8>>`],
    ["control characters", { binary: "\0\t\r\n\x7f~" }, String.raw`<<"\x{0}\x{9}\x{d}\x{a}\x{7f}~"/utf8>>`],
    ["a binary that is no text", { bytes: "01ff00" }, "<<1,255,0>>"],
    ["no bytes", { bytes: "" }, "<<>>"],
    ["a charlist", { charlist: `a"${WIDE}` }, String.raw`"a\"\x{fc}\x{4e16}\x{1f3ba}"`],
    ["an empty charlist", { charlist: "" }, `""`],
    ["an integer", { integer: "-12345678901234567890" }, "-12345678901234567890"],
    ["a float", { float: 0.5 }, "0.5"],
    ["a whole float", { float: 1 }, "1.0"],
    ["minus zero", { float: -0 }, "-0.0"],
    ["a huge float", { float: 1e300 }, "1.0e+300"],
    ["a tiny float", { float: 1.5e-7 }, "1.5e-7"],
    ["the smallest float", { float: 5e-324 }, "5.0e-324"],
    ["an empty list", { list: [] }, "[]"],
    ["a list", { list: [{ atom: "a" }, { list: [{ integer: "1" }] }] }, "[a,[1]]"],
    ["an empty tuple", { tuple: [] }, "{}"],
    ["a tuple", { tuple: [{ atom: "a" }, { integer: "1" }] }, "{a,1}"],
    ["an empty map", { map: [] }, "#{}"],
    [
      "a map",
      {
        map: [
          [{ atom: "a" }, { integer: "1" }],
          [{ atom: "b c" }, { map: [] }],
        ],
      },
      "#{a => 1,'b c' => #{}}",
    ],
  ])("%s", (_, term, text) => {
    expect(formatTerm(term)).toBe(text);
  });

  test.each(["after", "and", "begin", "case", "cond", "div", "else", "end", "fun", "if", "let", "maybe", "not", "xor"])(
    "the atom %s, a keyword of Erlang, is quoted",
    (word) => {
      expect(formatTerm({ atom: word })).toBe(`'${word}'`);
    },
  );
});
