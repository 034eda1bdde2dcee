// The example releases, really built by rebar3 and mix, once for each state of their sources. As vitest's global setup it builds all.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const EXAMPLES = resolve(import.meta.dirname, "../../examples");
const VERSIONS = {
  counter: ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"],
  greeter: ["1.0.0", "1.1.0"],
  herald: ["1.0.0", "1.1.0"],
};

export type ExampleApp = keyof typeof VERSIONS;

/** Where the tarballs of the present sources are. */
const directory = join(EXAMPLES, "../.cache/releases", sourcesDigest());

/** The tarball of a version; {version} may stay in it, for a spec to fill in. */
export const releaseFile = (app: ExampleApp, version = "{version}"): string =>
  join(directory, `${app}-${version}.tar.gz`);

function sourcesDigest(): string {
  const hash = createHash("sha256");
  const files = readdirSync(EXAMPLES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((file) => join(file.parentPath, file.name)).sort())
    if (/\.(sh|erl|src|config|args|exs?)$/.test(path))
      hash.update(path.slice(EXAMPLES.length)).update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
}

/** Builds what is missing of these apps. */
export function buildReleases(apps: readonly ExampleApp[]): void {
  mkdirSync(directory, { recursive: true });
  for (const app of apps) {
    const missing = VERSIONS[app].filter((version) => !existsSync(releaseFile(app, version)));
    if (missing.length > 0)
      execFileSync("sh", [join(EXAMPLES, app, "build.sh"), directory, ...missing], {
        stdio: ["ignore", "ignore", "inherit"],
      });
  }
}

export default (): void => buildReleases(["counter", "greeter", "herald"]);
