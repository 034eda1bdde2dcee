// However a secret is written, and wherever what holds it was cut: less than four characters in a row of it are ever shown.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { problem } from "../../src/core/problem.ts";
import { maskFor } from "../../src/report/mask.ts";
import { cleaned } from "../../src/report/plain-text.ts";
import { type Shown, shown } from "./shown.ts";
import { WRITINGS } from "./writings.ts";

/** Nothing that stands around them in these tests, no cut's mark, and no asterisk, of which a mask is made. */
const CHARACTERS = [..."qQzZ790\"'\\$^.()[]{}?+|/&<>%=:;,#!@~-_ßéñ日本😀\t \n"];
const secret = fc
  .array(fc.constantFrom(...CHARACTERS), { minLength: 4, maxLength: 40 })
  .map((characters) => characters.join(""))
  .filter((text) => text.trim().length >= 4 && !text.includes("...") && cleaned(text) === text);
const secrets = fc.array(secret, { minLength: 1, maxLength: 3 });

/** Four characters in a row of a line of the secret, as they were written. */
function leaks(text: string, characters: readonly string[], pieces: readonly string[]): string[] {
  return pieces.flatMap((_, at) => {
    const window = pieces.slice(at, at + 4);
    const isBlank =
      characters
        .slice(at, at + 4)
        .join("")
        .trim().length < 4;
    const written = window.join("");
    return window.length < 4 || isBlank || !text.includes(written) ? [] : [written];
  });
}

describe.each(Object.entries(WRITINGS))("a secret %s", (_, write) => {
  test("is hidden as a whole", () => {
    fc.assert(
      fc.property(secrets, (all) => {
        const [first = ""] = all;
        const characters = [...first];
        const pieces = write(characters);
        const masked = maskFor(all)(`MMM→${pieces.join("")}←WWW`);
        expect(leaks(masked, characters, pieces)).toEqual([]);
        expect(masked).toMatch(/^MMM→/);
        expect(masked).toMatch(/←WWW$/);
      }),
    );
  });

  test("is hidden at a cut", () => {
    fc.assert(
      fc.property(secrets, fc.nat(), fc.nat(), fc.boolean(), (all, from, length, isBytes) => {
        const [first = ""] = all;
        const characters = [...first];
        const pieces = write(characters);
        const text = pieces.join("");
        const begin = from % text.length;
        // In bytes, as the agent cuts.
        const bytes = Buffer.from(text)
          .subarray(begin, begin + (length % text.length) + 1)
          .toString();
        const cut = isBytes ? bytes : text.slice(begin, begin + (length % text.length) + 1);
        const mask = maskFor(all);
        for (const shownText of [
          mask(`MMM→${text.slice(0, begin)}…`),
          mask(`…${text.slice(begin)}←WWW`),
          mask(`…${cut}…`),
        ])
          expect(leaks(shownText, characters, pieces)).toEqual([]);
        // And where nothing says that it was.
        const { tail } = mask({ tail: [cut] });
        expect(leaks(tail.join("\n"), characters, pieces)).toEqual([]);
      }),
      // A percent sign before a line's end is no half of an escape where a reference of XML is.
      { examples: [[["q%\nq>qq", "qqqq"], 5, 0, false]] },
    );
  });
});

const BASE64 = ["base64", "base64url"] as const;

describe.each(BASE64)("a secret in %s", (encoding) => {
  /** Six characters of what depends on nothing but the secret tell four of its bytes. */
  const written = (before: string, text: string, after: string) => {
    const whole = Buffer.from(`${before}${text}${after}`).toString(encoding);
    const from = Math.ceil((8 * before.length) / 6);
    return { whole, own: whole.slice(from, Math.floor((8 * (before.length + Buffer.byteLength(text))) / 6)) };
  };
  const shownOf = (text: string, own: string): string[] =>
    Array.from({ length: Math.max(0, own.length - 5) }, (_, at) => own.slice(at, at + 6)).filter((it) =>
      text.includes(it),
    );
  const around = fc.string({ unit: fc.constantFrom("M", "W", ":"), maxLength: 5 });

  test("is hidden whatever is encoded with it, at a cut as well, and where its lines were wrapped", () => {
    fc.assert(
      fc.property(secret, around, around, fc.nat(), (text, before, after, at) => {
        const { whole, own } = written(before, text, after);
        const mask = maskFor([text]);
        const cut = at % whole.length;
        for (const it of [`→${whole}←`, `→${whole.slice(0, cut)}…`, `…${whole.slice(cut)}←`])
          expect(shownOf(mask(it), own)).toEqual([]);
        const lines = whole.match(/.{1,19}/g) ?? [];
        expect(shownOf(mask({ tail: lines }).tail.join(""), own)).toEqual([]);
        expect(shownOf(mask(lines.map((line) => `    | ${line}`).join("\n")), own)).toEqual([]);
      }),
    );
  });
});

describe("a secret of several lines", () => {
  const line = fc
    .array(fc.constantFrom(...CHARACTERS.filter((it) => it !== "\n")), { maxLength: 30 })
    .map((characters) => characters.join(""));
  const long = fc
    .array(line, { minLength: 2, maxLength: 12 })
    .map((lines) => lines.join("\n"))
    .filter((text) => text.trim().length >= 8 && !text.includes("..."));

  /** What may not be read on any surface: four characters of one of its lines. */
  const pieces = (text: string): string[] =>
    text.split("\n").flatMap((it) => {
      const characters = [...it];
      return characters.flatMap((_, at) => {
        const window = characters.slice(at, at + 4).join("");
        return at + 4 > characters.length || /^\s|\s$|\s\s/.test(window) ? [] : [window];
      });
    });

  const everything = ({ log, summary, outputs, checks }: Shown): string =>
    [
      log,
      summary,
      outputs,
      ...checks.flatMap(({ name, output }) => [name, JSON.stringify(output), output.summary]),
    ].join("\n");

  test("is hidden on every surface, whichever lines of it a host sends, and where it cuts them", async () => {
    await fc.assert(
      fc.asyncProperty(long, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 40 }), async (text, from, count, width) => {
        const lines = ["MMM", ...text.split("\n"), "WWW"];
        const first = from % lines.length;
        const tail = lines.slice(first, first + 1 + (count % lines.length)).map((it) => {
          const bytes = Buffer.from(it);
          return bytes.length > width ? `${bytes.subarray(0, width)}…` : it;
        });
        const detail = `MMM ${JSON.stringify(text).slice(0, width)}…`;
        const told = {
          text: "counter",
          problems: [problem("start_failed", { in: "host", host: "web1", app: "counter" }, { detail }, tail)],
        };
        const plain = everything(await shown(told));
        const all = everything(await shown(told, [text]));
        // Some look like what is always there.
        const own = everything(
          await shown({
            text: "counter",
            problems: [problem("start_failed", { in: "host", host: "web1" }, { detail: "MMM" })],
          }),
        );
        const leaked = pieces(text).filter((it) => all.includes(it) && plain.includes(it) && !own.includes(it));
        expect(leaked).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
