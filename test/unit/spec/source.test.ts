import { describe, expect, test } from "vitest";
import { GOOD, refusalOf, specOf } from "./reading.ts";

const HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const BASE64 = Buffer.from(HEX, "hex").toString("base64");

/** The source stands on line 3; its url on line 5, its sha256 on line 6. */
const spec = (url: string, sha256?: string): string =>
  `name: counter\nversion: 1.4.0\nsource:\n  type: release\n  url: ${JSON.stringify(url)}\n${
    sha256 === undefined ? "" : `  sha256: ${JSON.stringify(sha256)}\n`
  }`;

describe("source.url", () => {
  test.each([
    ["https://example.org/{name}-{version}.tar.gz", "https://example.org/counter-1.4.0.tar.gz"],
    ["https://example.org/{version}/{name}/{name}", "https://example.org/1.4.0/counter/counter"],
    ["https://example.org/a@b?c=@d", "https://example.org/a@b?c=@d"],
    ["http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"],
    ["file:///srv/{name}.tar.gz", "file:///srv/counter.tar.gz"],
  ])("%s is taken as %s", (url, expanded) => {
    expect(specOf(spec(url, HEX)).source).toMatchObject({ url: expanded });
  });

  test.each([
    [
      "ftp://example.org/x",
      'must be an https:, file:, artifact: or github-release://OWNER/REPO/TAG/ASSET url, got "ftp://example.org/x"',
    ],
    [
      "counter.tar.gz",
      'must be an https:, file:, artifact: or github-release://OWNER/REPO/TAG/ASSET url, got "counter.tar.gz"',
    ],
    [
      "javascript:alert(1)",
      'must be an https:, file:, artifact: or github-release://OWNER/REPO/TAG/ASSET url, got "javascript:alert(1)"',
    ],
    [
      "/srv/https://x",
      'must be an https:, file:, artifact: or github-release://OWNER/REPO/TAG/ASSET url, got "/srv/https://x"',
    ],
    [
      " https://example.org",
      'must be an https:, file:, artifact: or github-release://OWNER/REPO/TAG/ASSET url, got " https://example.org"',
    ],
    [
      "--output=x",
      'must be an https:, file:, artifact: or github-release://OWNER/REPO/TAG/ASSET url, got "--output=x"',
    ],
  ])("%j is refused", (url, sentence) => {
    expect(refusalOf(spec(url, HEX))).toEqual([`invalid_value app.yaml:5:8 source.url ${sentence}`]);
  });

  test.each([
    "https://user:hunter2@example.org/x",
    "http://token@example.org/x",
    "https://user:hunter2@exa mple.org/x",
    "https:///u:hunter2@example.org/x",
    "https:/u:hunter2@example.org/x",
    "https:u:hunter2@example.org/x",
    "https:\\\\u:hunter2@example.org/x",
  ])("%s is refused, and its password is not repeated", (url) => {
    const refusal = refusalOf(spec(url, HEX));
    expect(refusal).toEqual([
      "invalid_value app.yaml:5:8 source.url must be a url without a password in it, got one with",
    ]);
  });

  test.each([
    ["https:///example.org/x", "https:///example.org/x"],
    ["https:/example.org/x", "https:/example.org/x"],
    ["https://good.example\\@example.org/x", "https://good.example\\\\@example.org/x"],
    ["https://example.org/a b", "https://example.org/a b"],
    ["https://good.example/\u001b]/../evil/x?\u0007y", "https://good.example/\\u001b]/../evil/x?\\u0007y"],
    ["https://example.org/\u202ex", "https://example.org/\\u{202e}x"],
    ["file:counter\u200b.tar.gz", "file:counter\\u{200b}.tar.gz"],
  ])("%j is refused: it is not what it looks like", (url, shown) => {
    expect(refusalOf(spec(url, HEX))).toEqual([
      `invalid_value app.yaml:5:8 source.url must be a url without unseen characters; of http and https without blanks and backslashes, too, its host behind two slashes, got "${shown}"`,
    ]);
  });

  test.each(["github-release://acme/shop/v1/counter.tar.gz", "artifact://counter"])("%s is taken", (url) => {
    expect(specOf(spec(url)).source).toEqual({ type: "release", url });
  });

  test.each([
    ["{host}", "{host}"],
    ["{verison}", "{verison}", "; did you mean {version}?"],
    ["{}", "{}"],
  ])("with %s in it is refused: that is no variable there", (text, got, meant = "") => {
    const expected = `must be a url with no other variables than {name}, {version}, {environment}${meant}`;
    expect(refusalOf(spec(`file:${text}.tar.gz`))).toEqual([
      `invalid_value app.yaml:5:8 source.url ${expected}, got ${got}`,
    ]);
  });
});

describe("source.sha256", () => {
  test.each([
    ["hex", HEX],
    ["hex in capitals", HEX.toUpperCase()],
    ["base64", BASE64],
  ])("is the same when given as %s", (_, written) => {
    expect(specOf(spec("https://example.org/x", written)).source).toHaveProperty("sha256", HEX);
  });

  test("keeps leading zeros of base64", () => {
    const base64 = Buffer.concat([Buffer.alloc(3), Buffer.alloc(29, 1)]).toString("base64");
    expect(specOf(spec("file:x", base64)).source).toHaveProperty("sha256", `000000${"01".repeat(29)}`);
  });

  test.each([
    ["one digit short", HEX.slice(1)],
    ["one digit long", `${HEX}0`],
    ["with a letter that is no digit", `g${HEX.slice(1)}`],
    ["base64 without its =", BASE64.slice(0, -1)],
    ["base64 of other characters", `-${BASE64.slice(1)}`],
    ["with a prefix", `sha256:${HEX}`],
    ["a line with its name, as sha256sum prints it", `${HEX}  counter.tar.gz`],
    ["of another kind: md5", "d41d8cd98f00b204e9800998ecf8427e"],
  ])("that is %s is refused", (_, written) => {
    const [refusal, ...more] = refusalOf(spec("https://example.org/x", written));
    expect(refusal).toMatch(
      /^invalid_value app\.yaml:6:11 source\.sha256 must be a sha256 as 64 hex digits or 44 base64 characters, got "/,
    );
    expect(more).toEqual([]);
  });

  test.each(["https://example.org/x", "http://example.org/x"])("is required for %s", (url) => {
    expect(refusalOf(spec(url))).toEqual(["missing_field app.yaml:4:3 source.sha256 is missing"]);
  });

  test("may be left out for a file", () => {
    expect(specOf(GOOD).source).toStrictEqual({ type: "release", url: "file:counter.tar.gz" });
  });

  test("is checked for a file, too", () => {
    expect(refusalOf(spec("file:x", "abc"))).toEqual([
      'invalid_value app.yaml:6:11 source.sha256 must be a sha256 as 64 hex digits or 44 base64 characters, got "abc"',
    ]);
  });
});
