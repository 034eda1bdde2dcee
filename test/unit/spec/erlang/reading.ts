// How the tests of Erlang's terms say what they read, and where it was refused.
import { expect } from "vitest";
import { parseErlangTerms } from "../../../../src/spec/erlang/parse-terms.ts";
import { termOfPlaced } from "../../../../src/spec/erlang/placed-term.ts";
import type { ErlangTerm } from "../../../../src/spec/erlang-term.ts";

/** All terms of a text, which must be well. */
export function termsOf(text: string): ErlangTerm[] {
  const read = parseErlangTerms(text);
  if ("errors" in read) expect.fail(`${JSON.stringify(text)}: ${JSON.stringify(read.errors)}`);
  return read.terms.map(termOfPlaced);
}

/** The one term of a text without its dot. */
export function termOf(text: string): ErlangTerm | undefined {
  const [term, ...more] = termsOf(`${text}\n.`);
  expect(more).toEqual([]);
  return term;
}

/** Refusals as pairs of what was said and the text with a ¦ at each place that was refused. */
export function refusalsOf(text: string): { marked: string; details: string[] } {
  const read = parseErlangTerms(text);
  if ("terms" in read) expect.fail(`${JSON.stringify(text)} was read: ${JSON.stringify(read.terms.map(termOfPlaced))}`);
  const marked = read.errors.reduceRight((it, { offset }) => `${it.slice(0, offset)}¦${it.slice(offset)}`, text);
  return { marked, details: read.errors.map(({ detail }) => detail) };
}
