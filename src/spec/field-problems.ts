// From zod's issues to problems with a place, in the words of the spec language. Shared by specs and the fleet file.
import type { z } from "zod";
import { didYouMean } from "../core/did-you-mean.ts";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { visible } from "../core/visible.ts";
import type { Path, SpecDocument } from "./document.ts";
import { Tagged } from "./document.ts";

type Issue = z.core.$ZodIssue;

/** More of one file than anybody reads at once; a file may be made to hold any number of mistakes. */
export const MOST = 100;

/** Every value in the document that the schema refuses, at its place. */
function valueProblems(document: SpecDocument, issues: readonly Issue[]): Problem[] {
  return issues.map((issue) => {
    const path = pathOf(issue);
    if (issue.code === "invalid_key") {
      const field = `a name in ${fieldOf(path.slice(0, -1))}`;
      const got = JSON.stringify(String(path.at(-1)));
      return problem("invalid_value", document.atKey(path), { field, expected: expectedBy(issue), got });
    }
    const got = valueAt(document.value, path);
    if (got === undefined) return problem("missing_field", document.at(path), { field: fieldOf(path) });
    return problem("invalid_value", document.at(path), {
      field: fieldOf(path),
      expected: `${expectedBy(issue)}${inQuotes(document, path)}`,
      got: shown(got, document.numeral(path)),
    });
  });
}

/** YAML takes 1.10 for a number, which is 1.1: how it is written as text. */
function inQuotes(document: SpecDocument, path: Path): string {
  const numeral = document.numeral(path);
  return numeral !== undefined && path.join() === "version" && /\.ya?ml$/.test(document.file)
    ? ` (write version: "${numeral}")`
    : "";
}

/** Where one of several forms was meant, what is wrong with that one; the whole where none was. */
function leafIssues(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const meant = issue.errors.find((branch) => branch.length > 0 && branch.every((it) => it.path.length > 0));
  if (meant === undefined) return [issue];
  return meant.flatMap((it) => leafIssues({ ...it, path: [...issue.path, ...it.path] } as Issue));
}

const pathOf = (issue: Issue): (string | number)[] =>
  issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));

/**
 * A copy of a value without what the schema refuses, so that the rest can be judged as well: all mistakes are told at once.
 * `standIns` are for fields that must be there. `isTouched` tells problems that are only about what was taken away.
 */
function withoutRefused(
  value: unknown,
  issues: readonly Issue[],
  standIns: object,
): { value: unknown; isTouched: (of: Problem) => boolean } {
  const paths = issues.map(pathOf);
  const refused = new Set(paths.map((path) => path.join("\n")));
  const copied = (at: unknown, path: Path): unknown => {
    if (at === null || typeof at !== "object" || at instanceof Tagged) return at;
    const isKept = (key: string | number): boolean => !refused.has([...path, key].join("\n"));
    if (Array.isArray(at)) return at.flatMap((item, index) => (isKept(index) ? [copied(item, [...path, index])] : []));
    const kept = Object.entries(at).filter(([key]) => isKept(key));
    return Object.fromEntries(kept.map(([key, item]) => [key, copied(item, [...path, key])]));
  };
  const isTouched = (of: Problem): boolean => {
    if (of.where.in !== "spec") return false;
    const field = of.code === "missing_field" ? of.facts.field : of.where.path;
    return paths.slice(0, MOST).some((path) => `${field}.`.startsWith(`${fieldOf(path)}.`));
  };
  const rest = copied(value, []);
  const isMap = rest !== null && typeof rest === "object" && !Array.isArray(rest);
  return { value: isMap ? { ...standIns, ...rest } : rest, isTouched };
}

/**
 * A document as its schema has it: its fields, or null; and what is wrong with it, all at once. `rest`: what can be read of one that is
 * wrong, and which problems are only about what can't; null where nothing can.
 */
export type Judged<Fields> = {
  fields: Fields | null;
  rest: { fields: Fields; isTouched: (of: Problem) => boolean } | null;
  problems: Problem[];
  warnings: Problem[];
};

/**
 * Judges a document by its schema and by what its values mean. `standIns` are for fields that must be there, so that the rest can be
 * judged without them. A key that is nearly a known one is a mistake, for without it something else would happen; others are warned
 * of, since real repositories carry fields for other tools.
 */
export function judged<Schema extends z.ZodType>(
  document: SpecDocument,
  schema: Schema,
  standIns: object,
  meaningProblems: (fields: z.output<Schema>) => Problem[],
): Judged<z.output<Schema>> {
  const [misspelt, warnings] = unknownFields(document, schema);
  const result = schema.safeParse(document.value);
  const odd = oddMaps(document.value, schema, []);
  const issues = [...odd, ...(result.error?.issues ?? [])];
  if (result.success && issues.length === 0) {
    const problems = [...misspelt, ...meaningProblems(result.data)];
    const isWell = problems.length === 0;
    const rest = { fields: result.data, isTouched: () => false };
    return { fields: isWell ? result.data : null, rest: isWell ? null : rest, problems, warnings };
  }
  const rest = withoutRefused(document.value, issues, standIns);
  const again = schema.safeParse(rest.value);
  const further = again.success ? meaningProblems(again.data).filter((it) => !rest.isTouched(it)) : [];
  const leaves = issues.slice(0, MOST).flatMap(leafIssues);
  const told = leaves.filter((leaf) => odd.includes(leaf) || !odd.some((it) => isWithin(leaf, it)));
  return {
    fields: null,
    rest: again.success ? { fields: again.data, isTouched: rest.isTouched } : null,
    problems: [...valueProblems(document, told), ...misspelt, ...further],
    warnings,
  };
}

const isWithin = (issue: Issue, { path }: Issue): boolean => path.every((part, index) => issue.path[index] === part);

/** What stands where a map must, and is an object of JavaScript's only to us: a tuple, a float, an atom. To zod it is an empty map. */
function oddMaps(value: unknown, schema: z.ZodType, path: Path): Issue[] {
  const { type, innerType, valueType, options } = schema.def as Definition;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [];
  if (innerType !== undefined) return oddMaps(value, innerType, path);
  if (options !== undefined && value instanceof Tagged) {
    // Of all that it could have been none was meant.
    const [issue] = schema.safeParse(value).error?.issues ?? [];
    return issue === undefined ? [] : [{ code: "custom", path: [...path], message: issue.message, input: value }];
  }
  if (options !== undefined) {
    const meant = options.find((option) => isMeant(option, value));
    return meant === undefined ? [] : oddMaps(value, meant, path);
  }
  if (value instanceof Tagged)
    return type === "object"
      ? [{ code: "invalid_type", expected: "object", path: [...path], message: "Invalid input", input: value }]
      : [];
  const { shape } = schema as z.ZodObject;
  return Object.entries(value).flatMap(([key, item]) => {
    const of = valueType ?? (type === "object" && Object.hasOwn(shape, key) ? (shape[key] as z.ZodType) : undefined);
    return of === undefined ? [] : oddMaps(item, of, [...path, key]);
  });
}

/** Is it the one of several forms that a map's type names; or, of forms without one, the map? */
function isMeant(option: z.ZodType, value: object): boolean {
  const { type, options } = option.def as Definition;
  if (options !== undefined) return options.some((it) => isMeant(it, value));
  if (type !== "object") return type === "record";
  const { shape } = option as z.ZodObject;
  return (shape.type as z.ZodType | undefined)?.safeParse((value as { type?: unknown }).type).success ?? true;
}

/** Keys that the schema does not know: those that are nearly one of its own, and all others. */
function unknownFields(document: SpecDocument, schema: z.ZodType): [misspelt: Problem[], others: Problem[]] {
  const [misspelt, others]: [Problem[], Problem[]] = [[], []];
  for (const { path, known } of unknownKeys(document, schema, []).slice(0, MOST)) {
    const suggestion = didYouMean(String(path.at(-1)), known);
    const found = problem("unknown_field", document.atKey(path), { field: fieldOf(path), suggestion });
    (suggestion === undefined ? others : misspelt).push(found);
  }
  return [misspelt, others];
}

function unknownKeys(document: SpecDocument, schema: z.ZodType, path: Path): { path: Path; known: string[] }[] {
  const value = valueAt(document.value, path);
  if (value === null || typeof value !== "object" || Array.isArray(value) || value instanceof Tagged) return [];
  const { type, innerType, valueType, catchall, options } = schema.def as Definition;
  if (innerType !== undefined) return unknownKeys(document, innerType, path);
  if (options !== undefined) {
    const meant = options.find((option) => option.safeParse(value).success);
    return meant === undefined ? [] : unknownKeys(document, meant, path);
  }
  if (valueType !== undefined)
    return Object.keys(value).flatMap((key) => unknownKeys(document, valueType, [...path, key]));
  // A schema that takes any further key, or none, judges them itself.
  if (type !== "object" || catchall !== undefined) return [];
  const { shape } = schema as z.ZodObject;
  return Object.keys(value).flatMap((key) => {
    const here = [...path, key];
    if (Object.hasOwn(shape, key)) return unknownKeys(document, shape[key] as z.ZodType, here);
    return [{ path: here, known: Object.keys(shape) }];
  });
}

/** As much of zod's schemas as is looked at here: optional ones, unions, records and objects. */
type Definition = {
  type: string;
  innerType?: z.ZodType;
  valueType?: z.ZodType;
  catchall?: z.ZodType;
  options?: readonly z.ZodType[];
};

/** The value at a path, undefined where there is none. */
function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      at !== null && typeof at === "object" && Object.hasOwn(at, part)
        ? (at as Record<string | number, unknown>)[part]
        : undefined,
    value,
  );
}

const fieldOf = (path: Path): string => (path.length === 0 ? "the file" : visible(path.join(".")));

function expectedBy(issue: Issue): string {
  // A schema's own words come first; zod's default sentences begin with one of these.
  if (!/^(Invalid|Too|Unrecognized)/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return (
        {
          string: "text",
          int: "a whole number",
          number: "a number",
          record: "a map",
          object: "a map",
          array: "a list",
        }[issue.expected as string] ?? issue.expected
      );
    case "invalid_value":
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(", ")}`;
    case "too_small":
      return issue.origin === "string" || issue.origin === "array" ? "not empty" : `at least ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "invalid_key":
      return issue.issues[0]?.message ?? "a valid key";
    default:
      return issue.message;
  }
}

/** As YAML has it; what only Erlang terms have, as Erlang has it. */
function taggedText({ tag, value }: Tagged): string {
  if (tag === "map") return "a map with keys that are no atoms";
  if (tag === "bytes") return "a binary that is not UTF-8";
  return tag === "tuple" ? "a tuple" : `!${tag} ${value}`;
}

/** A value as it may stand in a message. */
export function shown(value: unknown, numeral: string | undefined): string {
  if (numeral !== undefined) return `the number ${numeral}`;
  if (value instanceof Tagged) return taggedText(value);
  // A number that JSON does not have would throw.
  const text = visible(
    JSON.stringify(value, (_, item) => (typeof item === "bigint" ? String(item) : item)) ?? "nothing",
  );
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
