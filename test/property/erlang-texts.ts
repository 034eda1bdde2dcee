// Erlang terms and files of them: any that there are, good ones, and good ones that somebody broke.
import fc from "fast-check";
import type { ErlangTerm } from "../../src/spec/erlang-term.ts";

/** Text that erl_scan reads. */
const text = fc
  .oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: "grapheme", maxLength: 8 }),
    fc.string({ unit: "binary", maxLength: 8 }),
    // Long enough for ~p to break it into several strings.
    fc.string({ minLength: 80, maxLength: 200 }),
  )
  .filter((it) => !/[\ufffe\uffff]/.test(it));
const atom = text.map((it) => [...it].slice(0, 255).join("")).map((atom) => ({ atom }));
const integer = fc
  .oneof(fc.bigInt(), fc.integer({ min: 0, max: 0x10ffff }).map(BigInt), fc.integer({ min: 32, max: 126 }).map(BigInt))
  .map((it) => ({ integer: String(it) }));
const float = fc.double({ noNaN: true, noDefaultInfinity: true }).map((float) => ({ float }));

function isText(bytes: Uint8Array): boolean {
  try {
    return !/[\ufffe\uffff]/.test(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return false;
  }
}
/** Bytes that are no text, which is how one binary has one form. */
const bytes = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .filter((it) => !isText(it))
  .map((it) => ({ bytes: Buffer.from(it).toString("hex") }));

/** Any term that has one form only: keys that Erlang tells apart, and no two of 0.0 and -0.0. */
export const { term: anyTerm } = fc.letrec<{ term: ErlangTerm; key: ErlangTerm }>((tie) => ({
  term: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atom,
    text.map((binary) => ({ binary })),
    bytes,
    text.map((charlist) => ({ charlist })),
    integer,
    float,
    fc.array(tie("term"), { maxLength: 5 }).map((list) => ({ list })),
    fc.array(integer, { maxLength: 30 }).map((list) => ({ list })),
    fc.array(tie("term"), { maxLength: 4 }).map((tuple) => ({ tuple })),
    fc
      .uniqueArray(fc.tuple(tie("key"), tie("term")), { maxLength: 4, selector: ([key]) => keyOf(key) })
      .map((map) => ({ map })),
  ),
  key: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atom,
    text.map((binary) => ({ binary })),
    bytes,
    integer,
    float,
    fc.array(tie("key"), { maxLength: 3 }).map((tuple) => ({ tuple })),
  ),
}));

/** JSON has one zero. */
const keyOf = (key: ErlangTerm): string => JSON.stringify(key);

/** Files as somebody writes them by hand. */
export const SEEDS = [
  `%% The counter.
{app, counter, [
  {version, "1.4.0"},
  {source, #{type => release, url => <<"https://example.org/{name}-{version}.tar.gz">>}},
  {env, [{port, 8080}, {ratio, 1.0}, {big, 123456789012345678901234567890}, {mode, fast}]},
  {hosts, [web1, 'web-2.example.org']} % two
]}.
`,
  String.raw`#{name => 'Elixir.Shop', "esc" => "a\n\x{e9}\101\^a\"" "b",
  <<"é"/utf8>> => <<1,2:8,"abc",16#ff:16/little>>, $a => [$\n,$ ,$\s|[1|[2]]],
  {} => #{[] => {-1.5e-7, 16#FF, 2#1010, 1_000, -0.0}}}.
{'quoted atom', <<>>, "", <<"latin é">>, [[[{{{}}}]]], +1, - 2}.
`,
  `%% -*- coding: utf-8 -*-
{sys, [
  {kernel, [{inet_dist_listen_min, 9100}, {net_ticktime, 60}]},
  {sasl, [{sasl_error_logger, false}]},
  {logger, #{level => info, handlers => [{handler, default, logger_std_h, #{formatter => {logger_formatter, #{}}}}]}}
]}.

ok. "世界 🎺". 'ñ'. <<"🎺"/utf8>>. 1.0. 16#1F3BA. $é.
`,
];

/** Set apart by two spaces, since one may be within. */
const listed = (all: string): string[] => all.trim().split(/ {2,}|\n */);

/** What means something to Erlang, or often goes wrong. Nothing of large sizes: erl makes any binary that is asked for. */
const PIECES = [
  ...listed(String.raw`
    {  }  [  ]  (  )  <<  >>  ,  .  ;  :  |  ||  =>  :=  =  -  +  --  /  #  ?  $  \  "  '  %  _  @  !  <  ->
    0  1  2#  16#  1.0  e5  _1  :3  :16  /utf8  /little  /float  /binary  /native  -unit:8  fun  if  [a|
    é  世  🎺  ×  \x{41}  \x{d800}  \^?  \377  " "  %coding:latin-1  ~  ~b  """`),
  ...["\n", " ", "\r\n", ". ", ".\n", "\0", "\x01", "\x7f", "\u0085", "\u00a0", "\ufeff", "\uffff"],
];

/** Values, good and bad; and those that erl takes and a spec does not. */
const VALUES = [
  ...listed(String.raw`
    a  'b c'  1  -1  1.5  $a  "c"  []  {}  #{}  <<>>  <<"é">>  <<"é"/utf8>>  <<1:16/little,-1>>  [$a|"b"]  16#fF  1_000
    $\x{41}  "\101\q\^A"  <<1:4,2:4>>  #{#{a=>1}=>2}  [[]|[[]]]  "a" "b"  <<"a" "b":16>>  +1.0e-5  - %c
    Port  f(1)  ?M  #r{}  1e5  1__0  1.0e999  37#1  --1  - -1  #{a,b}  #{a:=1}  {a,}  [a,]  [a b]  <0.1.0>  #Ref<0.1>
    a.b  fun() -> a end  '\x{}'  1+1  [a||b<-c]  <<1:a>>  <<1:8:8>>  <<a>>  a:b
    [a|b]  (1)  fun a:b/1  maybe  else  <<1:3>>  <<256>>  <<"Ā">>  <<1.5/float>>  <<<<1>>/binary>>  <<"a"/utf16>>  "a""b"
    <<1:$a>>  <<1/native>>  <<"a"/utf8-little>>  <<(1)>>  #{a=>1,a=>2}  #{0.0=>1,-0.0=>2}  $\^?  "\^1"
    ~"é\n"  ~b(a)  ~B[\]  ~s{}  ~S|a|  ~x"a"  ~"a"b`),
  ...['"a\\\nb"', "{a, % }\n b}", '"\0"', '"""\n a\n\n b\n """', '~b"""\n\\n\n"""'],
];

type Edit = { kind: string; at: number; to: number; length: number; piece: string; value: string };

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom(
    "insert",
    "delete",
    "duplicate",
    "replace",
    "splice",
    "truncate",
    "element",
    "element",
    "exchange",
  ),
  at: fc.nat(500),
  to: fc.nat(500),
  length: fc.oneof(fc.nat(3), fc.nat(40)),
  piece: fc.constantFrom(...PIECES),
  value: fc.constantFrom(...VALUES),
});

function edited(it: string, { kind, at, to, length, piece, value }: Edit): string {
  switch (kind) {
    case "insert":
      return it.slice(0, at) + piece + it.slice(at);
    case "delete":
      return it.slice(0, at) + it.slice(at + length);
    case "duplicate":
      return it.slice(0, to) + it.slice(at, at + length) + it.slice(to);
    case "replace":
      return it.slice(0, at) + piece + it.slice(at + length);
    case "splice": {
      const other = SEEDS[at % SEEDS.length] ?? "";
      return it.slice(0, to) + other.slice(at, at + length) + it.slice(to + length);
    }
    case "truncate":
      return it.slice(0, -length);
    case "element":
      return (
        it.slice(0, at) +
        it.slice(at).replace(/(?<!#)[[{]|,/, (mark) => (mark === "," ? `,${value},` : `${mark}${value},`))
      );
    default:
      return it.slice(0, at) + it.slice(at).replace(/\b[a-z0-9]+\b/, () => value);
  }
}

/** A file of terms that was good before somebody edited it, up to three times. */
export const mutant: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...SEEDS), fc.array(edit, { minLength: 1, maxLength: 3 }))
  .map(([seed, edits]) => edits.reduce(edited, seed));
