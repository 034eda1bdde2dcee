// The table of layers, read from the imports themselves.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

/** A folder may import from itself and from those before it. */
const LAYERS = [
  "core",
  "spec",
  "otp",
  "runtime",
  "plan",
  "report",
  "process",
  "git",
  "artifact",
  "ssh",
  "host",
  "rollout",
  "rehearsal",
  "github",
  "action",
];
const PURE = ["core", "spec", "otp", "runtime", "plan", "report"];
/** Whatever Node offers that is a function of its arguments alone. */
const DETERMINISTIC = ["node:zlib"];
/** What makes a function answer differently tomorrow, or elsewhere. `new Date(ms)` does not. */
const IMPURE = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bfetch\(|\bperformance\.|\bsetTimeout\b/;

type Source = { path: string; text: string; imports: string[] };

const git = (...argv: string[]): string[] =>
  execFileSync("git", ["-C", ROOT, ...argv], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean);

const sources: Source[] = git("ls-files", "--cached", "--others", "--exclude-standard", "src")
  .filter((path) => path.endsWith(".ts"))
  .map((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    const imports = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/gm)];
    return { path, text, imports: imports.map(([, named = "", dynamic = ""]) => named || dynamic) };
  });

const layerOf = (path: string): number => LAYERS.indexOf(path.split("/")[1] ?? "");
const ownImports = ({ path, imports }: Source): string[] =>
  imports.filter((it) => it.startsWith(".")).map((it) => normalize(join(dirname(path), it)));

describe("the layers", () => {
  test("were all seen", () => {
    expect(sources.length).toBeGreaterThan(70);
    expect(sources.flatMap(ownImports).length).toBeGreaterThan(sources.length);
    const folders = new Set(
      sources
        .map(({ path }) => path.split("/"))
        .filter((it) => it.length > 2)
        .map((it) => it[1]),
    );
    expect([...folders].sort()).toEqual([...LAYERS].sort());
  });

  test("import only from themselves and from those below", () => {
    const upwards = sources.flatMap((source) => {
      const own = source.path.split("/").length > 2 ? layerOf(source.path) : LAYERS.length;
      return ownImports(source)
        .filter((it) => layerOf(it) > own || layerOf(it) < 0)
        .map((it) => `${source.path} → ${it}`);
    });
    expect(upwards).toEqual([]);
  });

  test("import what exists, and in no circle", () => {
    const next = new Map(sources.map((source) => [source.path, ownImports(source)]));
    const done = new Set<string>();
    const visit = (path: string, above: readonly string[]): void => {
      expect(above.includes(path), `circle: ${[...above, path].join(" → ")}`).toBe(false);
      if (done.has(path)) return;
      expect(next.has(path), `${above.at(-1)} imports ${path}`).toBe(true);
      for (const each of next.get(path) ?? []) visit(each, [...above, path]);
      done.add(path);
    };
    for (const { path } of sources) visit(path, []);
    expect(done.size).toBe(sources.length);
  });

  test("that are pure take nothing from outside: no module of Node or the runner, no clock, no chance", () => {
    const pure = sources.filter(({ path }) => PURE.includes(path.split("/")[1] ?? ""));
    expect(pure.length).toBeGreaterThan(35);
    const outside = pure.flatMap(({ path, imports, text }) => [
      ...imports
        .filter((it) => (it.startsWith("node:") && !DETERMINISTIC.includes(it)) || it.startsWith("@actions/"))
        .map((it) => `${path}: ${it}`),
      ...text
        .split("\n")
        .filter((line) => IMPURE.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    ]);
    expect(outside).toEqual([]);
  });

  test("are made of files that fit a mind: none over 400 lines", () => {
    const files = git("ls-files", "--cached", "--others", "--exclude-standard", "src", "test", "demo", "scripts");
    const long = files.filter(
      (path) => /\.(ts|mjs|sh|erl)$/.test(path) && readFileSync(join(ROOT, path), "utf8").split("\n").length > 400,
    );
    expect(long).toEqual([]);
  });
});
