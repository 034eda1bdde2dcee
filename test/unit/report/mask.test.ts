import { describe, expect, test } from "vitest";
import { code, literal } from "../../../src/report/markdown.ts";
import { maskFor } from "../../../src/report/mask.ts";
import { formatTerm } from "../../../src/spec/erlang-term.ts";

const KEY = "-----BEGIN KEY-----\nb3BlbnNzaC1rZXk\nAAAAB3NzaC1yc2E\n-----END KEY-----\n";

describe("a mask", () => {
  test.each([
    ["in a text, as often as it is there", "hunter2 and hunter2", "*** and ***"],
    ["in a longer word", "xhunter2y", "x***y"],
    ["in a list", ["a", "hunter2"], ["a", "***"]],
    ["deep in a record", { a: { b: [{ c: "is hunter2" }] } }, { a: { b: [{ c: "is ***" }] } }],
  ])("hides a secret %s", (_, value, masked) => {
    expect(maskFor(["hunter2"])(value)).toEqual(masked);
  });

  test.each([null, undefined, 42, true, "", [], {}])("leaves %j as it is", (value) => {
    expect(maskFor(["hunter2", "true", "null"])(value)).toEqual(value);
  });

  // In time that grows with the square of it this would take an hour, and a host says such lines as it likes.
  test("reads hundreds of thousands of blanks", () => {
    const mask = maskFor(["correct horse battery"]);
    const blanks = `x${" ".repeat(400_000)}`;
    expect(mask(`${blanks}x\n`)).toBe(`${blanks}x\n`);
    expect(mask({ tail: [`${blanks}x`, `${blanks}x`] })).toEqual({ tail: [`${blanks}x`, `${blanks}x`] });
  });

  test("hides a key of several lines as a whole", () => {
    expect(maskFor([KEY])(`key: ${KEY}.`)).toBe("key: ***.");
  });

  test("hides each line of a key by itself, as a log quotes it", () => {
    const lines = KEY.trim().split("\n");
    expect(lines.map(maskFor([KEY]))).toEqual(lines.map(() => "***"));
    expect(maskFor(["first line\r\nsecond line"])("second line, first line")).toBe("***, ***");
  });

  test("hides a secret as it looks inside JSON", () => {
    const secret = 'pass"word\\with\nbreaks';
    expect(maskFor([secret])(JSON.stringify({ secret }))).toBe('{"secret":"***"}');
    expect(maskFor([KEY])(JSON.stringify([KEY]))).toBe('["***"]');
  });

  test("hides a secret as it looks inside an Erlang string", () => {
    expect(maskFor(["pässwörd"])('<<"p\\x{e4}ssw\\x{f6}rd"/utf8>>')).toBe('<<"***"/utf8>>');
  });

  test.each(["p@ss-word_1!xyz", "postgres://u:p#9@db/x?a=b&c", "grün_1", "two  spaces @here", "a\nsecond_line"])(
    "hides %j as our Markdown shows it, also in an Erlang term",
    (secret) => {
      const mask = maskFor([secret]);
      const term = formatTerm({ binary: secret });
      for (const text of [secret, term, JSON.stringify(secret)]) {
        const shown = mask(`**${literal(`it said ${text} and died`)}** ${code(`\`${text}`)}`);
        expect(shown.match(/\*\*\*/g)?.length ?? 0, shown).toBeGreaterThanOrEqual(2);
        for (const line of secret.split("\n").filter((it) => it.length >= 4)) {
          expect(shown).not.toContain(line);
          expect(shown).not.toContain(literal(line));
        }
      }
    },
  );

  test("looks into maps that were read from files, and leaves keys as they are", () => {
    const read: Record<string, string> = Object.assign(Object.create(null), { hunter2: "is hunter2" });
    expect({ ...maskFor(["hunter2"])(read) }).toEqual({ hunter2: "is ***" });
  });

  test("hides the longer one of two secrets of which one is in the other", () => {
    expect(maskFor(["hunter2", "hunter2-prod"])("hunter2-prod, hunter2")).toBe("***, ***");
    expect(maskFor(["hunter2-prod", "hunter2"])("hunter2-prod, hunter2")).toBe("***, ***");
  });

  test("does not hide what is too short to be a secret", () => {
    expect(maskFor(["abc", "1", "", " a  "])("abc 1  a  b")).toBe("abc 1  a  b");
    expect(maskFor(["abc\nlong enough\n}"])("abc } long enough")).toBe("abc } ***");
  });

  test("takes a secret as text, not as a pattern, and puts no pattern in its place", () => {
    expect(maskFor(["a.*b+", "$&$1"])("a.*b+ axxb $&$1")).toBe("*** axxb ***");
  });

  test("hides nothing without secrets, and does not change what it is given", () => {
    const value = { token: "hunter2" };
    expect(maskFor([])(value)).toEqual(value);
    expect(maskFor(["hunter2"])(value)).not.toEqual(value);
    expect(value.token).toBe("hunter2");
  });

  test.each([
    ["before a cut's mark", "it said correct-ho… and died", "it said ***… and died"],
    ["before Erlang's", '{badmatch,"correct-ho"...}', '{badmatch,"***...}'],
    ["behind one", "…horse-battery is wrong", "…*** is wrong"],
    ["before half a character", "it said correct-ho\ufffd…", "it said ***…"],
    ["before half an escape", "it said correct\\u002…", "it said ***\\u002…"],
    ["in a list that Erlang cut", "[99,111,114,114|...]", "[***...]"],
    ["but not three characters of it", "it said cor…", "it said cor…"],
    ["but not where nothing was cut", "correct", "correct"],
  ])("hides a piece of a secret %s", (_, text, masked) => {
    expect(maskFor(["correct-horse-battery"])(text)).toBe(masked);
  });

  test("hides pieces of a secret in the first and the last line of what is quoted, and whole lines of one between", () => {
    const mask = maskFor([`${KEY}short\n}\n`]);
    expect(mask({ tail: ["zaC1rZXk", "AAAAB3NzaC1yc2E", "-----END KEY-----", "short", "}", "ok"] })).toEqual({
      tail: ["***", "***", "***", "***", "***", "ok"],
    });
    expect(mask({ tail: ["zc2gtcnNh", "ok", "it is b3BlbnN"] })).toEqual({ tail: ["zc2gtcnNh", "ok", "it is***"] });
    expect(mask("    | 3NzaC1yc2E\n    | -----END KEY-----\n    | ok")).toBe("    | ***\n    | ok");
  });

  test("hides what several lines hold of it together", () => {
    const secret = "correct-horse-battery";
    const wrapped =
      Buffer.from(secret)
        .toString("base64")
        .match(/.{1,8}/g) ?? [];
    expect(maskFor([secret])({ tail: ["it said", ...wrapped, "and died"] })).toEqual({
      tail: ["it said", ...wrapped.map(() => "***"), "and died"],
    });
    expect(maskFor([secret])('<<"correct-hor"\n  "se-battery">>')).toBe('<<"***">>');
    const numbers = [...Buffer.from(secret)];
    expect(maskFor([secret])(`[${numbers.slice(0, 9).join(",")},\n ${numbers.slice(9).join(",")}]`)).toBe("[***]");
  });

  test("leaves words that a secret begins with alone", () => {
    expect(maskFor(["counter-password", "production"])("web1/counter upgrade for prod, 1.0.0 → 1.1.0")).toBe(
      "web1/counter upgrade for prod, 1.0.0 → 1.1.0",
    );
  });
});
