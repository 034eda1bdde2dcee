// YAML files, and the values and places of JSON files.
import type { Node, Pair, ScalarTag } from "yaml";
import { isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { ParsedDocument, Path } from "./document.ts";
import { isPlainKey, MAX_DEPTH, Places, Tagged, TOO_DEEP } from "./document.ts";

const textTag = (tag: string): ScalarTag => ({ tag, resolve: (text: string) => text });

const SECOND_DOCUMENT =
  "a second YAML document begins here (---); a file holds one, and each app has a folder of its own";

/** Reads one YAML file. All syntax errors are reported, each with its place. */
export function parseYaml(file: string, text: string): ParsedDocument {
  const places = new Places(file, text);
  const yaml = parseDocument(text, {
    intAsBigInt: true,
    // The parser compares each key with all before it: a file of many keys would take minutes. The walk below looks for doubles.
    uniqueKeys: false,
    prettyErrors: false,
    customTags: [textTag("!atom"), textTag("!charlist"), { tag: "!tuple", collection: "seq" }],
  });
  for (const error of [...yaml.errors, ...yaml.warnings]) {
    const [said = error.code] = error.message.split("\n");
    const words = error.code === "MULTIPLE_DOCS" ? SECOND_DOCUMENT : said;
    places.refuse(/call stack|stack overflow/i.test(said) ? TOO_DEEP : words, error.pos[0]);
  }
  // YAML 1.1 has other values: yes is true, 010 is 8, 2001-12-14 is a date.
  if (yaml.directives?.yaml.explicit && yaml.directives.yaml.version !== "1.2")
    places.refuse("only YAML 1.2 is read; take the directive %YAML out", 0);
  // What is there of a file with errors is looked at as well: all of its mistakes are told at once.
  return places.document(plainValue(yaml.contents as Node | null, [], places));
}

/** YAML's own tags that name values which a spec does not have, such as !!binary. What is no tag at all the parser warns of. */
const OTHER_TAGS = /^tag:yaml\.org,2002:(?!(str|int|float|bool|null|map|seq)$)/;

function plainValue(node: Node | null, path: Path, places: Places): unknown {
  const offset = node?.range?.[0] ?? 0;
  const refuse = (detail: string): undefined => places.refuse(detail, offset, path);
  places.value(path, offset);
  if (path.length > MAX_DEPTH) return refuse(TOO_DEEP);
  if (isAlias(node)) return refuse("YAML aliases are not allowed here; write the value out");
  if (node?.tag !== undefined && OTHER_TAGS.test(node.tag))
    return refuse(`${node.tag.replace("tag:yaml.org,2002:", "!!")} is no tag that a spec may have`);
  if (isScalar(node)) {
    if (node.source !== undefined && /^(number|bigint)$/.test(typeof node.value)) places.numeral(path, node.source);
    return scalarValue(node.value, node.source, node.tag);
  }
  if (isSeq(node)) {
    const items = node.items.map((item, index) => plainValue(item as Node | null, [...path, index], places));
    return node.tag === "!tuple" ? new Tagged("tuple", items) : items;
  }
  if (!isMap(node)) return null;
  return mapValue(node.items as Pair<Node, Node | null>[], path, places);
}

function mapValue(pairs: readonly Pair<Node, Node | null>[], path: Path, places: Places): Record<string, unknown> {
  // A map without prototype: a key such as constructor is a key like any other.
  const map: Record<string, unknown> = Object.create(null);
  for (const { key, value } of pairs) {
    const offset = key?.range?.[0] ?? 0;
    if (!isScalar(key) || key.value === null) {
      places.refuse("a key must be a word", offset, path);
      continue;
    }
    if (key.tag !== undefined && !key.tag.startsWith("tag:yaml.org,2002:")) {
      places.refuse(`a key is a word, without ${key.tag}`, offset, path);
      continue;
    }
    // As it is written: 007 is no 7, where it is a name.
    const name = typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
    if (name === "<<") {
      places.refuse("YAML's merging (<<) is not allowed here; write the values out", offset, path);
      continue;
    }
    if (!isPlainKey(name)) {
      places.refuse(`${JSON.stringify(name)} can't be a key`, offset, path);
      continue;
    }
    if (Object.hasOwn(map, name)) {
      places.refuse(`${JSON.stringify(name)} is there twice`, offset, [...path, name]);
      continue;
    }
    places.key([...path, name], offset);
    map[name] = plainValue(value, [...path, name], places);
  }
  return map;
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
