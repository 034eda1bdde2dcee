import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, digestOf, type Json } from "../../../src/core/digest.ts";

describe("canonical JSON", () => {
  test.each<[Json, string]>([
    [{ b: 1, a: { d: [1, 2], c: null } }, '{"a":{"c":null,"d":[1,2]},"b":1}'],
    [{ b: undefined, a: "x" }, '{"a":"x"}'],
    [{}, "{}"],
    [[], "[]"],
    [[{ z: 1, y: 2 }, [true, false]], '[{"y":2,"z":1},[true,false]]'],
    ['"\\\n\u2028é', JSON.stringify('"\\\n\u2028é')],
    [{ B: 1, a: 2, A: 3, "10": 4, "9": 5 }, '{"10":4,"9":5,"A":3,"B":1,"a":2}'],
    [null, "null"],
    [1.5e-7, "1.5e-7"],
  ])("of %j is %s", (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test("keeps the order of a list", () => {
    expect(canonicalJson(["b", "a"])).not.toBe(canonicalJson(["a", "b"]));
  });

  test("is JSON that reads back as the value, for any value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value as Json))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("is the same for any order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (map) => {
        const turned = Object.fromEntries(Object.entries(map).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(map));
      }),
    );
  });
});

describe("the digest of a value", () => {
  test("is the sha256 of its canonical JSON, as OpenSSL computes it", () => {
    const value = { b: ["Grüße", "世界 🎺"], a: 1 };
    const expected = createHash("sha256").update('{"a":1,"b":["Grüße","世界 🎺"]}', "utf8").digest("hex");
    expect(digestOf(value)).toBe(expected);
  });

  test("does not see a field that is undefined, but sees one that is null", () => {
    expect(digestOf({ a: 1, b: undefined })).toBe(digestOf({ a: 1 }));
    expect(digestOf({ a: 1, b: null })).not.toBe(digestOf({ a: 1 }));
  });

  test("tells a number from its text", () => {
    expect(digestOf({ port: 1 })).not.toBe(digestOf({ port: "1" }));
  });
});
