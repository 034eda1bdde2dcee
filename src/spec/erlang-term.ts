// Erlang terms as JSON-able values, and their text as file:consult/1 reads it back (kernel manual, file(3)).
import type { Path } from "./document.ts";
import { Tagged } from "./document.ts";

/** An Erlang term. Integers are decimal text, since Erlang's have no bound; bytes are a binary that is no text, in hex. */
export type ErlangTerm =
  | { readonly atom: string }
  | { readonly binary: string }
  | { readonly bytes: string }
  | { readonly charlist: string }
  | { readonly integer: string }
  | { readonly float: number }
  | { readonly list: readonly ErlangTerm[] }
  | { readonly tuple: readonly ErlangTerm[] }
  | { readonly map: readonly (readonly [ErlangTerm, ErlangTerm])[] };

/** A value that Erlang does not have: what it is, in words, and where it lies. */
export type NoTerm = { error: string; path: Path };

/** The term a YAML or JSON value stands for: text is a binary, true, false and null are atoms, a map has atom keys. */
export function termOfValue(value: unknown, path: Path = []): ErlangTerm | NoTerm {
  if (value instanceof Tagged) return termOfTagged(value, path);
  if (value === null || typeof value === "boolean") return { atom: String(value) };
  if (typeof value === "string") return textTerm(value, path, { binary: value });
  if (typeof value === "bigint") return { integer: String(value) };
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return { error: `the number ${value}`, path };
    return Number.isInteger(value) ? { integer: BigInt(value).toString() } : { float: value };
  }
  if (Array.isArray(value)) return termsOf(value, path, (list) => ({ list }));
  const pairs: (readonly [ErlangTerm, ErlangTerm])[] = [];
  for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
    const name = atomOf(key, [...path, key]);
    const term = termOfValue(item, [...path, key]);
    if ("error" in name) return name;
    if ("error" in term) return term;
    pairs.push([name, term]);
  }
  return { map: inOrder(pairs) };
}

/** A map has no order: two that differ only in how they are written are the same, and have the same digest. */
const inOrder = (pairs: (readonly [ErlangTerm, ErlangTerm])[]): (readonly [ErlangTerm, ErlangTerm])[] =>
  pairs
    .map((pair) => ({ pair, key: formatTerm(pair[0]) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ pair }) => pair);

function termOfTagged({ tag, value }: Tagged, path: Path): ErlangTerm | NoTerm {
  if (tag === "atom") return atomOf(String(value), path);
  if (tag === "charlist") return textTerm(String(value), path, { charlist: String(value) });
  if (tag === "float") return { float: Number(value) };
  if (tag === "bytes") return { bytes: String(value) };
  if (tag === "map") return pairsTerm(value as (readonly [unknown, unknown])[], path);
  return termsOf(value as unknown[], path, (tuple) => ({ tuple }));
}

function pairsTerm(pairs: readonly (readonly [unknown, unknown])[], path: Path): ErlangTerm | NoTerm {
  const terms: (readonly [ErlangTerm, ErlangTerm])[] = [];
  for (const [index, [key, value]] of pairs.entries()) {
    const [left, right] = [termOfValue(key, [...path, index, 0]), termOfValue(value, [...path, index, 1])];
    if ("error" in left) return left;
    if ("error" in right) return right;
    terms.push([left, right]);
  }
  return { map: inOrder(terms) };
}

/** The atom of a name. */
export function atomOf(name: string, path: Path): ErlangTerm | NoTerm {
  // erl_scan refuses longer ones: an atom holds at most 255 characters (Erlang efficiency guide, system limits).
  if ([...name].length > 255) return { error: "an atom of more than 255 characters", path };
  return textTerm(name, path, { atom: name });
}

/** Text that erl_scan reads: no half of a surrogate pair, and not the two code points that it refuses (Unicode, noncharacters). */
function textTerm(text: string, path: Path, term: ErlangTerm): ErlangTerm | NoTerm {
  if (!text.isWellFormed()) return { error: "text with half a character", path };
  return /[\uFFFE\uFFFF]/.test(text) ? { error: "text with U+FFFE or U+FFFF", path } : term;
}

function termsOf(
  values: readonly unknown[],
  path: Path,
  wrap: (terms: ErlangTerm[]) => ErlangTerm,
): ErlangTerm | NoTerm {
  const terms: ErlangTerm[] = [];
  for (const [index, value] of values.entries()) {
    const term = termOfValue(value, [...path, index]);
    if ("error" in term) return term;
    terms.push(term);
  }
  return wrap(terms);
}

/** The term as text that file:consult/1 and erl_call read back as the same term. ASCII only, on one line. */
export function formatTerm(term: ErlangTerm): string {
  if ("atom" in term) return formatAtom(term.atom);
  if ("binary" in term) return term.binary === "" ? "<<>>" : `<<"${escaped(term.binary)}"/utf8>>`;
  if ("bytes" in term)
    return `<<${(term.bytes.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join(",")}>>`;
  if ("charlist" in term) return `"${escaped(term.charlist)}"`;
  if ("integer" in term) return term.integer;
  if ("float" in term) return formatFloat(term.float);
  if ("list" in term) return `[${term.list.map(formatTerm).join(",")}]`;
  if ("tuple" in term) return `{${term.tuple.map(formatTerm).join(",")}}`;
  return `#{${term.map.map(([key, value]) => `${formatTerm(key)} => ${formatTerm(value)}`).join(",")}}`;
}

/** Words that erl_scan reads as keywords, not as atoms (Erlang reference manual, 1.5); two of them in some releases only. */
export const RESERVED: ReadonlySet<string> = new Set(
  "after and andalso band begin bnot bor bsl bsr bxor case catch cond div else end fun if let maybe not of or orelse receive rem try when xor".split(
    " ",
  ),
);

function formatAtom(name: string): string {
  return /^[a-z][a-zA-Z0-9_@]*$/.test(name) && !RESERVED.has(name) ? name : `'${escaped(name, "'")}'`;
}

function formatFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  if (/e/.test(text)) return text.includes(".") ? text : text.replace("e", ".0e");
  return text.includes(".") ? text : `${text}.0`;
}

function escaped(text: string, quote = '"'): string {
  return [...text]
    .map((character) => {
      if (character === quote || character === "\\") return `\\${character}`;
      const code = character.codePointAt(0) ?? 0;
      return code >= 0x20 && code < 0x7f ? character : `\\x{${code.toString(16)}}`;
    })
    .join("");
}
