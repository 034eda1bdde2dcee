// One commit's whole wanted state: every app folder's spec, read through a passed-in tree.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { ParsedDocument, SpecDocument } from "./document.ts";
import { overlaid } from "./overlay.ts";
import type { Draft, SourcedSpec } from "./parse-app.ts";
import { appOf } from "./parse-app.ts";
import { parseFile } from "./parse-file.ts";
import { overlaysOf, specFiles } from "./spec-files.ts";

/** The files of a commit below one folder, and the bytes of those that a spec is read from; null: too large to be read. */
export type Tree = {
  commit: string;
  paths: readonly string[];
  /** Those of the paths that lead elsewhere, with what they are, in words. */
  elsewhere: ReadonlyMap<string, string>;
  read(path: string): Uint8Array | null;
};

export type WantedState = {
  apps: ReadonlyMap<string, SourcedSpec>;
  /** What could be read of those that have mistakes. */
  drafts: readonly Draft[];
  problems: Problem[];
  warnings: Problem[];
};

/** Reads and checks every spec of a commit; all problems at once. `environment` names the overlays that apply. */
export function readSpecs(tree: Tree, folder: string, environment: string): WantedState {
  const apps = new Map<string, SourcedSpec>();
  const drafts: Draft[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const present = new Set(tree.paths);
  for (const [app, file] of specFiles(tree.paths, folder)) {
    const document = documentOf(tree, file, overlaysOf(present, app, environment));
    if ("problems" in document) {
      problems.push(...document.problems);
      continue;
    }
    const read = appOf(document.document, environment);
    for (const each of read.problems) problems.push(each);
    for (const each of read.warnings) warnings.push(each);
    if (read.draft !== undefined) drafts.push(read.draft);
    if (!read.app) continue;
    const { spec } = read.app;
    const other = apps.get(spec.name);
    if (other === undefined) apps.set(spec.name, read.app);
    else problems.push(...namedTwice(spec.name, other.document, read.app.document));
  }
  return { apps, drafts, problems, warnings };
}

/** Both lines: either of the two may be the one to change. */
const namedTwice = (app: string, one: SpecDocument, two: SpecDocument): Problem[] => [
  problem("duplicate_app", one.at(["name"]), { app, other: two.file }),
  problem("duplicate_app", two.at(["name"]), { app, other: one.file }),
];

/** A spec file, with the overlay of the environment laid over it. */
function documentOf(tree: Tree, file: string, overlays: readonly string[]): ParsedDocument {
  const base = parseFile(file, tree.read(file));
  const [overlayFile, ...more] = overlays;
  if (overlayFile === undefined) return base;
  const overlay = parseFile(overlayFile, tree.read(overlayFile));
  const problems = [
    ...("problems" in base ? base.problems : []),
    ...("problems" in overlay ? overlay.problems : []),
    ...more.map((other) => problem("duplicate_overlay", top(other), { other: overlayFile })),
  ];
  if ("problems" in base || "problems" in overlay || problems.length > 0) return { problems };
  const wrong = overlayProblems(base.document, overlay.document);
  return wrong.length > 0 ? { problems: wrong } : { document: overlaid(base.document, overlay.document) };
}

const top = (file: string) => ({ in: "spec", file, line: 1, column: 1, path: "" }) as const;

/** An overlay is a map, and of the same app. */
function overlayProblems(base: SpecDocument, overlay: SpecDocument): Problem[] {
  const isMap = (value: unknown): value is Record<string, unknown> =>
    value !== null && typeof value === "object" && !Array.isArray(value);
  if (!isMap(overlay.value)) {
    const facts = { field: "an overlay", expected: "a map of the fields that differ", got: "something else" };
    return [problem("invalid_value", overlay.at([]), facts)];
  }
  const name = isMap(base.value) ? base.value.name : undefined;
  if (overlay.value.name === undefined || overlay.value.name === name) return [];
  const facts = { field: "name", expected: `left out, or ${String(name)} as in ${base.file}`, got: "another" };
  return [problem("invalid_value", overlay.at(["name"]), facts)];
}
