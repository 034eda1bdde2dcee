// Files of one term: .app, .appup, .rel and relup (stdlib, file:consult/1).
import { parseErlangTerms } from "../spec/erlang/parse-terms.ts";
import { termOfPlaced } from "../spec/erlang/placed-term.ts";
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { utf8 } from "./external-term.ts";
import type { ReadingBudget } from "./reading-budget.ts";
import { readingBudget, spend } from "./reading-budget.ts";

/** Bytes: those of OTP have some 30,000. */
const LARGEST = 1024 ** 2;

/** `most`: bytes, where it may be larger than others; `first`: whether others may follow the term, as systools takes an appup. */
type Kind = { most?: number; first?: boolean };

/** The only term of a file; or what is wrong with it: `line 3: …`. */
export function readTermFile(
  bytes: Uint8Array,
  budget: ReadingBudget = readingBudget(),
  { most = LARGEST, first = false }: Kind = {},
): { term: ErlangTerm } | { error: string } {
  if (bytes.length > most) return { error: `it has ${bytes.length} bytes, more than ${most}` };
  if (!spend(budget, "fileBytes", bytes.length)) return { error: budget.over ?? "" };
  const text = utf8(bytes);
  if (text === null) return { error: "it is not UTF-8" };
  const parsed = parseErlangTerms(text, (terms) => spend(budget, "terms", terms));
  if (budget.over !== null) return { error: budget.over };
  if ("errors" in parsed) {
    const [error] = parsed.errors;
    return {
      error: error ? `line ${text.slice(0, error.offset).split("\n").length}: ${error.detail}` : "it can't be read",
    };
  }
  const [term] = parsed.terms;
  const isOne = first || parsed.terms.length === 1;
  return term && isOne ? { term: termOfPlaced(term) } : { error: "it does not hold one term" };
}
