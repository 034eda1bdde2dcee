// One commit's whole wanted state: every app folder's spec, read through a passed-in tree.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { SourcedSpec } from "./parse-app.ts";
import { parseApp } from "./parse-app.ts";

/** The files of a commit below one folder: path → text. Only what a spec may be read from needs a text. */
export type Tree = { commit: string; paths: readonly string[]; read(path: string): string };

export type WantedState = { apps: ReadonlyMap<string, SourcedSpec>; problems: Problem[]; warnings: Problem[] };

/** bc_gitops' order of lookup; the first that exists in an app's folder is its spec. */
const SPEC_FILES = [
  "app.config",
  "app.yaml",
  "app.yml",
  "app.json",
  "config.yaml",
  "config.yml",
  "config.json",
  "config",
] as const;

/** The spec file of each app folder below `folder` that has one: folder → path. */
export function specFiles(paths: readonly string[], folder: string): Map<string, string> {
  const present = new Set(paths);
  const folders = new Set(
    paths.flatMap((path) => {
      if (folder !== "" && !path.startsWith(`${folder}/`)) return [];
      const [app, file] = path.slice(folder === "" ? 0 : folder.length + 1).split("/");
      return app !== undefined && file !== undefined ? [folder === "" ? app : `${folder}/${app}`] : [];
    }),
  );
  const files = new Map<string, string>();
  for (const app of folders) {
    const file = SPEC_FILES.map((name) => `${app}/${name}`).find((path) => present.has(path));
    if (file !== undefined) files.set(app, file);
  }
  return files;
}

/** Reads and checks every spec of a commit; all problems at once. `environment` names the overlays that would apply. */
export function readSpecs(tree: Tree, folder: string, environment: string): WantedState {
  const apps = new Map<string, SourcedSpec>();
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const [app, file] of specFiles(tree.paths, folder)) {
    const top = { in: "spec", file, line: 1, column: 1, path: "" } as const;
    const overlay = tree.paths.find((path) => path.startsWith(`${app}/app.${environment}.`));
    if (overlay !== undefined) {
      problems.push(
        problem(
          "not_supported",
          { ...top, file: overlay },
          {
            what: `an overlay such as app.${environment}.yaml`,
            instead: "Keep one spec folder an environment, and name it in the input specs.",
          },
        ),
      );
    }
    if (file.endsWith("config")) {
      problems.push(
        problem("not_supported", top, {
          what: "a spec in Erlang terms",
          instead: "Write the same fields as app.yaml; remove the Erlang file, since it would be read first.",
        }),
      );
      continue;
    }
    const parsed = parseApp(file, tree.read(file));
    problems.push(...parsed.problems);
    warnings.push(...parsed.warnings);
    if (!parsed.app) continue;
    const { spec, document } = parsed.app;
    const other = apps.get(spec.name);
    if (other === undefined) apps.set(spec.name, parsed.app);
    else problems.push(problem("duplicate_app", document.at(["name"]), { app: spec.name, other: other.document.file }));
  }
  return { apps, problems, warnings };
}
