// What Erlang itself reads from the texts of terms: file:consult/1, as application:get_env will see it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ErlangTerm, formatTerm } from "../../../src/spec/erlang-term.ts";

// erl_scan refuses these two in any text (OTP 25); halves of pairs are no characters at all.
const text = fc.string({ unit: "binary", maxLength: 12 }).filter((it) => !/[\ufffe\uffff]/.test(it));
const atom = fc.record({ atom: text });
const { term: anyTerm } = fc.letrec<{ term: ErlangTerm }>((tie) => ({
  term: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ binary: text }),
    atom,
    fc.record({ charlist: text }),
    fc.uint8Array({ maxLength: 8 }).map((bytes) => ({ bytes: Buffer.from(bytes).toString("hex") })),
    fc.bigInt().map((integer) => ({ integer: String(integer) })),
    fc.record({ float: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    fc.record({ list: fc.array(tie("term"), { maxLength: 4 }) }),
    fc.record({ tuple: fc.array(tie("term"), { maxLength: 4 }) }),
    fc
      .uniqueArray(fc.tuple(atom, tie("term")), { maxLength: 3, selector: ([key]) => key.atom })
      .map((map) => ({ map })),
  ),
}));

const every = (characters: number): string => String.fromCharCode(...Array.from({ length: characters }, (_, i) => i));
const FIXED: ErlangTerm[] = [
  ...["", "ok", "Ok", "_", "@", "a@b", "a.b", "a-b", "1", "'", "\\", "\\'", "é", "世界", "🎺", "\0", "a\nb", "%"],
  ..."after and andalso band begin bnot bor bsl bsr bxor case catch cond div else end fun if let maybe not of".split(
    " ",
  ),
  ..."or orelse receive rem try when xor a..b".split(" "),
  ...["é".repeat(255), "🎺".repeat(255), every(255)],
].map((name): ErlangTerm => ({ atom: name }));
FIXED.push(
  ...["", '"', "\\", '\\"', "$(reboot)", "\u{10ffff}\ud7ff\ue000\ufdd0\u200b\u2028", every(1_000)].flatMap(
    (it): ErlangTerm[] => [{ binary: it }, { charlist: it }],
  ),
  ...[0, -0, 1, 0.1, 1e21, 1e22, 1e300, 1.5e-7, 5e-324, Number.MAX_VALUE, 123456.789].map((float) => ({ float })),
  ...["0", "-1", "9007199254740993", `-${"9".repeat(400)}`].map((integer) => ({ integer })),
  { list: [] },
  { tuple: [] },
  { map: [] },
  { list: [{ integer: "104" }, { integer: "105" }] },
);

/** What a term is, in a notation that both sides can write: types by letter, characters as hex, map pairs sorted. */
function described(term: ErlangTerm): string {
  const hex = (bytes: Buffer): string => bytes.toString("hex");
  if ("atom" in term) return `a${hex(Buffer.from(term.atom, "utf8"))}`;
  if ("binary" in term) return `b${hex(Buffer.from(term.binary, "utf8"))}`;
  if ("bytes" in term) return `b${term.bytes}`;
  if ("charlist" in term) return `[${Array.from(term.charlist, (it) => `i${it.codePointAt(0)}`).join(",")}]`;
  if ("integer" in term) return `i${BigInt(term.integer)}`;
  if ("float" in term) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(term.float);
    return `f${hex(bytes)}`;
  }
  if ("bytes" in term) return `b${term.bytes}`;
  if ("list" in term) return `[${term.list.map(described).join(",")}]`;
  if ("tuple" in term) return `{${term.tuple.map(described).join(",")}}`;
  const pairs = term.map.map(([key, value]) => `${described(key)}=${described(value)}`);
  return `#${pairs.sort().join(",")}#`;
}

const DESCRIBE = String.raw`
  Hex = fun(Bytes) -> [io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Bytes] end,
  Described = fun D(T) ->
    Each = fun(Ts) -> lists:join(",", [D(It) || It <- Ts]) end,
    if
      is_atom(T) -> ["a", Hex(atom_to_binary(T, utf8))];
      is_binary(T) -> ["b", Hex(T)];
      is_integer(T) -> ["i", integer_to_list(T)];
      is_float(T) -> ["f", Hex(<<T/float>>)];
      is_list(T) -> ["[", Each(T), "]"];
      is_tuple(T) -> ["{", Each(tuple_to_list(T)), "}"];
      is_map(T) ->
        Pairs = [lists:flatten([D(K), "=", D(V)]) || {K, V} <- maps:to_list(T)],
        ["#", lists:join(",", lists:sort(Pairs)), "#"]
    end
  end,
  case file:consult(os:getenv("TERMS")) of
    {ok, [Terms]} -> [io:put_chars([Described(T), $\n]) || T <- Terms], halt(0);
    Other -> io:format("~p~n", [Other]), halt(1)
  end.`;

describe("Erlang", () => {
  const terms = [...FIXED, ...fc.sample(anyTerm, { seed: 20_260_131, numRuns: 150 })];
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "terms-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("reads from the text of each term that very term", () => {
    const file = join(folder, "terms");
    writeFileSync(file, `[\n${terms.map(formatTerm).join(",\n")}\n].\n`);
    const said = execFileSync("erl", ["-noshell", "-eval", DESCRIBE], {
      encoding: "utf8",
      env: { ...process.env, TERMS: file },
      maxBuffer: 16_000_000,
    });
    expect(said.trimEnd().split("\n")).toEqual(terms.map(described));
    expect(terms.length).toBeGreaterThan(200);
  });

  test("gets printable ASCII on one line, whatever the characters", () => {
    for (const term of terms) expect(formatTerm(term)).toMatch(/^[\x20-\x7e]+$/);
  });
});
