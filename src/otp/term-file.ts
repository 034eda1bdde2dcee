// Files of one term: .app, .appup, .rel and relup (stdlib, file:consult/1).
import { parseErlangTerms } from "../spec/erlang/parse-terms.ts";
import { termOfPlaced } from "../spec/erlang/placed-term.ts";
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { utf8 } from "./external-term.ts";

/** The only term of a file; or what is wrong with it: `line 3: …`. */
export function readTermFile(bytes: Uint8Array): { term: ErlangTerm } | { error: string } {
  const text = utf8(bytes);
  if (text === null) return { error: "it is not UTF-8" };
  const parsed = parseErlangTerms(text);
  if ("errors" in parsed) {
    const [first] = parsed.errors;
    return {
      error: first ? `line ${text.slice(0, first.offset).split("\n").length}: ${first.detail}` : "it can't be read",
    };
  }
  const [term] = parsed.terms;
  return term && parsed.terms.length === 1 ? { term: termOfPlaced(term) } : { error: "it does not hold one term" };
}
