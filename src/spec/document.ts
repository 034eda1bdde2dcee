// What the three syntaxes have in common once they are read: plain values, each with its place in a file.
import type { Problem, Where } from "../core/problem.ts";
import { problem, sortedProblems } from "../core/problem.ts";

export type Path = readonly (string | number)[];

/** A parsed file, or several laid over each other: plain values, and the place of each of them. */
export type SpecDocument = {
  file: string;
  value: unknown;
  /** The place of a value, or of its nearest ancestor that stands in the file. */
  at(path: Path): Where & { in: "spec" };
  /** The place of a map's key. */
  atKey(path: Path): Where & { in: "spec" };
  /** Whether a value stands in the file. */
  has(path: Path): boolean;
  /** A number as it is written, such as 0777 or 1.50. */
  numeral(path: Path): string | undefined;
};

/**
 * A value that needs its Erlang type said: `!atom ok`, `!charlist abc`, `!tuple [a, b]`, a float such as 1.0, a map whose keys
 * are not all atoms (pairs), a binary that is not UTF-8 (hex digits). Text, numbers, lists and maps of atoms stand for themselves.
 */
export class Tagged {
  readonly tag: "atom" | "charlist" | "tuple" | "float" | "map" | "bytes";
  readonly value: unknown;
  constructor(tag: Tagged["tag"], value: unknown) {
    this.tag = tag;
    this.value = value;
  }
}

/** Nobody nests deeper on purpose, and what reads the values may recurse. */
export const MAX_DEPTH = 64;
export const TOO_DEEP = `nested deeper than ${MAX_DEPTH} levels`;

/** A file that is of another syntax altogether has more mistakes than anybody reads. */
const MAX_SYNTAX_ERRORS = 20;

export type Place = { line: number; column: number };

export type ParsedDocument = { document: SpecDocument } | { problems: Problem[] };

/** Where the values, keys and numerals of one file stand; filled while it is read. */
export class Places {
  private readonly file: string;
  private readonly text: string;
  private readonly position: (offset: number) => Place;
  private readonly values = new Map<string, Place>();
  private readonly keys = new Map<string, Place>();
  private readonly numerals = new Map<string, string>();
  readonly problems: Problem[] = [];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.position = positionsIn(text);
  }

  value(path: Path, offset: number): void {
    this.values.set(keyOf(path), this.position(offset));
  }

  key(path: Path, offset: number): void {
    this.keys.set(keyOf(path), this.position(offset));
  }

  /** What stands at an offset in the form of a (sticky) pattern. */
  written(offset: number, form: RegExp): string {
    form.lastIndex = offset;
    return form.exec(this.text)?.[0] ?? "";
  }

  numeral(path: Path, written: string): void {
    this.numerals.set(keyOf(path), written);
  }

  /** Notes what is wrong with the syntax at an offset. */
  refuse(detail: string, offset: number, path: Path = []): undefined {
    if (this.problems.length >= MAX_SYNTAX_ERRORS) return undefined;
    const where = { in: "spec", file: this.file, ...this.position(offset), path: path.join(".") } as const;
    this.problems.push(problem("invalid_syntax", where, { detail }));
    return undefined;
  }

  /** The document of a value; or the problems that were noted while it was read. */
  document(value: unknown): ParsedDocument {
    if (this.problems.length > 0) return { problems: sortedProblems(this.problems) };
    const nearest = (path: Path): Place => {
      for (let length = path.length; length >= 0; length--) {
        const place = this.values.get(keyOf(path.slice(0, length)));
        if (place) return place;
      }
      return { line: 1, column: 1 };
    };
    const where = (place: Place, path: Path): Where & { in: "spec" } => ({
      in: "spec",
      file: this.file,
      ...place,
      path: path.join("."),
    });
    return {
      document: {
        file: this.file,
        value,
        at: (path) => where(nearest(path), path),
        atKey: (path) => where(this.keys.get(keyOf(path)) ?? nearest(path), path),
        has: (path) => this.values.has(keyOf(path)),
        numeral: (path) => this.numerals.get(keyOf(path)),
      },
    };
  }
}

const keyOf = (path: Path): string => JSON.stringify(path);

/** Offsets to places. A column counts characters as editors do that count UTF-16 units. */
export function positionsIn(text: string): (offset: number) => Place {
  const starts = [0];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** No control characters, which would tear a message apart, and not the one name that objects of JavaScript give a meaning. */
export const isPlainKey = (name: string): boolean => name !== "__proto__" && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name);
