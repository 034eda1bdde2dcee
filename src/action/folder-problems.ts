// What is wrong with where specs lie. A spec that moved, was misnamed or can't be followed looks like one that was deleted, and only
// that removes an app.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { RemovalLimit } from "../plan/plan-input.ts";
import type { Apps } from "../plan/wanted-problems.ts";
import type { Tree } from "../spec/read-specs.ts";
import { isSpecName, specFiles } from "../spec/spec-files.ts";

const at = (file: string) => ({ in: "spec", file, line: 1, column: 1, path: "" }) as const;

/** What is wrong with it whatever was there before; `mayBeEmpty`: whether there may be no spec depends on that. */
export function folderProblems(tree: Tree, folder: string, mayBeEmpty: boolean): Problem[] {
  const elsewhere = linkProblems(tree, folder);
  if (!mayBeEmpty && specFiles(tree.paths, folder).size === 0) return [...elsewhere, noSpecs(tree, folder)];
  return [...elsewhere, ...tooDeepProblems(tree, folder), ...misnamedProblems(tree, folder)];
}

/** Whether a limit is one that somebody has set to let all apps go. */
export const letsAllGo = (limit: RemovalLimit): boolean => "apps" in limit || limit.percent === 100;

/**
 * Of apps that the base commit has and the wanted one seems not to have. That none is left is meant only where they were deleted since
 * then, and the limit says so.
 */
export function lostSpecProblems(
  tree: Tree,
  folder: string,
  apps: { previous: Apps; desired: Apps },
  limit: RemovalLimit,
): Problem[] {
  const files = specFiles(tree.paths, folder);
  if (files.size === 0) {
    // It was said already.
    if (!letsAllGo(limit)) return [];
    const { size } = apps.previous;
    if (size === 0 || ("apps" in limit && limit.apps < size)) return [noSpecs(tree, folder)];
  }
  return [...vanishedProblems(tree, files, apps), ...misplacedProblems(tree, folder, apps)];
}

const noSpecs = ({ commit }: Tree, folder: string): Problem => problem("no_specs", at(folder), { folder, commit });

/** Folders below `folder` that hold files, but no spec. */
export function foldersWithoutSpec({ paths }: Tree, folder: string): Set<string> {
  const files = specFiles(paths, folder);
  const below = belowOf(folder);
  const folders = paths
    .filter((path) => path.startsWith(below) && path.slice(below.length).includes("/"))
    .map((path) => `${below}${path.slice(below.length).split("/")[0]}`);
  return new Set(folders.filter((each) => !files.has(each)));
}

const belowOf = (folder: string): string => (folder === "" ? "" : `${folder}/`);

/** App folders and spec files that are links or submodules: git has not what they lead to. */
function linkProblems({ elsewhere }: Tree, folder: string): Problem[] {
  const below = belowOf(folder);
  return [...elsewhere]
    .filter(([path]) => {
      const [name = "", file, ...deeper] = path.slice(below.length).split("/");
      // What a link leads to is not known here; README.md is no folder.
      const isFolder = file === undefined && !name.includes(".");
      return path.startsWith(below) && (isFolder || (deeper.length === 0 && isSpecName(file ?? "")));
    })
    .map(([path, what]) => problem("not_in_git", at(path), { what }));
}

/** A spec within a folder that has none of its own. */
function tooDeepProblems(tree: Tree, folder: string): Problem[] {
  const without = foldersWithoutSpec(tree, folder);
  return tree.paths
    .filter((path) => {
      const own = [...without].find((each) => path.startsWith(`${each}/`));
      return own !== undefined && /^.+\/app\.(config|ya?ml|json)$/.test(path.slice(own.length + 1));
    })
    .map((path) => {
      const expected = `${belowOf(folder)}${path.split("/").slice(-2).join("/")}`;
      return problem("spec_too_deep", at(path), { folder, expected });
    });
}

/** An app whose folder is still there, without its spec; one that another folder has now has only moved. */
const vanishedProblems = (
  { paths }: Tree,
  files: ReadonlyMap<string, string>,
  { previous, desired }: { previous: Apps; desired: Apps },
): Problem[] =>
  [...previous.values()].flatMap(({ spec, document }) => {
    const own = folderOf(document.file);
    const remains = paths.some((path) => path.startsWith(`${own}/`));
    return remains && !files.has(own) && !desired.has(spec.name)
      ? [problem("spec_vanished", at(document.file), { app: spec.name, folder: own })]
      : [];
  });

const folderOf = (file: string): string => file.split("/").slice(0, -1).join("/");

/** App.yaml in a folder that has no app.yaml. */
function misnamedProblems(tree: Tree, folder: string): Problem[] {
  const without = foldersWithoutSpec(tree, folder);
  return tree.paths.flatMap((path) => {
    const [own, file = ""] = [folderOf(path), path.split("/").at(-1)];
    if (!without.has(own) || !/^app\.(config|ya?ml|json)$/i.test(file)) return [];
    const app = own.split("/").at(-1) ?? "";
    return [problem("spec_misplaced", at(path), { app, expected: `${own}/${file.toLowerCase()}` })];
  });
}

/** Files that look like the spec of an app that no spec names any more: elsewhere, or with another name. */
function misplacedProblems(
  { paths }: Tree,
  folder: string,
  { previous, desired }: { previous: Apps; desired: Apps },
): Problem[] {
  const gone = [...previous.values()].filter(
    ({ spec, document }) => !desired.has(spec.name) && !paths.includes(document.file),
  );
  const below = belowOf(folder);
  return gone.flatMap(({ spec, document }) => {
    const names = new Set([spec.name, folderOf(document.file).split("/").at(-1)]);
    const found = paths.find((path) => {
      const parts = path.slice(below.length).split("/");
      const [file = ""] = parts.slice(-1);
      const [stem = "", ...ending] = file.split(".");
      const isHere = path.startsWith(below);
      // apps/counter.yaml, and apps/any/counter/app.yaml
      if (isHere && parts.length === 1) return names.has(stem) && /^(config|ya?ml|json)$/.test(ending.join("."));
      return isHere && isSpecName(file.toLowerCase()) && parts.slice(0, -1).some((part) => names.has(part));
    });
    return found === undefined
      ? []
      : [problem("spec_misplaced", at(found), { app: spec.name, expected: document.file })];
  });
}
