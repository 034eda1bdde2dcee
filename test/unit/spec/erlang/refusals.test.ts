// What is refused, and where: ¦ stands before the character that each refusal points at.
import { describe, expect, test } from "vitest";
import { parseErlangTerms } from "../../../../src/spec/erlang/parse-terms.ts";
import { refusalsOf } from "./reading.ts";

const raw = String.raw;
const VALUES = "a spec holds values only";
const HEX = raw`\x takes two hex digits, or any number of them in {}`;
const CONTROL = raw`\^ takes a letter or one of @[\]^_`;

function expectRefusal(marked: string, detail: string): void {
  expect(refusalsOf(marked.replaceAll("¦", ""))).toEqual({ marked, details: [detail] });
}

describe("what would have to be evaluated is refused:", () => {
  test.each<[string, string, string]>([
    ["a variable", "{port, ¦Port}.", `Port is a variable; ${VALUES}`],
    ["a variable without a name", "¦_.", `_ is a variable; ${VALUES}`],
    ["a variable of Latin-1", "¦Åse@1.", `Åse@1 is a variable; ${VALUES}`],
    ["a call", "{a, now¦()}.", `"(" makes a call or an expression; ${VALUES}`],
    ["a call of a module", "[a¦:b()].", `":" names a function of a module; ${VALUES}`],
    ["a fun", "{¦fun() -> ok end}.", `fun makes a function; ${VALUES}`],
    ["an external fun", "¦fun a:b/1.", `fun makes a function; ${VALUES}`],
    ["a macro", "[¦?MODULE].", `"?" makes a macro; ${VALUES}`],
    ["a record", "¦#user{name = a}.", `#user makes a record; ${VALUES}`],
    ["a record's field", "a¦#user.name.", `"#" makes a record; ${VALUES}`],
    ["an updated map", "#{}¦#{a => 1}.", `"#" makes a record; ${VALUES}`],
    ["a sum", "[1 ¦+ 1].", `"+" is an operator; ${VALUES}`],
    ["a difference", "1¦-1.", `"-" is an operator; ${VALUES}`],
    ["joined lists", '"a" ¦++ "b".', `"++" is an operator; ${VALUES}`],
    ["two signs", "¦--1.", `"--" is an operator; ${VALUES}`],
    ["a match", "a ¦= b.", `"=" is an operator; ${VALUES}`],
    ["a comparison", "a ¦=:= b.", `"=:=" is an operator; ${VALUES}`],
    ["a comprehension", "[a ¦|| a <- b].", `"||" makes a comprehension; ${VALUES}`],
    ["a binary comprehension", "<<1 ¦|| a <- b>>.", `"||" makes a comprehension; ${VALUES}`],
    ["a pid", "¦<0.1.0>.", '"<" begins no value; a pid, a port or a reference can\'t be written down'],
    ["a reference", "{¦#Ref<0.1.2.3>}.", "#Ref<…> names what lives in one VM; it can't be written down"],
    ["parentheses", "¦(1).", `"(" makes a call or an expression; ${VALUES}`],
    ["a sign before no number", "-¦a.", '"-" stands before a number only, found a'],
    ["two signs apart", "- ¦- 1.", `"-" is an operator; ${VALUES}`],
    ["a reserved word", "{¦if, 1}.", "if is a reserved word; write 'if' for the atom"],
    ["one of some releases only", "¦maybe.", "maybe is a reserved word; write 'maybe' for the atom"],
    ["an operator in letters", "1 ¦div 2.", "div is a reserved word; write 'div' for the atom"],
  ])("%s", (_, marked, detail) => expectRefusal(marked, detail));
});

describe("a collection is refused:", () => {
  const value = "a value must stand here, found";
  test.each<[string, string, string]>([
    ["a tuple without end", "{a, b¦\n", 'a tuple goes on with "," or ends with "}", found the end of the text'],
    ["a tuple that ends as a list", "{a¦].", 'a tuple goes on with "," or ends with "}", found "]"'],
    ["a tuple that the dot ends", "{a¦.", 'a tuple goes on with "," or ends with "}", found the dot that ends a term'],
    ["a comma too many", "{a,¦}.", `${value} "}"`],
    ["a comma and nothing", "[¦,].", `${value} ","`],
    ["a missing comma", "[a ¦b].", 'a list goes on with "," or ends with "]", found b'],
    ["a missing comma before a string", '[a ¦"b"].', 'a list goes on with "," or ends with "]", found a string'],
    ["a list without end", "[[a]¦", 'a list goes on with "," or ends with "]", found the end of the text'],
    ["an improper list", "[a|¦b].", 'only a list may stand behind the "|" of a list'],
    ["an improper list in a tail", "[a|[b|¦{}]].", 'only a list may stand behind the "|" of a list'],
    ["a tail and more", "[a|[b]¦,c].", 'a list ends with "]" behind its tail, found ","'],
    ["a tail of nothing", "[a|¦].", `${value} "]"`],
    ["a tail without a head", "[¦|a].", `${value} "|"`],
    ["a map's pair without its value", "#{a¦, b}.", 'a map needs => after its key, found ","'],
    ["a map's pair with :=", "#{a ¦:= b}.", 'a map needs => after its key, found ":="'],
    ["a map's pair as Elixir has it", "#{a¦: b}.", 'a map needs => after its key, found ":"'],
    ["a map's pair with =", "#{a ¦= b}.", 'a map needs => after its key, found "="'],
    ["a map's pair without a key", "#{¦=> b}.", `${value} "=>"`],
    ["a map without end", "#{a => b¦ ", 'a map goes on with "," or ends with "}", found the end of the text'],
    ["half a map", "¦#[a].", "# begins a map, and { follows it"],
    ["a key that stands twice", "#{a => 1, ¦'a' => 2}.", "the key a stands twice in this map"],
    [
      "a long one",
      `#{"${"é".repeat(40)}" => 1, ¦"${"é".repeat(40)}" => 2}.`,
      String.raw`the key "${"\\x{e9}".repeat(6)}\x… stands twice in this map`.replaceAll("\\\\", "\\"),
    ],
    ["the same key in other words", '#{"ab" => 1, ¦[$a|"b"] => 2}.', "the key [97,98] stands twice in this map"],
    [
      "the same binary",
      '#{<<"é"/utf8>> => 1, ¦<<195,169>> => 2}.',
      raw`the key <<"\x{e9}"/utf8>> stands twice in this map`,
    ],
    [
      "the same map as a key",
      "#{#{a=>1,b=>2} => 1, ¦#{b=>2,a=>1} => 2}.",
      "the key #{b => 2,a => 1} stands twice in this map",
    ],
    [
      "0.0 and -0.0, which were the same once",
      "#{{0.0} => 1, ¦{-0.0} => 2}.",
      "the key {-0.0} stands twice in this map",
    ],
    ["65 levels", `${"[".repeat(64)}¦[${"]".repeat(65)}.`, "nested deeper than 64 levels"],
    ["65 levels of all kinds", `${"#{a=>{".repeat(32)}¦#{}${"}}".repeat(32)}.`, "nested deeper than 64 levels"],
    ["a term after a term", "{a}\n¦{b}.", 'a term ends with a dot, found "{"'],
    ["a term without a dot", "a. {b}¦ % c\n", "a term ends with a dot, found the end of the text"],
    ["a dot alone", "¦.", `${value} the dot that ends a term`],
    ["a dot right before what follows", "a¦.b.", 'a "." ends a term only where white space follows it'],
    ["a number's dot before what follows", "1¦.a.", 'a "." ends a term only where white space follows it'],
    ["two dots", "a¦..", 'a term ends with a dot, found ".."'],
    ["a semicolon", "a¦;", 'a term ends with a dot, found ";"'],
    ["punctuation without a meaning", "¦@a.", `${value} "@"`],
    ["three dots", "[¦...].", `${value} "..."`],
  ])("%s", (_, marked, detail) => expectRefusal(marked, detail));
});

describe("a literal is refused:", () => {
  test.each<[string, string, string]>([
    ["a string without end", '{a, ¦"b}.\n', 'a string begins here and has no closing "'],
    ["an atom without end", "{¦'a}.\n", "an atom begins here and has no closing '"],
    ["a string that ends in a backslash", '¦"a\\', 'a string begins here and has no closing "'],
    ["a string that ends in an escape", '¦"a\\x{41', 'a string begins here and has no closing "'],
    ["a string that ends in another", '¦"a\\^', 'a string begins here and has no closing "'],
    ["one hex digit", raw`"a¦\x4g".`, HEX],
    ["no hex digit", raw`"a¦\x".`, HEX],
    ["none in braces", raw`"¦\x{}".`, HEX],
    ["something else in braces", raw`'¦\x{41 }'.`, HEX],
    ["half a character", raw`"¦\x{d800}".`, raw`\x{d800} is no character that text may have`],
    ["a code that is no character", raw`'¦\x{FFFE}'.`, raw`\x{FFFE} is no character that text may have`],
    ["a code past the last", raw`$¦\x{110000}.`, raw`\x{110000} is no character that text may have`],
    [
      "a very long code",
      raw`"¦\x{${"f".repeat(100)}}".`,
      `${raw`\x{${"f".repeat(36)}`}… is no character that text may have`,
    ],
    ["a control character that is none", raw`"¦\^1".`, CONTROL],
    ["the one that releases differ in", raw`$¦\^?.`, CONTROL],
    ["a character that is none", "[1, ¦$", "$ is followed by a character"],
    ["an escaped one", "¦$\\", "$ is followed by a character"],
    ["an atom of 256 characters", `{¦${"a".repeat(256)}}.`, "an atom may have 255 characters at most"],
    ["one of wide characters", `{¦'${"🎺".repeat(256)}'}.`, "an atom may have 255 characters at most"],
    ["base 1", "¦1#0.", "1 is no base; a base is 2 to 36"],
    ["base 37", "¦37#0.", "37 is no base; a base is 2 to 36"],
    ["a base without digits", "{¦16#}.", "16# is followed by digits of base 16"],
    ["other digits than the base has", "¦2#2.", "2# is followed by digits of base 2"],
    ["a digit too large behind others", "¦2#012.", "2#012 is neither a number nor a name"],
    ["two underscores", "¦1__0.", "1__0 is neither a number nor a name"],
    ["an underscore at the end", "¦1_.", "1_ is neither a number nor a name"],
    ["a float without a dot", "¦1e5.", "1e5 is neither a number nor a name"],
    ["a name that begins with a digit", "[¦2nd].", "2nd is neither a number nor a name"],
    ["an exponent without digits", "¦1.0e.", "a float has digits behind its e"],
    ["another", "{¦1.0e-}.", "a float has digits behind its e"],
    ["a float that is too large", "[¦1.0e999].", "1.0e999 is too large for a float"],
    ["a float in a base", "16#1¦.5.", 'a "." ends a term only where white space follows it'],
    ["1,001 digits", `[¦${"9".repeat(1001)}].`, "an integer may have 1,000 digits at most"],
    [
      "a number of 1,001 digits written with fewer",
      `¦36#${"z".repeat(700)}.`,
      "an integer may have 1,000 digits at most",
    ],
    ["a wide character", "{a, ¦世}.", "U+4E16 may stand in quotes or comments only"],
    ["one that takes two UTF-16 units", "[¦🎺].", "U+1F3BA may stand in quotes or comments only"],
    ["one that is not to be seen", "a¦\u200b.", "U+200B may stand in quotes or comments only"],
    ["a byte order mark", "¦\ufeffa.", "U+FEFF may stand in quotes or comments only"],
    ["DEL", "¦\x7fa.", "U+007F may stand in quotes or comments only"],
    ["a multiplication sign", "a¦×.", "U+00D7 may stand in quotes or comments only"],
  ])("%s", (_, marked, detail) => expectRefusal(marked, detail));
});

describe("a binary is refused:", () => {
  const types = "the type of a segment is one of integer, utf8, big, little, signed, unsigned, unit";
  test.each<[string, string, string]>([
    ["a part of a byte", "{¦<<1:3>>}.", "a binary is made of whole bytes; this one has 3 bits"],
    ["bytes and a part", '¦<<"a",1:1>>.', "a binary is made of whole bytes; this one has 9 bits"],
    ["a wide character in Latin-1", '<<¦"aĀ">>.', "U+0100 takes more than 8 bits; add /utf8 to the string"],
    ["an integer that is cut", "<<1,¦256>>.", "256 takes more than 8 bits"],
    ["a negative one that is cut", "<<¦-129>>.", "-129 takes more than 8 bits"],
    ["one that no bits are left of", "<<¦1:0>>.", "1 takes more than 0 bits"],
    ["an atom", "<<¦a>>.", "a binary is made of integers and strings, found a"],
    ["a float", "<<¦1.5/float>>.", "a binary is made of integers and strings, found 1.5"],
    ["a binary", "<<¦<<1>>/binary>>.", 'a binary is made of integers and strings, found "<<"'],
    ["a sign before a string", '<<-¦"a">>.', "a binary is made of integers and strings, found a string"],
    ["a variable", "<<¦A/binary>>.", `A is a variable; ${VALUES}`],
    ["a comma too many", "<<1,¦>>.", 'a segment of a binary must stand here, found ">>"'],
    ["no comma", "<<1 ¦2>>.", 'a binary goes on with "," or ends with ">>", found 2'],
    ["no end", "<<1¦", 'a binary goes on with "," or ends with ">>", found the end of the text'],
    ["a size that is no integer", "<<1:¦a>>.", "a size is an integer, found a"],
    ["a size that is a character", "<<1:¦$a>>.", "a size is an integer, found $a"],
    ["a negative size", "<<1:¦-1>>.", `"-" is an operator; ${VALUES}`],
    ["a size in parentheses", "<<1:¦(8)>>.", `"(" makes a call or an expression; ${VALUES}`],
    ["an unknown type", "<<1/¦foo>>.", types],
    ["UTF-16", '<<"a"/¦utf16>>.', types],
    ["floats", "<<1/¦float>>.", types],
    ["the byte order of the machine", "<<1:16/¦native>>.", types],
    ["no type", "<<1/¦>>.", 'the type of a segment must stand here, found ">>"'],
    ["two byte orders", "<<1:16/little-¦big>>.", "a segment has one order, not little and big"],
    ["two types", "<<1/integer-¦utf8>>.", "a segment has one type, not integer and utf8"],
    ["UTF-8 with a size", "<<1¦:8/utf8>>.", "utf8 has no size and no other type beside it"],
    ["UTF-8 with a byte order", '<<"a"¦/utf8-little>>.', "utf8 has no size and no other type beside it"],
    ["a unit without a size", "<<1¦/unit:8>>.", "a unit needs a size before it"],
    ["a unit of nothing", "<<1:8/¦unit:0>>.", "a unit is 1 to 256, once"],
    ["a unit that is too large", "<<1:8/¦unit:257>>.", "a unit is 1 to 256, once"],
    ["two units", "<<1:8/unit:1-¦unit:1>>.", "a unit is 1 to 256, once"],
    ["a unit without a number", "<<1:8/unit¦-big>>.", `"-" is an operator; ${VALUES}`],
    ["half a character", "<<¦16#d800/utf8>>.", "55296 is no character"],
    ["a negative character", "<<¦-1/utf8>>.", "-1 is no character"],
    ["a million bytes and one", "<<0:8000000,¦0>>.", "the binaries of a text may have 1,000,000 bytes at most"],
    [
      "a size that nothing has",
      `<<¦0:${"9".repeat(900)}/unit:256>>.`,
      "the binaries of a text may have 1,000,000 bytes at most",
    ],
  ])("%s", (_, marked, detail) => expectRefusal(marked, detail));
});

describe("a text is refused:", () => {
  test.each<[string, string, string]>([
    ["a NUL", 'a. % ¦\0\n"', "U+0000 can't stand in a file of terms"],
    ["U+FFFE in a string", '"¦\ufffe".', "U+FFFE can't stand in a file of terms"],
    ["U+FFFF in a comment", "% ¦\uffff", "U+FFFF can't stand in a file of terms"],
    ["half a character", '"🎺¦\ud83c".', "U+D83C can't stand in a file of terms"],
    ["another encoding", "%% -*- ¦coding: latin-1 -*-\n'ä'.", "a file of terms is UTF-8, not latin-1"],
    ["what erl takes for a comment, too", '"100% ¦coding:latin-1 ä".', "a file of terms is UTF-8, not latin-1"],
    ["the same in the second line", "\nä. % en¦coding=LATIN-1", "a file of terms is UTF-8, not latin-1"],
  ])("%s", (_, marked, detail) => expectRefusal(marked, detail));

  test("each term once, and those that follow are looked at", () => {
    expect(refusalsOf('{a ¦b c}. ok. [¦}. #{a => 1, ¦a => B}. "¦\\^1". d. \'e'.replaceAll("¦", ""))).toEqual({
      marked: '{a ¦b c}. ok. [¦}. #{a => 1, ¦a => B}. "¦\\^1". d. ¦\'e',
      details: [
        'a tuple goes on with "," or ends with "}", found b',
        'a value must stand here, found "}"',
        "the key a stands twice in this map",
        CONTROL,
        "an atom begins here and has no closing '",
      ],
    });
  });

  test("with 20 refusals at most", () => {
    expect(refusalsOf("A. ".repeat(100)).details).toHaveLength(20);
    expect(refusalsOf("\0".repeat(100)).details).toHaveLength(20);
  });
});

describe("a large text is read or refused at once:", () => {
  test.each<[string, string]>([
    ["open brackets", "[".repeat(500_000)],
    ["quotes", '"'.repeat(1_000_000)],
    ["opening quotes", '"""\n'.repeat(250_000)],
    ["lines in triple quotes", `~b"""\n${"a\n".repeat(500_000)}`],
    ["hex escapes without end", `"${"\\x{".repeat(300_000)}".`],
    ["one hex escape", `"\\x{${"0".repeat(1_000_000)}41}".`],
    ["comments", "%\n".repeat(500_000)],
    ["a comment that nearly says latin-1", `%${"coding ".repeat(140_000)}`],
    ["digits", `${"1".repeat(1_000_000)}.`],
    ["long numbers", `[${`36#${"z".repeat(600)},`.repeat(1_600)}1].`],
    ["integers", `[${"1,".repeat(200_000)}1].`],
    ["bytes", `<<${"1,".repeat(150_000)}1>>.`],
    ["a long text and tails around it", `${"[1|".repeat(63)}"${"a".repeat(400_000)}"${"]".repeat(63)}.`],
    ["keys in keys", `${"#{".repeat(63)}[${"1,".repeat(150_000)}1]${"=>1}".repeat(63)}.`],
    ["terms", "a. ".repeat(150_000)],
    ["refused terms", "a b. ".repeat(200_000)],
    ["short texts of large binaries", "<<0:4000000>>. ".repeat(60_000)],
  ])("%s", (_, text) => {
    // A quadratic reader takes minutes; this allows a machine that is busy with other things.
    const begun = process.cpuUsage().user;
    parseErlangTerms(text);
    expect((process.cpuUsage().user - begun) / 1_000_000).toBeLessThan(10);
  });
});
