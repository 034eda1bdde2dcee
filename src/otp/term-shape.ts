// Terms taken apart and put together. Text may be written as a string or, where it is empty, as a list.
import type { ErlangTerm } from "../spec/erlang-term.ts";

export const atom = (name: string): ErlangTerm => ({ atom: name });
export const tuple = (...terms: readonly ErlangTerm[]): ErlangTerm => ({ tuple: terms });
export const list = (terms: readonly ErlangTerm[]): ErlangTerm => ({ list: terms });
export const atoms = (names: readonly string[]): ErlangTerm => ({ list: names.map(atom) });

export const atomIn = (term: ErlangTerm | undefined): string | null =>
  term !== undefined && "atom" in term ? term.atom : null;

export const tupleIn = (term: ErlangTerm | undefined): readonly ErlangTerm[] | null =>
  term !== undefined && "tuple" in term ? term.tuple : null;

export const textIn = (term: ErlangTerm | undefined): string | null =>
  term === undefined ? null : "charlist" in term ? term.charlist : isEmptyList(term) ? "" : null;

export function listIn(term: ErlangTerm | undefined): readonly ErlangTerm[] | null {
  if (term === undefined) return null;
  if ("list" in term) return term.list;
  // Erlang has no strings: "" is [], and "a" is a list of numbers.
  return "charlist" in term ? Array.from(term.charlist, (it) => ({ integer: String(it.codePointAt(0) ?? 0) })) : null;
}

/** A list of nothing but atoms. */
export function atomsIn(term: ErlangTerm | undefined): readonly string[] | null {
  const items = listIn(term);
  const names = items?.flatMap((it) => ("atom" in it ? [it.atom] : []));
  return names && names.length === items?.length ? names : null;
}

const isEmptyList = (term: ErlangTerm): boolean => "list" in term && term.list.length === 0;
