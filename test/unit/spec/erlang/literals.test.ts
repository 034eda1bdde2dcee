import { describe, expect, test } from "vitest";
import type { ErlangTerm } from "../../../../src/spec/erlang-term.ts";
import { termOf, termsOf } from "./reading.ts";

const integers = (...values: number[]): ErlangTerm[] => values.map((it) => ({ integer: String(it) }));

describe("a literal is read:", () => {
  test.each<[string, string, ErlangTerm]>([
    ["a plain atom", "ok", { atom: "ok" }],
    ["one with all that may follow its first letter", "aB_9@ñÅ", { atom: "aB_9@ñÅ" }],
    ["one of Latin-1 letters", "ßøÿ", { atom: "ßøÿ" }],
    ["a quoted atom", "'Elixir.Shop'", { atom: "Elixir.Shop" }],
    ["an empty one", "''", { atom: "" }],
    ["a reserved word in quotes", "'if'", { atom: "if" }],
    ["one of wide characters", "'世🎺'", { atom: "世🎺" }],
    ["one over two lines", "'a\nb'", { atom: "a\nb" }],
    ["an atom of 255 wide characters", `'${"🎺".repeat(255)}'`, { atom: "🎺".repeat(255) }],

    ["a string", '"abc"', { charlist: "abc" }],
    ["an empty string", '""', { charlist: "" }],
    ["strings that follow each other", '"a" "b"\n%c\n"c"', { charlist: "abc" }],
    ["a string of several lines", '"a\r\n b"', { charlist: "a\r\n b" }],
    ["a dot in a string", '"a. b."', { charlist: "a. b." }],
    ["a % in a string", '"100% a"', { charlist: "100% a" }],
    ["the escapes with a name", String.raw`"\b\d\e\f\n\r\s\t\v"`, { charlist: "\b\x7f\x1b\f\n\r \t\v" }],
    ["the escapes of what has a meaning", String.raw`"\'\"\\"`, { charlist: "'\"\\" }],
    ["escapes of what has none", String.raw`"\q\8\世\🎺"`, { charlist: "q8世🎺" }],
    ["an escaped line end", '"a\\\nb"', { charlist: "a\nb" }],
    ["octal escapes", String.raw`"\0\12\1234\777\78"`, { charlist: "\0\nS4\u01ff\x078" }],
    ["hex escapes of two digits", String.raw`"\x41\xe9f"`, { charlist: "Aéf" }],
    ["hex escapes in braces", String.raw`"\x{1F3BA}\x{a}\x{000000000041}"`, { charlist: "🎺\nA" }],
    ["control characters", String.raw`"\^@\^a\^Z\^[\^\\^]\^^\^_"`, { charlist: "\0\x01\x1a\x1b\x1c\x1d\x1e\x1f" }],
    ["the same in an atom", String.raw`'\n\x{e9}\'\"'`, { atom: "\né'\"" }],

    ["an integer", "42", { integer: "42" }],
    ["leading zeros", "007", { integer: "7" }],
    ["underscores", "1_000_000", { integer: "1000000" }],
    ["a negative integer", "-1", { integer: "-1" }],
    ["a positive one", "+1", { integer: "1" }],
    ["a sign and its number apart", "- % so\n 1", { integer: "-1" }],
    ["minus zero, which is zero", "-0", { integer: "0" }],
    ["base 2", "2#1010", { integer: "10" }],
    ["base 16, in both cases", "16#fF", { integer: "255" }],
    ["base 36", "-36#zZ", { integer: "-1295" }],
    ["underscores in both parts", "1_6#f_f", { integer: "255" }],
    ["many digits of base 7", `7#${"6".repeat(25)}`, { integer: String(7n ** 25n - 1n) }],
    ["a thousand digits", "9".repeat(1000), { integer: "9".repeat(1000) }],

    ["a float", "1.5", { float: 1.5 }],
    ["a whole float", "1.0", { float: 1 }],
    ["minus zero, which is another", "-0.0", { float: -0 }],
    ["an exponent", "1.0e5", { float: 100_000 }],
    ["a signed exponent", "1.5E-7", { float: 1.5e-7 }],
    ["an exponent with a plus", "-2.5e+3", { float: -2500 }],
    ["underscores in all parts", "1_0.2_5e1_0", { float: 10.25e10 }],
    ["the largest", "1.7976931348623157e308", { float: Number.MAX_VALUE }],
    ["the smallest", "5.0e-324", { float: 5e-324 }],
    ["one that is smaller", "1.0e-999", { float: 0 }],

    ["a character", "$a", { integer: "97" }],
    ["a space", "$ ", { integer: "32" }],
    ["a character with a meaning", "[$$,$',$\",$,,$.]", { list: integers(36, 39, 34, 44, 46) }],
    ["a wide one", "$🎺", { integer: String(0x1f3ba) }],
    ["escaped ones", String.raw`[$\n,$\\,$\s,$\x{41},$\101,$\^a,$\']`, { list: integers(10, 92, 32, 65, 65, 1, 39) }],
    ["a signed one", "-$a", { integer: "-97" }],
    ["a line end", "$\n", { integer: "10" }],
  ])("%s", (_, text, term) => {
    expect(termOf(text)).toStrictEqual(term);
  });
});

describe("a collection is read:", () => {
  test.each<[string, string, ErlangTerm]>([
    ["an empty tuple", "{ }", { tuple: [] }],
    ["a tuple", "{a, {1}, []}", { tuple: [{ atom: "a" }, { tuple: integers(1) }, { list: [] }] }],
    ["an empty list", "[]", { list: [] }],
    ["a list", "[1, [2]]", { list: [...integers(1), { list: integers(2) }] }],
    ["a list and the rest of it", "[1,2|[3|[4|[]]]]", { list: integers(1, 2, 3, 4) }],
    ["a list whose rest is a string", '[$a|"bé"]', { list: integers(97, 98, 233) }],
    ["a list whose rest is an empty string", '[1|""]', { list: integers(1) }],
    ["an empty map", "#{}", { map: [] }],
    [
      "a map, in the order of the file",
      '# {b => 1, "a" => #{}}',
      {
        map: [
          [{ atom: "b" }, { integer: "1" }],
          [{ charlist: "a" }, { map: [] }],
        ],
      },
    ],
    [
      "keys that are equal for JavaScript or in print, and not for Erlang",
      '#{1 => a, 1.0 => a, a => a, "a" => a, <<"a">> => a, <<233>> => a, {} => a, [] => a, #{} => a, {1} => a, \'1\' => a}',
      {
        map: [
          { integer: "1" },
          { float: 1 },
          { atom: "a" },
          { charlist: "a" },
          { binary: "a" },
          { bytes: "e9" },
          { tuple: [] },
          { list: [] },
          { map: [] },
          { tuple: integers(1) },
          { atom: "1" },
        ].map((key): [ErlangTerm, ErlangTerm] => [key, { atom: "a" }]),
      },
    ],
    ["64 levels", `${"[".repeat(64)}1${"]".repeat(64)}`, nested(64)],
  ])("%s", (_, text, term) => {
    expect(termOf(text)).toStrictEqual(term);
  });

  function nested(levels: number): ErlangTerm {
    return levels === 0 ? { integer: "1" } : { list: [nested(levels - 1)] };
  }
});

describe("a binary is read:", () => {
  test.each<[string, string, ErlangTerm]>([
    ["an empty one", "<< >>", { binary: "" }],
    ["an empty string", '<<"">>', { binary: "" }],
    ["a string of ASCII", '<<"abc">>', { binary: "abc" }],
    ["a string of Latin-1, which is no UTF-8", '<<"é">>', { bytes: "e9" }],
    ["a string in UTF-8", '<<"é世🎺"/utf8>>', { binary: "é世🎺" }],
    ["strings that follow each other", '<<"a" "é"/utf8>>', { binary: "aé" }],
    ["escapes", String.raw`<<"\x{e9}\n"/utf8>>`, { binary: "é\n" }],
    ["bytes", "<<1,2,255>>", { bytes: "0102ff" }],
    ["bytes that are UTF-8", "<<195,169>>", { binary: "é" }],
    ["bytes that are the UTF-8 of U+FFFF, which no text may hold", "<<16#ffff/utf8>>", { bytes: "efbfbf" }],
    ["a byte order mark", "<<239,187,191>>", { binary: "\ufeff" }],
    ["characters", "<<$a,$é/utf8,16#20ac/utf8>>", { binary: "aé€" }],
    ["signs", "<<-1,+1,- 2>>", { bytes: "ff01fe" }],
    ["sizes", "<<16#ff:8, 1:16, -1:24, 0:0>>", { bytes: "ff0001ffffff" }],
    ["byte orders", "<<1:16/little,1:16/big,16#abc:16/little>>", { bytes: "01000001bc0a" }],
    ["types that change nothing", "<<200:8/integer-unsigned-big,-1:8/signed>>", { bytes: "c8ff" }],
    ["units", "<<255:2/unit:8-little,1:16/unit:1>>", { bytes: "ff000001" }],
    ["parts of bytes", "<<1:3,2:5,16#bcd:12/little,16#e:4>>", { binary: '"\u037e' }],
    ["a little-endian part between others", "<<-1:4,16#12345:20/little>>", { bytes: "f45231" }],
    ["strings with a size", '<<"ab":16/little,"Ā":16>>', { binary: "a\0b\0\x01\0" }],
    ["all mixed", '<<"a",98,"é"/utf8,0:8>>', { binary: "abé\0" }],
  ])("%s", (_, text, term) => {
    expect(termOf(text)).toStrictEqual(term);
  });
});

describe("a text is read:", () => {
  test.each<[string, string, ErlangTerm[]]>([
    ["nothing", "", []],
    ["white space and comments", " \t\r\n% a. b\n\u0085\u00a0\x01%", []],
    [
      "several terms, in their order",
      "a.\n1.0.\t{}.%\n[].",
      [{ atom: "a" }, { float: 1 }, { tuple: [] }, { list: [] }],
    ],
    ["an integer and its dot", "1.", [{ integer: "1" }]],
    ["a dot, a comment and no line end", "a.%b", [{ atom: "a" }]],
    ["comments within a term", "{a, % {b,\n c}.", [{ tuple: [{ atom: "a" }, { atom: "c" }] }]],
    ["a comment of any characters", "% \ufeff世🎺\na.", [{ atom: "a" }]],
    ["a comment that says utf-8", "%% coding: utf-8\na.", [{ atom: "a" }]],
    ["a comment that says latin-1 of ASCII", "%% coding: latin-1\na.", [{ atom: "a" }]],
    ["a comment that says latin-1 where nobody looks", "\n\n%% coding: latin-1\nä.", [{ atom: "ä" }]],
  ])("%s", (_, text, terms) => {
    expect(termsOf(text)).toStrictEqual(terms);
  });
});
