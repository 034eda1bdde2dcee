// From zod's issues to problems with a place, in the words of the spec language. Shared by specs and the fleet file.
import type { z } from "zod";
import { didYouMean } from "../core/did-you-mean.ts";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { Path, SpecDocument } from "./document.ts";
import { Tagged } from "./document.ts";

type Issue = z.core.$ZodIssue;

/** Every value in the document that the schema refuses, at its place. */
export function valueProblems(document: SpecDocument, issues: readonly Issue[]): Problem[] {
  return issues.map((issue) => {
    const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
    const got = valueAt(document.value, path);
    if (got === undefined) return problem("missing_field", document.at(path), { field: fieldOf(path) });
    return problem("invalid_value", document.at(path), {
      field: fieldOf(path),
      expected: expectedBy(issue),
      got: shown(got),
    });
  });
}

/** Keys that the schema does not know: warnings, since real repositories carry fields for other tools. */
export function unknownFields(document: SpecDocument, schema: z.ZodObject, path: Path = []): Problem[] {
  const value = valueAt(document.value, path);
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [];
  return Object.keys(value).flatMap((key) => {
    const here = [...path, key];
    const known = schema.shape[key];
    if (known !== undefined) {
      const inner = objectWithin(known as z.ZodType);
      return inner ? unknownFields(document, inner, here) : [];
    }
    const suggestion = didYouMean(key, Object.keys(schema.shape));
    return [problem("unknown_field", document.atKey(here), { field: fieldOf(here), suggestion })];
  });
}

function objectWithin(schema: z.ZodType): z.ZodObject | undefined {
  const definition = schema.def as { type: string; innerType?: z.ZodType; catchall?: z.ZodType };
  if (definition.type === "optional" && definition.innerType) return objectWithin(definition.innerType);
  // A schema that takes any further key judges them itself.
  return definition.type === "object" && !definition.catchall ? (schema as z.ZodObject) : undefined;
}

/** The value at a path, undefined where there is none. */
function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, part) => (at !== null && typeof at === "object" ? (at as Record<string | number, unknown>)[part] : undefined),
    value,
  );
}

const fieldOf = (path: Path): string => (path.length === 0 ? "the file" : path.join("."));

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

function shown(value: unknown): string {
  if (value instanceof Tagged)
    return value.tag === "float" ? `the number ${value.value}` : `!${value.tag} ${value.value}`;
  if (typeof value === "number" || typeof value === "bigint") return `the number ${value}`;
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
