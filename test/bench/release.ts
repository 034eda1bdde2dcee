// The releases that are deployed. No two of the examples that start differ in two modules, so one more is built for that.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { releaseFile } from "../e2e/releases.ts";

export type Release = { version: string; file: string; sha256: string };

const EXAMPLES = resolve(import.meta.dirname, "../../examples");

const releaseIn = (file: string, version: string): Release => ({
  version,
  file,
  sha256: createHash("sha256").update(readFileSync(file)).digest("hex"),
});

export const counterRelease = (version: string): Release => releaseIn(releaseFile("counter", version), version);

/** 1.0.0 with another counter_server (it logs milestones) and another counter_routes (another text). */
export function twoModulesLater(): Release {
  const version = "1.0.1";
  const directory = mkdtempSync(join(tmpdir(), "two-modules-"));
  const sources = join(directory, "counter");
  cpSync(join(EXAMPLES, "counter"), sources, { recursive: true });
  const routes = join(sources, "src/counter_routes.erl");
  const text = readFileSync(routes, "utf8");
  const changed = text.replace('"only GET\\n"', '"GET is all that is answered here\\n"');
  if (changed === text) throw new Error(`${routes} has no such text to change any more`);
  writeFileSync(routes, changed);
  execFileSync("sh", [join(EXAMPLES, "build-release.sh"), sources, directory, version, "LOG_MILESTONES"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return releaseIn(join(directory, `counter-${version}.tar.gz`), version);
}

/** The modules that differ between two releases, as their tarballs have them. */
export function changedModules(from: Release, to: Release): string[] {
  const before = modulesIn(from);
  return [...modulesIn(to)].filter(([name, digest]) => before.get(name) !== digest).map(([name]) => name);
}

function modulesIn({ file }: Release): Map<string, string> {
  const directory = mkdtempSync(join(tmpdir(), "modules-"));
  execFileSync("tar", ["-xzf", file, "-C", directory, "--wildcards", "*/counter*/ebin/*.beam"]);
  const script = 'cd "$0" && find . -name "*.beam" -exec sha256sum {} +';
  const lines = execFileSync("sh", ["-c", script, directory], { encoding: "utf8" }).trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [digest = "", path = ""] = line.split("  ");
      return [path.replace(/^.*\/|\.beam$/g, ""), digest] as const;
    }),
  );
}
