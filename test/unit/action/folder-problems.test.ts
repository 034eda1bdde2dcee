// A spec that moved, was misnamed or can't be followed looks like one that was deleted. It never removes the app.
import { describe, expect, test } from "vitest";
import { folderProblems, letsAllGo, lostSpecProblems } from "../../../src/action/folder-problems.ts";
import { sentenceOf } from "../../../src/core/problem.ts";
import type { RemovalLimit } from "../../../src/plan/plan-input.ts";
import { readSpecs, type Tree } from "../../../src/spec/read-specs.ts";
import { treeOf } from "../spec/reading.ts";

const spec = (name: string): string => `name: ${name}\nversion: "1"\nsource: {type: release, url: "file:x"}\n`;
const BEFORE = { "apps/counter/app.yaml": spec("counter"), "apps/greeter/app.yaml": spec("greeter") };

/** What is said when these files are what is left, beside greeter's spec. */
function saidOf(files: Record<string, string>, elsewhere: Record<string, string> = {}): string[] {
  const all = { "apps/greeter/app.yaml": spec("greeter"), ...files };
  const tree: Tree = { ...treeOf({ ...all, ...elsewhere }), elsewhere: new Map(Object.entries(elsewhere)) };
  const previous = readSpecs(treeOf(BEFORE), "apps", "production").apps;
  const desired = readSpecs(tree, "apps", "production").apps;
  const problems = [
    ...folderProblems(tree, "apps", false),
    ...lostSpecProblems(tree, "apps", { previous, desired }, { percent: 50 }),
  ];
  return problems.map(sentenceOf);
}

describe("an app is removed", () => {
  test.each<[string, Record<string, string>]>([
    ["its folder is gone", {}],
    [
      "its folder is gone, and others have files of their own",
      { "apps/greeter/README.md": "", "apps/notes/todo.txt": "" },
    ],
    ["it is named by a spec in another folder", { "apps/other/app.yaml": spec("counter") }],
    [
      "it is named by a spec in another folder, and other files stayed behind",
      { "apps/other/app.yaml": spec("counter"), "apps/counter/README.md": "" },
    ],
  ])("without a word where %s", (_, files) => {
    expect(saidOf(files)).toEqual([]);
  });
});

describe("an app is not removed", () => {
  const misplaced = "no spec names counter any more, and this file looks like its spec";
  test.each<[string, Record<string, string>, string]>([
    [
      "its spec lies in another app's folder",
      { "apps/greeter/counter/app.yaml": spec("counter") },
      `apps/greeter/counter/app.yaml:1:1 ${misplaced}`,
    ],
    [
      "its spec lies deeper",
      { "apps/group/counter/config.yaml": spec("counter") },
      `apps/group/counter/config.yaml:1:1 ${misplaced}`,
    ],
    ["its spec has no folder", { "apps/counter.yaml": spec("counter") }, `apps/counter.yaml:1:1 ${misplaced}`],
    [
      "its folder holds other files",
      { "apps/counter/README.md": "" },
      "apps/counter/app.yaml:1:1 apps/counter/ still exists, but no longer holds a spec file for counter",
    ],
    [
      "its folder was renamed, and its spec misspelt",
      { "apps/counter-svc/App.yaml": spec("counter") },
      "apps/counter-svc/App.yaml:1:1 no spec names counter-svc any more, and this file looks like its spec",
    ],
  ])("where %s", (_, files, sentence) => {
    expect(saidOf(files)).toContain(sentence);
  });

  test.each([
    ["apps/counter", "a symbolic link"],
    ["apps/counter", "a submodule"],
    ["apps/counter/app.yaml", "a symbolic link"],
  ])("where %s is %s", (path, what) => {
    expect(saidOf({}, { [path]: what })).toContain(
      `${path}:1:1 a spec's folder and file must be in this repository itself, this is ${what}`,
    );
  });

  test("links to what is no spec are nobody's business", () => {
    expect(saidOf({}, { "apps/README.md": "a symbolic link", "apps/greeter/notes": "a symbolic link" })).toEqual([]);
  });
});

describe("a folder without any spec", () => {
  const none = ["apps:1:1 apps/ holds no app spec at commit c0ffee"];
  function said(limit: RemovalLimit, files: Record<string, string>, before: Record<string, string> = BEFORE): string[] {
    const tree = { ...treeOf(files), commit: "c0ffee" };
    const previous = readSpecs(treeOf(before), "apps", "production").apps;
    const problems = [
      ...folderProblems(tree, "apps", letsAllGo(limit)),
      ...lostSpecProblems(tree, "apps", { previous, desired: new Map() }, limit),
    ];
    return problems.map(sentenceOf);
  }

  test("removes nothing by itself", () => {
    expect(said({ percent: 50 }, {})).toEqual(none);
    expect(said({ percent: 99 }, {})).toEqual(none);
    expect(said({ apps: 1 }, {})).toEqual(none);
  });

  test("removes the last apps where they were deleted, and the input lets all of them go", () => {
    expect(said({ percent: 100 }, {})).toEqual([]);
    expect(said({ apps: 2 }, { "README.md": "" })).toEqual([]);
  });

  test("is a mistake where the commit before had none either, or files stayed behind", () => {
    expect(said({ percent: 100 }, {}, {})).toEqual(none);
    expect(said({ percent: 100 }, { "apps/counter/README.md": "" })).toEqual([
      "apps/counter/app.yaml:1:1 apps/counter/ still exists, but no longer holds a spec file for counter",
    ]);
  });
});
