// Spec files as people write them, for whatever points at a line.
import type { Apps } from "../../../src/plan/wanted-problems.ts";
import { readSpecs } from "../../../src/spec/read-specs.ts";
import { treeOf } from "../spec/reading.ts";

/** The apps of YAML texts by folder name, each without its name and source; throws where one of them is wrong. */
export function appsOfYaml(texts: Readonly<Record<string, string>>): Apps {
  const head = (name: string): string => `name: ${name}\nsource: {type: release, url: "file:${name}.tar.gz"}\n`;
  const files = Object.entries(texts).map(([name, text]) => [`apps/${name}/app.yaml`, head(name) + text]);
  const { apps, problems } = readSpecs(treeOf(Object.fromEntries(files)), "apps", "production");
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return apps;
}
