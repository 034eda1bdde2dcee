// Files of Erlang terms: what must hold of any, and what erl itself says of them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseErlangTerms } from "../../src/spec/erlang/parse-terms.ts";
import { termOfPlaced } from "../../src/spec/erlang/placed-term.ts";
import { type ErlangTerm, formatTerm } from "../../src/spec/erlang-term.ts";
import { anyTerm, mutant, SEEDS } from "./erlang-texts.ts";
import { times } from "./times.ts";

function termsOf(text: string): ErlangTerm[] {
  const read = parseErlangTerms(text);
  if ("errors" in read) throw new Error(`${JSON.stringify(text)}: ${JSON.stringify(read.errors)}`);
  return read.terms.map(termOfPlaced);
}

/** As a file that both sides read. */
const written = (terms: readonly ErlangTerm[]): string => terms.map((it) => `${formatTerm(it)}.\n`).join("");

describe("any term that is printed", () => {
  test("is read back as the same", () => {
    fc.assert(
      fc.property(fc.array(anyTerm, { maxLength: 3 }), (terms) => {
        expect(termsOf(written(terms))).toStrictEqual(terms);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("any file of terms that somebody edited", () => {
  test.each(SEEDS)("was well before: %s", (seed) => {
    expect(parseErlangTerms(seed)).toHaveProperty("terms");
  });

  test("is read, or refused at places within it, and in words", () => {
    fc.assert(
      fc.property(mutant, (text) => {
        const read = parseErlangTerms(text);
        if ("terms" in read) {
          // The places of the terms follow each other.
          const offsets = read.terms.map(({ offset }) => offset);
          expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
          const terms = read.terms.map(termOfPlaced);
          expect(written(termsOf(written(terms)))).toBe(written(terms));
          return;
        }
        expect(read.errors.length).toBeGreaterThan(0);
        expect(read.errors.length).toBeLessThanOrEqual(20);
        for (const { offset, detail } of read.errors) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset).toBeLessThanOrEqual(text.length);
          expect(detail).toMatch(/^[^\p{Cc}]{5,160}$/u);
        }
      }),
      { numRuns: times(2_000) },
    );
  });

  test("is any text at all", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const read = parseErlangTerms(text);
        if ("errors" in read) for (const { offset } of read.errors) expect(offset).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Which of erl's own texts we refuse, and why: the documentation of parseErlangTerms, by what is said. */
const MORE_THAN_ERL = [
  /^only a list may stand behind the "\|"/,
  /stands twice in this map$/,
  /^fun makes a function/,
  /^"\(" makes a call or an expression/,
  /^a binary is made of (whole bytes|integers and strings)/,
  /takes more than \d+ bits/,
  /^the type of a segment is one of/,
  /^utf8 has no size/,
  /^a size is an integer, found \$/,
  /^(maybe|else) is a reserved word/,
  /^two strings need white space between them/,
  /^nothing may follow the opening """/,
  /^a string begins here and has no line that begins with its closing quotes/,
  /^\\\^ takes a letter/,
  /^U\+0000 can't stand/,
  /^a file of terms is UTF-8, not latin-1/,
  /^nested deeper than/,
  /^an integer may have 1,000 digits/,
  /^the binaries of a text/,
];

const erl = (script: string, folder: string): string =>
  execFileSync("erl", ["-noshell", "-eval", script], {
    encoding: "utf8",
    env: { ...process.env, FOLDER: folder },
    maxBuffer: 16_000_000,
  });

describe("erl", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "erlang-terms-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  // A seed that changes from run to run, and is told when something fails.
  const seed = Date.now() % 2 ** 31;

  test("prints terms that are read here, printed here, and read there as the same", () => {
    const terms = fc.sample(anyTerm, { seed, numRuns: 400 });
    writeFileSync(join(folder, "ours"), written(terms));
    erl(
      `
        File = fun(Name) -> filename:join(os:getenv("FOLDER"), Name) end,
        {ok, Terms} = file:consult(File("ours")),
        [ok = file:write_file(File(Name), unicode:characters_to_binary([io_lib:format(Format, [T]) || T <- Terms]))
          || {Name, Format} <- [{"tp", "~tp.~n"}, {"p", "~p.~n"}, {"tw", "~tw.~n"}, {"w", "~w.~n"}]],
        halt(0).`,
      folder,
    );
    const variants = ["ours", "tp", "p", "tw", "w"];
    for (const name of variants) {
      writeFileSync(join(folder, `${name}.again`), written(termsOf(readFileSync(join(folder, name), "utf8"))));
    }
    // =:= takes 0.0 for -0.0 up to OTP 26; their external format does not.
    const said = erl(
      `
        Consult = fun(Name) -> {ok, Terms} = file:consult(filename:join(os:getenv("FOLDER"), Name)), Terms end,
        Terms = Consult("ours"),
        Same = fun({A, B}) -> A =:= B andalso term_to_binary(A) =:= term_to_binary(B) end,
        [io:format("~s ~b ~0tp~n", [Name, length(Terms), [It || It <- lists:zip(Terms, Consult(Name)), not Same(It)]])
          || Name <- ["ours.again", "tp.again", "p.again", "tw.again", "w.again"]],
        halt(0).`,
      folder,
    );
    expect(said, `seed ${seed}`).toBe(variants.map((it) => `${it}.again 400 []\n`).join(""));
  });

  test("reads what is read here of edited files as the same, and refuses what is refused but for what we say", () => {
    // OTP 25 knows no sigils and no triple quotes; no file holds half a character.
    const known = mutant.filter((it) => it.isWellFormed() && !/~|"""/.test(it));
    const texts = fc.sample(known, { seed, numRuns: 1_200 });
    for (const [index, text] of texts.entries()) {
      const read = parseErlangTerms(text);
      writeFileSync(join(folder, `${index}.text`), text);
      if ("terms" in read) writeFileSync(join(folder, `${index}.terms`), written(read.terms.map(termOfPlaced)));
    }
    const said = erl(
      String.raw`
        Consult = fun(Index, Kind) ->
          file:consult(filename:join(os:getenv("FOLDER"), integer_to_list(Index) ++ Kind))
        end,
        Verdict = fun(Index) ->
          case {Consult(Index, ".text"), Consult(Index, ".terms")} of
            {{ok, _}, {error, enoent}} -> "only erl";
            {{error, _}, {error, enoent}} -> "none";
            {{ok, A}, {ok, B}} ->
              case A =:= B andalso term_to_binary(A) =:= term_to_binary(B) of true -> "same"; false -> "other" end;
            {{error, _}, {ok, _}} -> "only we"
          end
        end,
        [io:put_chars([Verdict(Index), $\n]) || Index <- lists:seq(0, ${texts.length - 1})],
        halt(0).`,
      folder,
    );
    const verdicts = said.trimEnd().split("\n");
    const unexplained = texts.flatMap((text, index) => {
      const verdict = verdicts[index] ?? "nothing";
      if (verdict === "same" || verdict === "none") return [];
      const read = parseErlangTerms(text);
      const details = "errors" in read ? read.errors.map((it) => it.detail) : [];
      const isSaid = details.every((it) => MORE_THAN_ERL.some((one) => one.test(it)));
      return verdict === "only erl" && isSaid ? [] : [{ verdict, text, details }];
    });
    expect(unexplained, `seed ${seed}`).toEqual([]);
    expect(verdicts).toHaveLength(texts.length);
    for (const verdict of ["same", "none", "only erl"])
      expect(verdicts.filter((it) => it === verdict).length, verdict).toBeGreaterThan(10);
  });
});
