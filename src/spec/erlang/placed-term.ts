// A term as it stands in a file: what it is, and where, so that whatever is said of it can point at it.
import type { ErlangTerm } from "../erlang-term.ts";

/** A term and the UTF-16 offset of its first character in the text it was read from. */
export type PlacedTerm = { readonly offset: number } & (
  | { readonly kind: "atom"; readonly name: string }
  /** Written as text; Erlang has a list of its characters. */
  | { readonly kind: "string"; readonly text: string }
  /** A binary that is UTF-8, and that can be written as such. */
  | { readonly kind: "binary"; readonly text: string }
  /** Any other binary, as lower-case hex. */
  | { readonly kind: "binary"; readonly bytes: string }
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "list"; readonly items: readonly PlacedTerm[] }
  | { readonly kind: "tuple"; readonly items: readonly PlacedTerm[] }
  | { readonly kind: "map"; readonly pairs: readonly (readonly [PlacedTerm, PlacedTerm])[] }
);

/** The same term without its places. A string is a charlist; a list stays one, even where it is empty or all numbers. */
export function termOfPlaced(term: PlacedTerm): ErlangTerm {
  switch (term.kind) {
    case "atom":
      return { atom: term.name };
    case "string":
      return { charlist: term.text };
    case "binary":
      return "text" in term ? { binary: term.text } : { bytes: term.bytes };
    case "integer":
      return { integer: String(term.value) };
    case "float":
      return { float: term.value };
    case "list":
      return { list: term.items.map(termOfPlaced) };
    case "tuple":
      return { tuple: term.items.map(termOfPlaced) };
    case "map":
      return { map: term.pairs.map(([key, value]) => [termOfPlaced(key), termOfPlaced(value)]) };
  }
}
