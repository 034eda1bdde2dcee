// YAML and JSON files (JSON is read by the YAML parser: positions for both, one set of rules). Every value keeps its place.
import type { Node, Pair, ScalarTag, Document as YamlDocument } from "yaml";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Problem, Where } from "../core/problem.ts";
import { problem } from "../core/problem.ts";

export type Path = readonly (string | number)[];

/** A parsed file: plain values, and the place of each of them. */
export type SpecDocument = {
  file: string;
  value: unknown;
  /** The place of a value, or of its nearest ancestor that stands in the file. */
  at(path: Path): Where & { in: "spec" };
  /** The place of a map's key. */
  atKey(path: Path): Where & { in: "spec" };
};

/** A value that YAML marks as an Erlang type of its own: `!atom ok`, `!charlist abc`, `!tuple [a, b]`, or a float such as 1.0. */
export class Tagged {
  readonly tag: "atom" | "charlist" | "tuple" | "float";
  readonly value: unknown;
  constructor(tag: Tagged["tag"], value: unknown) {
    this.tag = tag;
    this.value = value;
  }
}

const MAX_BYTES = 1_000_000;
const MAX_DEPTH = 64;
const ROOT = "";

const textTag = (tag: string): ScalarTag => ({ tag, resolve: (text: string) => text });

/** Reads one YAML or JSON file. All syntax errors are reported, each with its place. */
export function parseDocumentText(file: string, text: string): { document: SpecDocument } | { problems: Problem[] } {
  const whole = (detail: string): { problems: Problem[] } => ({
    problems: [problem("invalid_syntax", { in: "spec", file, line: 1, column: 1, path: "" }, { detail })],
  });
  if (text.length > MAX_BYTES) return whole(`the file is larger than ${MAX_BYTES} bytes`);
  if (text.includes("\0")) return whole("the file contains a NUL byte");

  const lines = new LineCounter();
  const yaml = parseDocument(text.replace(/^\uFEFF/, " "), {
    lineCounter: lines,
    intAsBigInt: true,
    uniqueKeys: true,
    prettyErrors: false,
    customTags: [textTag("!atom"), textTag("!charlist"), { tag: "!tuple", collection: "seq" }],
  });
  const position = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const errors = [...yaml.errors, ...yaml.warnings].map((error) =>
    problem(
      "invalid_syntax",
      { in: "spec", file, ...position(error.pos[0]), path: "" },
      { detail: error.message.split("\n")[0] ?? error.code },
    ),
  );
  if (errors.length > 0) return { problems: errors };

  const places = new Map<string, { line: number; column: number }>();
  const problems: Problem[] = [];
  const value = plainValue(yaml, { file, places, position, problems });
  if (problems.length > 0) return { problems };

  const nearest = (path: Path): { line: number; column: number } => {
    for (let length = path.length; length >= 0; length--) {
      const place = places.get(keyOf(path.slice(0, length)));
      if (place) return place;
    }
    return { line: 1, column: 1 };
  };
  const where = (place: { line: number; column: number }, path: Path): Where & { in: "spec" } => ({
    in: "spec",
    file,
    ...place,
    path: path.join("."),
  });
  return {
    document: {
      file,
      value,
      at: (path) => where(nearest(path), path),
      atKey: (path) => where(places.get(`key ${keyOf(path)}`) ?? nearest(path), path),
    },
  };
}

const keyOf = (path: Path): string => (path.length === 0 ? ROOT : path.map((part) => `/${part}`).join(""));

type Walk = {
  file: string;
  places: Map<string, { line: number; column: number }>;
  position: (offset: number) => { line: number; column: number };
  problems: Problem[];
};

function plainValue(yaml: YamlDocument, walk: Walk): unknown {
  const visit = (node: Node | null, path: Path): unknown => {
    const place = walk.position(node?.range?.[0] ?? 0);
    const refuse = (detail: string): undefined => {
      walk.problems.push(
        problem("invalid_syntax", { in: "spec", file: walk.file, ...place, path: path.join(".") }, { detail }),
      );
      return undefined;
    };
    walk.places.set(keyOf(path), place);
    if (path.length > MAX_DEPTH) return refuse(`nested deeper than ${MAX_DEPTH} levels`);
    if (isAlias(node)) return refuse("YAML aliases are not allowed here; write the value out");
    if (isScalar(node)) return scalarValue(node.value, node.source, node.tag);
    if (isSeq(node)) {
      const items = node.items.map((item, index) => visit(item as Node | null, [...path, index]));
      return node.tag === "!tuple" ? new Tagged("tuple", items) : items;
    }
    if (!isMap(node)) return null;
    // A map without prototype: a key such as __proto__ is a key like any other.
    const map: Record<string, unknown> = Object.create(null);
    for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
      if (!isScalar(key) || key.value === null) {
        refuse("a key must be a word");
        continue;
      }
      const name = String(key.value);
      walk.places.set(`key ${keyOf([...path, name])}`, walk.position(key.range?.[0] ?? 0));
      map[name] = visit(value, [...path, name]);
    }
    return map;
  };
  return visit(yaml.contents as Node | null, []);
}

function scalarValue(value: unknown, source: string | undefined, tag: string | undefined): unknown {
  if (tag === "!atom") return new Tagged("atom", String(value));
  if (tag === "!charlist") return new Tagged("charlist", String(value));
  if (typeof value === "bigint") {
    const isExact = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
    return isExact ? Number(value) : value;
  }
  // JavaScript has one number type; 1.0 would come out as the integer 1 in Erlang.
  if (typeof value === "number" && Number.isInteger(value) && /[.eE]/.test(source ?? ""))
    return new Tagged("float", value);
  return value;
}
