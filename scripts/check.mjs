// What can be said of the sources without running them. `node scripts/check.mjs` prints a line a check; test.mjs counts them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin, root, setUp } from "./setup.mjs";

const BUILD_SCRIPTS = [
  "examples/build-release.sh",
  "examples/counter/build.sh",
  "examples/greeter/build.sh",
  "examples/herald/build.sh",
  "test/lodger/build.sh",
  "test/releases/build-shapes.sh",
];

/** Runs a tool to its end; throws with all it said when it fails. */
function run(file, ...argv) {
  try {
    return execFileSync(file, argv, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error([error.stdout, error.stderr, error.message].filter(Boolean).join("\n"), { cause: error });
  }
}

const tool = (name, ...argv) => run(join(bin, name), ...argv);

function filesUnder(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  return new Map(
    entries.map((it) => {
      const path = join(it.parentPath, it.name);
      return [path.slice(directory.length + 1), readFileSync(path)];
    }),
  );
}

/** GitHub runs the committed dist/; a reviewer reads src/. */
function distIsBuilt() {
  const directory = mkdtempSync(join(tmpdir(), "dist-"));
  try {
    tool("node", "scripts/build.mjs", directory);
    const committed = filesUnder(join(root, "dist"));
    const built = filesUnder(directory);
    const names = new Set([...committed.keys(), ...built.keys()]);
    const other = [...names].filter((name) => !built.get(name)?.equals(committed.get(name) ?? Buffer.alloc(0)));
    if (other.length > 0)
      throw new Error(`run npm run build; other than what the sources build: dist/${other.join(", dist/")}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function lockNamesNoRegistry() {
  const resolved = readFileSync(join(root, "package-lock.json"), "utf8").match(/"resolved": "[^"]*"/);
  if (resolved) throw new Error(`package-lock.json must not say where packages come from: ${resolved[0]}`);
}

const CHECKS = [
  ["types", () => tool("tsc")],
  ["lint", () => tool("biome", "ci", "--error-on-warnings", "--colors=off")],
  ["unused code and dependencies", () => tool("knip")],
  ["dist/ is what the sources build", distIsBuilt],
  // After the build: it joins the agent.
  ["shellcheck", () => run("shellcheck", "--shell=sh", "lib/host/agent.sh", ...BUILD_SCRIPTS)],
  ["agent parses under dash", () => run("dash", "-n", "lib/host/agent.sh")],
  ["agent parses under busybox ash", () => run("busybox", "ash", "-n", "lib/host/agent.sh")],
  ["docs say what the sources say", () => tool("node", "scripts/generate-docs.mjs", "--check")],
  ["package-lock.json names no registry", lockNamesNoRegistry],
  ["package-lock.json is what npm ci takes", () => run("npm", "ci", "--dry-run", "--ignore-scripts")],
];

/** Runs all checks; answers how many passed and failed. */
export function check() {
  let failed = 0;
  for (const [name, run] of CHECKS) {
    try {
      run();
      console.log(`ok      ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}\n${error.message}`);
    }
  }
  return { passed: CHECKS.length - failed, failed };
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  setUp();
  if (check().failed > 0) process.exitCode = 1;
}
