// A spec that is well, and what is said of one that is not.
import { type Problem, sentenceOf, wordsOf } from "../../../src/core/problem.ts";
import type { AppSpec } from "../../../src/spec/app-spec.ts";
import { appOf, type ParsedApp } from "../../../src/spec/parse-app.ts";
import { parseFile } from "../../../src/spec/parse-file.ts";
import type { Tree } from "../../../src/spec/read-specs.ts";

/** Three lines: what a test adds begins at line 4. */
export const GOOD = `name: counter
version: 1.4.0
source: {type: release, url: "file:counter.tar.gz"}
`;

/** `code place message`, one a problem. */
export const told = (problems: readonly Problem[]): string[] => problems.map((it) => `${it.code} ${sentenceOf(it)}`);

export const remedies = (problems: readonly Problem[]): string[] => problems.map((it) => wordsOf(it).remedy);

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Reads one spec file by its name's syntax, for the environment production. */
export const parseApp = (file: string, text: string): ParsedApp => parseBytes(file, bytesOf(text));

/** The same of a file's bytes. */
export function parseBytes(file: string, bytes: Uint8Array): ParsedApp {
  const parsed = parseFile(file, bytes);
  return "problems" in parsed ? { problems: parsed.problems, warnings: [] } : appOf(parsed.document, "production");
}

/** A commit of these files; asking for another file's text is an error, as it would be in git. */
export const treeOf = (files: Readonly<Record<string, string>>): Tree => ({
  commit: "c0ffee",
  paths: Object.keys(files),
  elsewhere: new Map(),
  read: (path) => {
    const text = files[path];
    if (text === undefined) throw new Error(`${path} was read`);
    return bytesOf(text);
  },
});

const parsed = (text: string): ParsedApp => parseApp("app.yaml", text);

/** The spec of a text in which nothing is wrong, nor strange. */
export function specOf(text: string): AppSpec {
  const { app, problems, warnings } = parsed(text);
  if (app === undefined || problems.length + warnings.length > 0)
    throw new Error([...told(problems), ...told(warnings)].join("\n"));
  return app.spec;
}

/** What is wrong with a text that must not become a spec. */
export function refusalOf(text: string): string[] {
  const { app, problems } = parsed(text);
  if (app !== undefined) throw new Error(`this was taken: ${text}`);
  return told(problems);
}

/** What a text is warned of, although it becomes a spec. */
export function warningsOf(text: string): string[] {
  const { app, problems, warnings } = parsed(text);
  if (app === undefined) throw new Error(told(problems).join("\n"));
  return told(warnings);
}
