// Sigils and triple-quoted strings, which erl reads since OTP 27: what the reference manual says of them, and its examples.
import { describe, expect, test } from "vitest";
import type { ErlangTerm } from "../../../../src/spec/erlang-term.ts";
import { refusalsOf, termOf } from "./reading.ts";

const raw = String.raw;

describe("a sigil is read:", () => {
  test.each<[string, string, ErlangTerm]>([
    ["~, a binary with escapes", raw`~"\x{e9}\"\\"`, { binary: 'é"\\' }],
    ["~b, the same", raw`~b"a\tb"`, { binary: "a\tb" }],
    ["~B, a binary without", raw`~B"\x{e9}\"`, { binary: "\\x{e9}\\" }],
    ["~s, a string with escapes", raw`~s"\x{e9}"`, { charlist: "é" }],
    ["~S, a string without", raw`~S"\x{e9}\"`, { charlist: "\\x{e9}\\" }],
    ["wide characters", '~"世🎺"', { binary: "世🎺" }],
    ["nothing", '~""', { binary: "" }],
    ["several lines", "~s(a\nb)", { charlist: "a\nb" }],
    ["within other terms", '{~"a",~s"b"}', { tuple: [{ binary: "a" }, { charlist: "b" }] }],
    ["the example of the manual", raw`~b'"\\µA"'`, { binary: '"\\µA"' }],
    ["the same, verbatim", raw`~B<"\µA">`, { binary: '"\\µA"' }],
  ])("%s", (_, text, term) => {
    expect(termOf(text)).toStrictEqual(term);
  });

  test.each(["()", "[]", "{}", "<>", "//", "||", "''", '""', "``", "##"])(
    "between %s, which ends at the first",
    (pair) => {
      const [open = "", close = ""] = pair;
      expect(termOf(`~s${open}a b${close}`)).toEqual({ charlist: "a b" });
      expect(termOf(`~${open}a\\${close}b${close}`)).toEqual({ binary: `a${close}b` });
      expect(termOf(`~B${open}a\\${close}`)).toEqual({ binary: "a\\" });
    },
  );
});

describe("a triple-quoted string is read:", () => {
  const lines = (...all: string[]): string => all.join("\n");
  test.each<[string, string, ErlangTerm]>([
    [
      "the example of the manual",
      lines('"""', '  Line "1"', '  Line "2"', '  """'),
      { charlist: 'Line "1"\nLine "2"' },
    ],
    [
      "another, with more indentation, escapes that are none, and an empty line",
      lines('"""', "      First line", raw`    Not escaped: "\t \r \xFF" and """`, "", '    """'),
      { charlist: lines("  First line", raw`Not escaped: "\t \r \xFF" and """`, "") },
    ],
    ["no line", lines('"""', '"""'), { charlist: "" }],
    ["one empty line", lines('"""', "", '  """'), { charlist: "" }],
    ["more quotes around quotes", lines('"""""', '""""', '"""""'), { charlist: '""""' }],
    ["quotes behind something in their line", lines('"""', 'a"""', '"""'), { charlist: 'a"""' }],
    ["two quotes at the beginning of a line", lines('"""', '""a', '"""'), { charlist: '""a' }],
    ["white space behind the opening quotes", lines('""" \t', "a", '"""'), { charlist: "a" }],
    ["tabs as indentation", lines('"""', "\ta", "\t\tb", '\t"""'), { charlist: "a\n\tb" }],
    [
      "carriage returns, which stay but for the last",
      lines('"""\r', "a\r", "\r", "b\r", '"""'),
      { charlist: "a\r\n\r\nb" },
    ],
    ["several strings", lines('"""', "a", '""" "b"', '"""', "c", '"""'), { charlist: "abc" }],
    ["in a binary", lines('<<"""', "é", '"""/utf8>>'), { binary: "é" }],
    ["as a binary, verbatim", lines('~"""', raw`  \x{e9}`, '  """'), { binary: raw`\x{e9}` }],
    ["the same with its name", lines('~B"""', raw`\n`, '"""'), { binary: raw`\n` }],
    ["as a binary with escapes", lines('~b"""', raw`  a\n\x{e9}\"""`, '  """'), { binary: 'a\né"""' }],
    ["as a string with escapes", lines('~s"""', raw`a\\`, '"""'), { charlist: "a\\" }],
    ["as a string, verbatim", lines('~S"""', raw`a\\`, '"""'), { charlist: raw`a\\` }],
    ["an escaped space as indentation, as erl does", lines('~s"""', raw`\s a`, '  """'), { charlist: "a" }],
  ])("%s", (_, text, term) => {
    expect(termOf(text)).toStrictEqual(term);
  });
});

describe("refused is", () => {
  test.each<[string, string, string]>([
    ["a sigil of another name", '{¦~r"a"}.', "~r is no sigil; there are ~ ~b ~B ~s ~S"],
    ["a sigil of no text", "[¦~b 1].", "~b is followed by one of ([{</|'\"`#"],
    ["a tilde at the end", "¦~", "~ is followed by one of ([{</|'\"`#"],
    ["a suffix", '~"a"¦xy.', "a sigil has nothing behind it, not xy"],
    ["a sigil without end", "{¦~s(a}.", "a sigil begins here and has no closing )"],
    ["a bad escape in one", String.raw`~"a¦\xg".`, "\\x takes two hex digits, or any number of them in {}"],
    ["a sigil beside a string", '~s"a" ¦"b".', "a term ends with a dot, found a string"],
    ["a string beside a sigil", '"a" ¦~s"b".', "a term ends with a dot, found a string"],
    ["a sigil in a binary", '<<¦~"a">>.', "a binary is made of integers and strings, found a string"],
    ["a quote behind a string", '"a"¦"b".', "two strings need white space between them"],
    ["a quote behind a sigil", '~s(a)¦"b".', "two strings need white space between them"],
    ["a fourth quote behind three", '"""\na\n"""¦"".', "two strings need white space between them"],
    ["text behind the opening quotes", '"""¦a\n"""\n.', 'nothing may follow the opening """ on its line'],
    ["what was a string once", '"""¦a""".', 'nothing may follow the opening """ on its line'],
    ["no closing line", '{¦"""\na"""\n}.', "a string begins here and has no line that begins with its closing quotes"],
    [
      "too few closing quotes",
      '¦""""\n"""\n.',
      "a string begins here and has no line that begins with its closing quotes",
    ],
    ["no line at all", '¦"""', "a string begins here and has no line that begins with its closing quotes"],
    [
      "a line of less indentation",
      '"""\n  a\n¦ b\n  """.',
      "a line begins with other white space than that of the closing quotes",
    ],
    ["other indentation", '"""\n¦\ta\n  """.', "a line begins with other white space than that of the closing quotes"],
    ["an escaped line end", '~b"""\n a¦\\\n """.', "an escape sequence can't go on in the next line"],
    ["an escape that the line ends", '~b"""\n a¦\\^\n """.', "\\^ takes a letter or one of @[\\]^_"],
    [
      "a bad escape in the second line",
      '~b"""\n\\n\n ¦\\x{}\n""".',
      "\\x takes two hex digits, or any number of them in {}",
    ],
  ])("%s", (_, marked, detail) => {
    expect(refusalsOf(marked.replaceAll("¦", ""))).toEqual({ marked, details: [detail] });
  });
});
