// {name}, {version}, {environment} and {host} are filled in where this says so, and nowhere else: no templating language.
import { didYouMean } from "../core/did-you-mean.ts";
import type { AppSpec } from "./app-spec.ts";

const NAMES = ["name", "version", "environment", "host"] as const;

type Variables = Partial<Record<(typeof NAMES)[number], string>>;

/** A text with the variables that are known filled in; what else stands in braces stays. */
export const expanded = (text: string, variables: Variables): string =>
  text.replace(
    /\{(name|version|environment|host)\}/g,
    (written, name: (typeof NAMES)[number]) => variables[name] ?? written,
  );

/** What stands in braces and is none of these variables, and what was probably meant; undefined where nothing is. */
export function unknownVariable(
  text: string,
  known: readonly string[],
): { name: string; suggestion?: string } | undefined {
  const name = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, it = ""]) => it).find((it) => !known.includes(it));
  if (name === undefined) return undefined;
  const suggestion = didYouMean(name, known);
  return suggestion === undefined ? { name } : { name, suggestion };
}

/** A spec as it is for one host: {host} in os_env is its name. The very same object where nothing is to be filled in. */
export function specOn(spec: AppSpec, host: string): AppSpec {
  const values = Object.values(spec.os_env);
  if (!values.some((value) => "value" in value && value.value.includes("{host}"))) return spec;
  const filled = Object.entries(spec.os_env).map(([name, value]) => [
    name,
    "value" in value ? { value: expanded(value.value, { host }) } : value,
  ]);
  return { ...spec, os_env: Object.fromEntries(filled) };
}
