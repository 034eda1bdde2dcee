import { formatTerm } from "../spec/erlang-term.ts";
import { literal } from "./markdown.ts";

/** Replaces every secret in a value by `***`, however deep it lies. Keys are words of ours, or names, and stay. */
export type Mask = <T>(value: T) => T;

// Shorter ones stand in every other word; GitHub masks them in the log anyway.
const SHORTEST = 4;

/** The mask for some secrets: each as it is, line by line, as it looks inside a JSON or Erlang string, and in our Markdown. */
export function maskFor(secrets: Iterable<string>): Mask {
  const forms = new Set<string>();
  for (const secret of secrets)
    for (const text of [secret, ...secret.split(/\r?\n/)]) {
      const inErlang = formatTerm({ charlist: text }).slice(1, -1);
      for (const form of [text, JSON.stringify(text).slice(1, -1), inErlang]) forms.add(form).add(literal(form));
    }
  // The longest first: a line of a key must not tear the whole key apart.
  const hidden = [...forms].filter((form) => form.trim().length >= SHORTEST).sort((a, b) => b.length - a.length);
  const mask = (value: unknown): unknown => {
    if (typeof value === "string") return hidden.reduce((text, form) => text.replaceAll(form, "***"), value);
    if (Array.isArray(value)) return value.map(mask);
    if (value !== null && typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value)))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mask(item)]));
    return value;
  };
  return mask as Mask;
}
