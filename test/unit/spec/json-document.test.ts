// Of a .json file only JSON is accepted: what a YAML parser would make of a slip is not what anybody meant.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "../../../src/spec/json-document.ts";
import { parseApp, told } from "./reading.ts";

const saidOf = (text: string): string[] => told(parseApp("app.json", text).problems);

describe("a file app.json", () => {
  test.each([
    ["with a comma too many", '{"env": {"port": ,8080}}', "1:18 this is no JSON: unexpected token ','"],
    [
      "with a comma too few",
      '{"name": "a"\n "version": "1"}',
      "2:2 this is no JSON: expected ',' or '}' after property",
    ],
    ["with a comma at the end", '{"name": "a",\n}', "2:1 this is no JSON: expected double-quoted property name"],
    ["with no number", '{"retain": NaN}', "1:12 this is no JSON: unexpected token 'N'"],
    ["of no number", "NaN", '1:1 this is no JSON: "NaN"'],
    ["with a leading zero", '{"retain": 01}', "1:13 this is no JSON: unexpected number"],
    ["with a bare word", '{"name": counter}', "1:10 this is no JSON: unexpected token 'c'"],
    ["with a bare key", "{name: 1}", "1:2 this is no JSON: expected property name or '}'"],
    ["with a comment", '{"name": "a"} // mine', "1:15 this is no JSON: unexpected non-whitespace character after JSON"],
    ["that is YAML", 'name: a\nversion: "1"\n', "1:1 this is no JSON: unexpected token 'a'"],
    ["that does not end", '{"name": "a"', "1:13 this is no JSON: expected ',' or '}' after property value"],
    ["with a second one", '{"name": "a"}{}', "1:14 this is no JSON: unexpected non-whitespace character after JSON"],
    [
      "with a line break in a text",
      '{"name": "a\nb"}',
      "1:12 this is no JSON: bad control character in string literal",
    ],
    ["with a tab in a text", '{"name": "a\tb"}', "1:12 this is no JSON: bad control character in string literal"],
    ["with an escape of YAML's", '{"name": "\\x41"}', "1:12 this is no JSON: bad escaped character"],
    ["that is empty", "", "1:1 this is no JSON: unexpected end of JSON input"],
  ])("%s is refused at the first place that is none", (_, text, said) => {
    const problems = saidOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`invalid_syntax app.json:${said}`);
  });

  test("is read as JSON.parse reads it", () => {
    // Numbers that JavaScript has twice, and floats that Erlang tells from integers, are another test's.
    const value = fc
      .jsonValue({ noUnicodeString: false })
      .filter((it) => !/\d\.?\d*e|-0|\d{16}/.test(JSON.stringify(it)));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, "\t"), (object, space) => {
        fc.pre(
          !JSON.stringify(object).includes("__proto__") &&
            !/"<<":|[\u007f-\u009f\u2028\u2029]|\\[bfnrtu]/.test(JSON.stringify(object)),
        );
        const read = parseJson("app.json", JSON.stringify(object, null, space));
        expect("document" in read ? JSON.stringify(read.document.value) : read.problems).toBe(JSON.stringify(object));
      }),
      { numRuns: 500 },
    );
  });

  test("is taken or refused exactly as JSON.parse does, whatever is changed in it", () => {
    const good = '{"name": "a", "env": {"x": [1, -2.5e3, true, null, "\\u00e4"]}}';
    const isJson = (text: string): boolean => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(2), fc.constantFrom(...'{}[],:"\\ 0a-.e\n\t#&*!'), (at, cut, by) => {
        const text = good.slice(0, at) + by + good.slice(at + cut);
        const read = parseJson("app.json", text);
        const isSyntax = "problems" in read && read.problems.some(({ facts }) => /no JSON/.test(JSON.stringify(facts)));
        expect(isSyntax, text).toBe(!isJson(text));
      }),
      { numRuns: 2000 },
    );
  });
});
