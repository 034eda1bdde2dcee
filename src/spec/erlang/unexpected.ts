// Why a token can't stand where it stands, in the words of somebody who knows Erlang's values and wrote one of its expressions.
import { shortened } from "./refusal.ts";
import type { Token } from "./tokens.ts";

const VALUES_ONLY = "a spec holds values only";

/** What marks mean in Erlang that begin no value and part no two. */
const MEANINGS: Readonly<Record<string, string>> = {
  "(": `"(" makes a call or an expression; ${VALUES_ONLY}`,
  ":": `":" names a function of a module; ${VALUES_ONLY}`,
  "?": `"?" makes a macro; ${VALUES_ONLY}`,
  "#": `"#" makes a record; ${VALUES_ONLY}`,
  "||": `"||" makes a comprehension; ${VALUES_ONLY}`,
  "<": '"<" begins no value; a pid, a port or a reference can\'t be written down',
  ".": 'a "." ends a term only where white space follows it',
};
const OPERATORS = new Set("+ - * / ++ -- == /= =< >= > =:= =/= = ! -> <- <=".split(" "));

/** The detail of a token that is refused where `allowed` holds. */
export function unexpected(text: string, token: Token, allowed: string): string {
  const at = text.slice(token.offset, Math.min(token.end, token.offset + 100));
  switch (token.kind) {
    case "bad":
      return token.detail;
    case "variable":
      return `${shortened(token.name)} is a variable; ${VALUES_ONLY}`;
    case "reserved":
      if (token.name === "fun") return `fun makes a function; ${VALUES_ONLY}`;
      return `${token.name} is a reserved word; write '${token.name}' for the atom`;
    case "mark": {
      const meaning = OPERATORS.has(token.mark) ? `"${token.mark}" is an operator; ${VALUES_ONLY}` : undefined;
      return MEANINGS[token.mark] ?? meaning ?? `${allowed}, found "${token.mark}"`;
    }
    case "dot":
      return `${allowed}, found the dot that ends a term`;
    case "end":
      return `${allowed}, found the end of the text`;
    case "string":
    case "binary":
      return `${allowed}, found a string`;
    default:
      return `${allowed}, found ${shortened(at)}`;
  }
}
