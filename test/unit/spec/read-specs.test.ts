import { describe, expect, test } from "vitest";
import { readSpecs } from "../../../src/spec/read-specs.ts";
import { specFiles } from "../../../src/spec/spec-files.ts";
import { remedies, told, treeOf } from "./reading.ts";

const spec = (name: string, more = ""): string =>
  `name: ${name}\nversion: 1.0.0\nsource: {type: release, url: "file:x"}\n${more}`;

function read(files: Record<string, string>, folder = "apps") {
  const { apps, problems, warnings } = readSpecs(treeOf(files), folder, "production");
  return {
    apps: [...apps].map(([name, { document }]) => `${name} ${document.file}`),
    problems: told(problems),
    remedies: remedies(problems),
    warnings: told(warnings),
  };
}

describe("the spec of an app folder", () => {
  const NAMES = ["app.config", "app.yaml", "app.yml", "app.json", "config.yaml", "config.yml", "config.json", "config"];

  test.each(NAMES.map((name, index) => [name, NAMES.slice(index)] as const))(
    "is %s where %j are there, in any order",
    (name, present) => {
      const paths = present.map((it) => `apps/counter/${it}`);
      const expected = new Map([["apps/counter", `apps/counter/${name}`]]);
      expect(specFiles(paths, "apps")).toEqual(expected);
      expect(specFiles(paths.toReversed(), "apps")).toEqual(expected);
    },
  );

  test.each([
    ["apps/app.yaml", "it lies beside the app folders"],
    ["apps/counter/sub/app.yaml", "it lies deeper"],
    ["apps/counter/App.yaml", "it is spelt differently"],
    ["apps/counter/app.yaml.bak", "it is a backup"],
    ["apps/counter/my.app.yaml", "it is called differently"],
    ["apps-old/counter/app.yaml", "its folder only begins like the specs'"],
    ["old/apps/counter/app.yaml", "its folder only ends like the specs'"],
    ["apps", "it is no folder"],
  ])("is not %s: %s", (path) => {
    expect(specFiles([path], "apps")).toEqual(new Map());
  });

  test.each([
    ["", "counter/app.yaml", "counter"],
    ["deploy/specs", "deploy/specs/counter/app.yaml", "deploy/specs/counter"],
  ])("may lie in folder %j", (folder, path, app) => {
    expect(specFiles(["README.md", path, "src/main.erl"], folder)).toEqual(new Map([[app, path]]));
  });
});

describe("the specs of a commit", () => {
  test("are read from all folders that have one; other files are left alone", () => {
    const files = {
      "apps/README.md": "",
      "apps/counter/app.yaml": spec("counter"),
      "apps/counter/app.staging.yaml": "an overlay of another environment",
      "apps/counter/config.json": "not read, app.yaml comes first",
      "apps/docs/index.md": "",
      "apps/greeter/app.json": '{"name": "greeter", "version": "1", "source": {"type": "release", "url": "file:x"}}',
      "fleet.yaml": "",
    };
    expect(read(files)).toEqual({
      apps: ["counter apps/counter/app.yaml", "greeter apps/greeter/app.json"],
      problems: [],
      remedies: [],
      warnings: [],
    });
  });

  test("are those of one folder, also of the top one and of a nested one", () => {
    const files = { "a/app.yaml": spec("a"), "deploy/specs/b/app.yaml": spec("b"), "README.md": "" };
    expect(read(files, "").apps).toEqual(["a a/app.yaml"]);
    expect(read(files, "deploy/specs").apps).toEqual(["b deploy/specs/b/app.yaml"]);
    expect(read(files, "apps").apps).toEqual([]);
  });

  test("may be named otherwise than their folders", () => {
    expect(read({ "apps/one/app.yaml": spec("counter") }).apps).toEqual(["counter apps/one/app.yaml"]);
  });

  test("that name one app twice are refused at both names", () => {
    const { apps, problems } = read({
      "apps/a/app.yaml": spec("counter"),
      "apps/b/app.yml": `# a copy\n${spec("counter")}`,
      "apps/c/app.yaml": spec("greeter"),
    });
    expect(apps).toEqual(["counter apps/a/app.yaml", "greeter apps/c/app.yaml"]);
    expect(problems).toEqual([
      "duplicate_app apps/a/app.yaml:1:7 app counter is also named by apps/b/app.yml",
      "duplicate_app apps/b/app.yml:2:7 app counter is also named by apps/a/app.yaml",
    ]);
  });

  test("tell the mistakes and warnings of every file", () => {
    const { apps, problems, warnings } = read({
      "apps/a/app.yaml": spec("a", "retain: 0\n"),
      "apps/b/app.yaml": "name: [\n",
      "apps/c/app.yaml": spec("c", "license: MIT\n"),
    });
    expect(apps).toEqual(["c apps/c/app.yaml"]);
    expect(problems.map((it) => it.split(" ").slice(0, 2).join(" "))).toEqual([
      "invalid_value apps/a/app.yaml:4:9",
      expect.stringMatching(/^invalid_syntax apps\/b\/app\.yaml:\d:\d$/),
    ]);
    expect(warnings).toEqual([
      "unknown_field apps/c/app.yaml:4:1 license is not a field Beamline knows, it has no effect",
    ]);
  });

  test.each(["app.config", "config"])("in Erlang terms, %s, come before those in YAML", (name) => {
    const files = {
      [`apps/counter/${name}`]: '#{name => counter, version => "2", source => #{type => hex}}.',
      "apps/counter/config.yaml": spec("counter"),
    };
    expect(read(files).apps).toEqual([
      name === "config" ? "counter apps/counter/config.yaml" : "counter apps/counter/app.config",
    ]);
  });
});
