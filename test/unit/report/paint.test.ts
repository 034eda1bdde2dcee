import { expect, test } from "vitest";
import { coloured, colouredAt, marking } from "../../../src/report/paint.ts";

test("what is painted with a mark has the colours that it would have without", () => {
  const paint = marking("<mark>");
  const text = `a ${paint("good", "b")} ${paint("strong", "")}c`;
  expect(text).not.toContain("\u001b");
  expect(colouredAt("<mark>", text)).toBe(`a ${coloured("good", "b")} ${coloured("strong", "")}c`);
  expect(colouredAt("<mark>", "no colours")).toBe("no colours");
});

test("a colour's bracket completes no command", () => {
  const painted = colouredAt("<mark>", `##${marking("<mark>")("quiet", "error]x")}`);
  expect(painted).toBe(`## ${coloured("quiet", "error]x")}`);
});
