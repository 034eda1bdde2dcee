// An application's .app file (kernel, app(4)), as far as a hot upgrade depends on it.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { ReadingBudget } from "./reading-budget.ts";
import { readTermFile } from "./term-file.ts";
import { atomIn, atomsIn, listIn, textIn, tupleIn } from "./term-shape.ts";

export type ApplicationFile = {
  readonly name: string;
  readonly version: string;
  /** In the order of the file. */
  readonly modules: readonly string[];
  /** What is started before it: `applications`, of which some may be optional. */
  readonly applications: readonly string[];
  readonly included: readonly string[];
  /** The callback module of its `mod`; null for a library. */
  readonly startModule: string | null;
  readonly resource: ErlangTerm;
};

/** Reads an .app file; an error is a sentence's end: `it holds no {application, Name, Keys}`. */
export function readApplicationFile(bytes: Uint8Array, budget?: ReadingBudget): ApplicationFile | { error: string } {
  const read = readTermFile(bytes, budget);
  return "error" in read ? read : applicationOf(read.term);
}

/** The same of the term alone. */
export function applicationOf(resource: ErlangTerm): ApplicationFile | { error: string } {
  const [tag, name, keys] = tupleIn(resource) ?? [];
  const [application, pairs] = [atomIn(name), listIn(keys)];
  if (atomIn(tag) !== "application" || application === null || pairs === null)
    return { error: "it holds no {application, Name, Keys}" };
  const value = (key: string): ErlangTerm | undefined =>
    pairs.map(tupleIn).find((it) => it?.length === 2 && atomIn(it[0]) === key)?.[1];
  const version = textIn(value("vsn"));
  if (version === null || version === "") return { error: "it has no vsn" };
  return {
    name: application,
    version,
    modules: atomsIn(value("modules")) ?? [],
    applications: atomsIn(value("applications")) ?? [],
    included: atomsIn(value("included_applications")) ?? [],
    startModule: atomIn(tupleIn(value("mod"))?.[0]),
    resource,
  };
}
