import type { PlacedTerm } from "./placed-term.ts";

/**
 * Numbers that are the same for two terms if, and only if, Erlang takes them for the same key: "a" is [97], the order of a map's
 * pairs is nothing, and 0.0 is -0.0, as it was up to OTP 26. A number costs no more than the term is long.
 */
export function keyIdentities(): (term: PlacedTerm) => number {
  const known = new Map<string, number>();
  const remembered = new WeakMap<PlacedTerm, number>();
  const numberOf = (form: string): number => {
    const number = known.get(form) ?? known.size;
    known.set(form, number);
    return number;
  };
  const formOf = (term: PlacedTerm): string => {
    switch (term.kind) {
      case "atom":
        return `atom ${term.name}`;
      case "binary":
        return "text" in term ? `text ${term.text}` : `bytes ${term.bytes}`;
      case "integer":
        return `integer ${term.value}`;
      case "float":
        return `float ${term.value}`;
      case "string":
        return `list ${Array.from(term.text, (it) => numberOf(`integer ${it.codePointAt(0)}`))}`;
      case "list":
        return `list ${term.items.map(identityOf)}`;
      case "tuple":
        return `tuple ${term.items.map(identityOf)}`;
      case "map": {
        const pairs = term.pairs.map(([key, value]) => `${identityOf(key)}=${identityOf(value)}`);
        return `map ${pairs.sort()}`;
      }
    }
  };
  const identityOf = (term: PlacedTerm): number => {
    const number = remembered.get(term) ?? numberOf(formOf(term));
    remembered.set(term, number);
    return number;
  };
  return identityOf;
}
