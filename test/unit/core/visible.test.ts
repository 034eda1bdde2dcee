// A reviewer sees all of what is written: nothing is left out, nothing looks like something else.
import fc from "fast-check";
import { expect, test } from "vitest";
import { isVisible, visible } from "../../../src/core/visible.ts";
import { cleaned, oneLine } from "../../../src/report/plain-text.ts";

test.each([
  ["a\u001b]hidden\u0007b", "a\\u{1b}]hidden\\u{7}b"],
  ["+A 4\u009b -s m", "+A 4\\u{9b} -s m"],
  ["alice,bob\u202e,mallory", "alice,bob\\u{202e},mallory"],
  ["a\u200bb\u00a0c\u2028d", "a\\u{200b}b\\u{a0}c\\u{2028}d"],
  ["two\nlines", "two\\u{a}lines"],
  ["a…b", "a\\u{2026}b"],
  ["9f86...", "9f86..\\u{2e}"],
  ["9f86.....x", "9f86..\\u{2e}\\u{2e}\\u{2e}x"],
  ["1.2..3 größer 漢字", "1.2..3 größer 漢字"],
])("%j is shown as %j", (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test("what is shown loses nothing on its way to a surface, and has no mark of a cut", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = visible(text);
      expect(oneLine(shown)).toBe(shown);
      expect(cleaned(shown)).toBe(shown);
      expect(shown).not.toMatch(/…|\.{3}/);
      expect(isVisible(shown)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
