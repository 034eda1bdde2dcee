// The releases that tests deploy, really built by rebar3 and mix, once for each state of their sources: the examples, and those of
// test/releases and test/lodger, which no user needs. As vitest's global setup it builds all.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

type Release = { sources: string; script: string; builds: readonly string[] };

/** A build is called after its version; several of one version have a suffix, which is not in the release itself. */
const RELEASES = {
  counter: example("counter", ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"]),
  greeter: example("greeter", ["1.0.0", "1.1.0"]),
  lodger: {
    sources: "test/lodger",
    script: "build.sh",
    builds: [
      "1.0.0",
      "1.1.0",
      "1.2.0",
      "1.3.0",
      "1.4.0",
      "1.5.0-flat",
      "1.5.1-flat",
      "1.6.0",
      "1.7.0",
      "1.8.0",
      "1.9.0",
      "2.0.0",
    ],
  },
  herald: example("herald", ["1.0.0", "1.1.0"]),
  shapes: {
    sources: "test/releases",
    script: "build-shapes.sh",
    builds: [
      "1.0.0",
      "1.1.0",
      "1.1.0-rebuilt",
      "1.1.0-appup",
      "1.1.0-appup-short",
      "1.2.0",
      "1.3.0",
      "1.3.0-fixed",
      "1.4.0",
      "1.4.0-stripped",
      "1.5.0",
      "1.6.0",
    ],
  },
};

export type ReleaseName = keyof typeof RELEASES;

function example(name: string, builds: readonly string[]): Release {
  return { sources: "examples", script: `${name}/build.sh`, builds };
}

/** Where the tarballs of the present sources are. */
const directories = new Map(
  [...new Set(Object.values(RELEASES).map(({ sources }) => sources))].map((sources) => [
    sources,
    join(ROOT, ".cache/releases", sourcesDigest(join(ROOT, sources))),
  ]),
);

const directoryOf = (name: ReleaseName): string => directories.get(RELEASES[name].sources) ?? "";

/** The tarball of a build; {version} may stay in it, for a spec to fill in. */
export const releaseFile = (name: ReleaseName, build = "{version}"): string =>
  join(directoryOf(name), `${name}-${build}.tar.gz`);

function sourcesDigest(directory: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((file) => join(file.parentPath, file.name)).sort())
    if (/\.(sh|erl|src|config|args|appup|exs?)$/.test(path))
      hash.update(path.slice(directory.length)).update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
}

/** Builds what is missing of these releases. */
export function buildReleases(names: readonly ReleaseName[]): void {
  for (const name of names) {
    const { sources, script, builds } = RELEASES[name];
    mkdirSync(directoryOf(name), { recursive: true });
    const missing = builds.filter((build) => !existsSync(releaseFile(name, build)));
    if (missing.length > 0)
      execFileSync("sh", [join(ROOT, sources, script), directoryOf(name), ...missing], {
        stdio: ["ignore", "ignore", "inherit"],
      });
  }
}

export default (): void => buildReleases(["counter", "greeter", "herald", "lodger", "shapes"]);

/** A tarball of a release in which a shell script has changed something, in a folder of its own below `directory`. */
export function changedRelease(directory: string, tarball: string, change: string): string {
  const folder = mkdtempSync(join(directory, "changed-"));
  const script = `mkdir r && cd r && tar -xzf "$0" && { ${change}; } && tar -czf ../changed.tar.gz *`;
  execFileSync("sh", ["-ec", script, tarball], { cwd: folder });
  return join(folder, "changed.tar.gz");
}
