// Files of Erlang terms, as file:consult/1 reads them (kernel, file(3)). Nothing is evaluated; what would have to be is refused.
import type { Cursor, MayHold } from "./cursor.ts";
import { advance, cursorOn, refusedToken, skipTerm, takeStrings } from "./cursor.ts";
import { keyIdentities } from "./key-identity.ts";
import { parseBinary } from "./parse-binary.ts";
import type { Elements } from "./parse-collections.ts";
import { parseList, parseMap, parseTuple, TOO_MANY } from "./parse-collections.ts";
import type { PlacedTerm } from "./placed-term.ts";
import type { Refusal } from "./refusal.ts";
import { isRefusal } from "./refusal.ts";
import { unreadable } from "./unreadable.ts";

const MAX_ERRORS = 20;
const MAX_DEPTH = 64;

/**
 * The terms of a text, each of which ends with a dot; or what is wrong, the first mistake of each term, at most 20.
 *
 * What it reads, erl reads as the same terms: sigils and triple-quoted strings since OTP 27, all else since OTP 23 at least. It
 * refuses more than erl does, since a spec has no use for it or releases differ in it: improper lists, a key that stands twice in a
 * map, 0.0 beside -0.0 as keys; external funs, parentheses; binaries that are not whole bytes, or that cut a number, have floats
 * or binaries in them, or a byte order of the machine; maybe and else as atoms, strings with nothing between them, \^ before other
 * characters than @A-Z[\]^_a-z; a NUL, a comment that says latin-1 of other than ASCII; more than 64 levels, integers of more than 1,000 digits,
 * binaries of more than 1,000,000 bytes in all; more terms than `mayHold` grants, which is asked as they come.
 */
export function parseErlangTerms(
  text: string,
  mayHold: MayHold = () => true,
): { terms: PlacedTerm[] } | { errors: Refusal[] } {
  const errors = unreadable(text, MAX_ERRORS);
  if (errors.length > 0) return { errors };
  const terms: PlacedTerm[] = [];
  const cursor = cursorOn(text, mayHold);
  const identityOf = keyIdentities();
  while (cursor.token.kind !== "end" && errors.length < MAX_ERRORS) {
    const term = parseTerm(cursor, identityOf, 0);
    if (isRefusal(term)) errors.push(term);
    else if (cursor.token.kind === "dot") terms.push(term);
    else errors.push(refusedToken(cursor, "a term ends with a dot"));
    // Whatever is left of the term is not read: it would say the same mistake again.
    skipTerm(cursor);
  }
  return errors.length > 0 ? { errors } : { terms };
}

function parseTerm(cursor: Cursor, identityOf: Elements["identityOf"], depth: number): PlacedTerm | Refusal {
  const { token } = cursor;
  const { offset } = token;
  if (!cursor.mayHold(1)) return { offset, detail: TOO_MANY };
  switch (token.kind) {
    case "atom":
      advance(cursor);
      return { kind: "atom", name: token.name, offset };
    case "integer":
      advance(cursor);
      return { kind: "integer", value: token.value, offset };
    case "float":
      advance(cursor);
      return { kind: "float", value: token.value, offset };
    case "binary":
      advance(cursor);
      return { kind: "binary", text: token.text, offset };
    case "string":
      if (!token.isSigil) return { kind: "string", text: takeStrings(cursor), offset };
      advance(cursor);
      return { kind: "string", text: token.text, offset };
    case "mark": {
      if (token.mark === "<<") return parseBinary(cursor);
      if (token.mark === "-" || token.mark === "+") return parseSigned(cursor, token.mark);
      const parse = COLLECTIONS.get(token.mark);
      if (parse === undefined) break;
      if (depth === MAX_DEPTH) return { offset, detail: `nested deeper than ${MAX_DEPTH} levels` };
      return parse({ cursor, identityOf, element: () => parseTerm(cursor, identityOf, depth + 1) });
    }
  }
  return refusedToken(cursor, "a value must stand here");
}

const COLLECTIONS = new Map([
  ["[", parseList],
  ["{", parseTuple],
  ["#", parseMap],
]);

function parseSigned(cursor: Cursor, sign: string): PlacedTerm | Refusal {
  const { offset } = cursor.token;
  advance(cursor);
  const { token } = cursor;
  if (token.kind !== "integer" && token.kind !== "float")
    return refusedToken(cursor, `"${sign}" stands before a number only`);
  advance(cursor);
  if (token.kind === "float") return { kind: "float", value: sign === "-" ? -token.value : token.value, offset };
  return { kind: "integer", value: sign === "-" ? -token.value : token.value, offset };
}
