import { describe, expect, test } from "vitest";
import { readerOf } from "../../../src/otp/byte-reader.ts";
import { readExternalTerm } from "../../../src/otp/external-term.ts";
import { skipTerm } from "../../../src/otp/skip-term.ts";
import { formatTerm } from "../../../src/spec/erlang-term.ts";
import { erl } from "./run-erl.ts";

/** The external format of each expression. */
function written(expressions: readonly string[], options = "[]"): Uint8Array[] {
  const out = erl(
    `[io:format("~s~n", [base64:encode(term_to_binary(T, ${options}))]) || T <- [${expressions.join(",")}]]`,
  );
  return out
    .trim()
    .split("\n")
    .map((line) => Uint8Array.from(Buffer.from(line, "base64")));
}

const TERMS = {
  "[0,255,256,-1,-256,2147483647,-2147483648]": "[0,255,256,-1,-256,2147483647,-2147483648]",
  "[1 bsl 64, -(1 bsl 64), 1 bsl 3000]": `[${2n ** 64n},${-(2n ** 64n)},${2n ** 3000n}]`,
  "{1.5, -0.0, 1.0e300, 0.1}": "{1.5,-0.0,1.0e+300,0.1}",
  "{atom, 'A b', '', list_to_atom(lists:duplicate(255, 16#1F600))}": `{atom,'A b','','${"\\x{1f600}".repeat(255)}'}`,
  '{"text", [$a, 300], [], "", [1, a]}': '{"text",[97,300],[],[],[1,a]}',
  "lists:duplicate(70000, $a)": `[${Array(70_000).fill(97).join(",")}]`,
  '{<<>>, <<"\u00e9"/utf8>>, <<255, 0>>}': '{<<>>,<<"\\x{e9}"/utf8>>,<<255,0>>}',
  "list_to_tuple(lists:duplicate(300, x))": `{${Array(300).fill("x").join(",")}}`,
  '#{a => 1, <<"b">> => [#{}]}': '#{a => 1,<<"b"/utf8>> => [#{}]}',
};

describe("a term in external format", () => {
  test.each(["[]", "[compressed]", "[{minor_version, 0}]", "[{minor_version, 1}]"])(
    "is read as the term that it is, written with %s",
    (options) => {
      const texts = written(Object.keys(TERMS).slice(0, options.includes("minor") ? 3 : undefined), options).map(
        (it) => {
          const read = readExternalTerm(it);
          return "error" in read ? read.error : formatTerm(read.term);
        },
      );
      expect(texts).toEqual(Object.values(TERMS).slice(0, texts.length));
    },
  );

  test("is refused where it can't be written down, or isn't whole", () => {
    const terms = ["self()", "make_ref()", "fun lists:map/2", "fun(X) -> X end", "[a|b]", "<<1:3>>", "1 bsl 9000"];
    for (const bytes of written(terms)) expect(readExternalTerm(bytes)).toHaveProperty("error");
    const [bytes = new Uint8Array()] = written(['{"text", [1.5, a, <<1>>, #{a => 1 bsl 70}], {x}}']);
    expect(readExternalTerm(bytes)).toHaveProperty("term");
    for (let end = 0; end < bytes.length; end += 1)
      expect(readExternalTerm(bytes.subarray(0, end))).toHaveProperty("error");
  });

  test("that promises more than there is, or nests without end, is refused at once", () => {
    const hostile = [
      [131, 108, 255, 255, 255, 255, 106],
      [131, 105, 255, 255, 255, 255],
      [131, 116, 255, 255, 255, 255],
      [131, ...Array(100_000).fill([104, 1]).flat(), 106],
      [131, 80, 255, 255, 255, 255, 1, 2, 3],
    ];
    for (const bytes of hostile) expect(readExternalTerm(Uint8Array.from(bytes))).toHaveProperty("error");
  });

  test("of any kind can be passed over", () => {
    const terms = [
      ...Object.keys(TERMS),
      "self()",
      "make_ref()",
      "fun lists:map/2",
      "fun(X) -> X end",
      "[a|b]",
      "<<1:3>>",
    ];
    for (const bytes of written([...terms, "hd(erlang:ports())"])) {
      const reader = { ...readerOf(bytes), offset: 1 };
      skipTerm(reader);
      expect([reader.error, reader.offset]).toEqual([null, bytes.length]);
    }
    const deep = readerOf(Uint8Array.from([...Array(1_000_000).fill([104, 1]).flat(), 106]));
    skipTerm(deep);
    expect([deep.error, deep.offset]).toEqual([null, 2_000_001]);
  });
});
