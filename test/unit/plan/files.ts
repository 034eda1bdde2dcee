// Spec files as people write them, for whatever points at a line.
import type { Apps } from "../../../src/plan/wanted-problems.ts";
import { readSpecs } from "../../../src/spec/read-specs.ts";

/** The apps of YAML texts by folder name, each without its name and source; throws where one of them is wrong. */
export function appsOfYaml(texts: Readonly<Record<string, string>>): Apps {
  const head = (name: string): string => `name: ${name}\nsource: {type: release, url: "file:${name}.tar.gz"}\n`;
  const files = new Map(Object.entries(texts).map(([name, text]) => [`apps/${name}/app.yaml`, head(name) + text]));
  const tree = { commit: "c0ffee", paths: [...files.keys()], read: (path: string) => files.get(path) ?? "" };
  const { apps, problems } = readSpecs(tree, "apps", "production");
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return apps;
}
