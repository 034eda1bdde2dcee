// YAML and JSON files (JSON is read by the YAML parser: positions for both, one set of rules). Every value keeps its place.
import type { Node, Pair, ScalarTag, Document as YamlDocument } from "yaml";
import { isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
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
  /** A number as it is written, such as 0777 or 1.50. */
  numeral(path: Path): string | undefined;
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
/** A file that is no YAML at all has more than anybody reads. */
const MAX_SYNTAX_ERRORS = 20;

const textTag = (tag: string): ScalarTag => ({ tag, resolve: (text: string) => text });

/** Reads one YAML or JSON file. All syntax errors are reported, each with its place. */
export function parseDocumentText(file: string, text: string): { document: SpecDocument } | { problems: Problem[] } {
  const whole = (detail: string): { problems: Problem[] } => ({
    problems: [problem("invalid_syntax", { in: "spec", file, line: 1, column: 1, path: "" }, { detail })],
  });
  if (new TextEncoder().encode(text).length > MAX_BYTES) return whole(`the file is larger than ${MAX_BYTES} bytes`);
  if (text.includes("\0")) return whole("the file contains a NUL byte");

  const content = text.replace(/^\uFEFF/, "");
  const yaml = parseDocument(content, {
    intAsBigInt: true,
    uniqueKeys: true,
    prettyErrors: false,
    customTags: [textTag("!atom"), textTag("!charlist"), { tag: "!tuple", collection: "seq" }],
  });
  const position = positionsIn(content);
  const errors = [...yaml.errors, ...yaml.warnings].slice(0, MAX_SYNTAX_ERRORS).map((error) => {
    const [said = error.code] = error.message.split("\n");
    const detail = said.includes("call stack") ? TOO_DEEP : said;
    return problem("invalid_syntax", { in: "spec", file, ...position(error.pos[0]), path: "" }, { detail });
  });
  if (errors.length > 0) return { problems: errors };

  const places = new Map<string, Place>();
  const numerals = new Map<string, string>();
  const problems: Problem[] = [];
  const value = plainValue(yaml, { file, places, numerals, position, problems });
  if (problems.length > 0) return { problems };

  const nearest = (path: Path): Place => {
    for (let length = path.length; length >= 0; length--) {
      const place = places.get(keyOf(path.slice(0, length)));
      if (place) return place;
    }
    return { line: 1, column: 1 };
  };
  const where = (place: Place, path: Path): Where & { in: "spec" } => ({
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
      numeral: (path) => numerals.get(keyOf(path)),
    },
  };
}

type Place = { line: number; column: number };

const TOO_DEEP = `nested deeper than ${MAX_DEPTH} levels`;

const keyOf = (path: Path): string => JSON.stringify(path);

/** Offsets to places. The parser's own counter misses line ends inside long texts after an error. */
function positionsIn(text: string): (offset: number) => Place {
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

type Walk = {
  file: string;
  places: Map<string, Place>;
  numerals: Map<string, string>;
  position: (offset: number) => Place;
  problems: Problem[];
};

/** Tags that say no more than what is there anyway, and ours. Others, such as !!binary, name values that a spec does not have. */
const TAGS = /^(!atom|!charlist|!tuple|tag:yaml\.org,2002:(str|int|float|bool|null|map|seq))$/;

function plainValue(yaml: YamlDocument, walk: Walk): unknown {
  const visit = (node: Node | null, path: Path): unknown => {
    const refuse = (detail: string, at: Node | null = node): undefined => {
      const place = walk.position(at?.range?.[0] ?? 0);
      const where = { in: "spec", file: walk.file, ...place, path: path.join(".") } as const;
      walk.problems.push(problem("invalid_syntax", where, { detail }));
      return undefined;
    };
    walk.places.set(keyOf(path), walk.position(node?.range?.[0] ?? 0));
    if (path.length > MAX_DEPTH) return refuse(TOO_DEEP);
    if (isAlias(node)) return refuse("YAML aliases are not allowed here; write the value out");
    if (node?.tag !== undefined && !TAGS.test(node.tag))
      return refuse(`${node.tag.replace("tag:yaml.org,2002:", "!!")} is no tag that a spec may have`);
    if (isScalar(node)) {
      if (node.source !== undefined && /^(number|bigint)$/.test(typeof node.value))
        walk.numerals.set(keyOf(path), node.source);
      return scalarValue(node.value, node.source, node.tag);
    }
    if (isSeq(node)) {
      const items = node.items.map((item, index) => visit(item as Node | null, [...path, index]));
      return node.tag === "!tuple" ? new Tagged("tuple", items) : items;
    }
    if (!isMap(node)) return null;
    // A map without prototype: a key such as constructor is a key like any other.
    const map: Record<string, unknown> = Object.create(null);
    for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
      if (!isScalar(key) || key.value === null) {
        refuse("a key must be a word", key);
        continue;
      }
      const name = String(key.value);
      if (!isPlainKey(name)) {
        refuse(`${JSON.stringify(name)} can't be a key`, key);
        continue;
      }
      walk.places.set(`key ${keyOf([...path, name])}`, walk.position(key.range?.[0] ?? 0));
      map[name] = visit(value, [...path, name]);
    }
    return map;
  };
  return visit(yaml.contents as Node | null, []);
}

/** No control characters, which would tear a message apart, and not the one name that objects of JavaScript give a meaning. */
const isPlainKey = (name: string): boolean => name !== "__proto__" && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name);

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
