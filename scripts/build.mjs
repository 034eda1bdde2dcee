// Sources → lib/ (tsc) → dist/ (ncc): what GitHub runs. `node scripts/build.mjs [DIST]`, another folder to compare with.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { joinedAgent } from "./join-agent.mjs";

const root = resolve(import.meta.dirname, "..");
const dist = resolve(process.argv[2] ?? `${root}/dist`);
const bin = (name) => `${root}/node_modules/.bin/${name}`;
const run = (...argv) => execFileSync(bin("node"), argv, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });

rmSync(`${root}/lib`, { recursive: true, force: true });
rmSync(dist, { recursive: true, force: true });
execFileSync(bin("tsc"), ["-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
writeFileSync(`${root}/lib/host/agent.sh`, joinedAgent());
writeFileSync(`${root}/lib/package.json`, '{"type":"module"}\n');
mkdirSync(dirname(dist), { recursive: true });
run(bin("ncc"), "build", "lib/main.js", "-o", `${dist}/main`, "--license", "licenses.txt");
run(bin("ncc"), "build", "lib/post.js", "-o", `${dist}/post`, "--license", "licenses.txt");
