/**
 * `npm run demo`: installs what is missing, then runs demo/main.ts inside the lab's namespaces. Needs Debian or Ubuntu, git,
 * Node 20 or later, and root or sudo.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bin, root, setUp } from "./setup.mjs";

const missing = setUp();
if (missing.length > 0) {
  console.error(
    `The demo needs ${missing.join(", ")}. Install them, or run it as root or with sudo on Debian or Ubuntu.`,
  );
  process.exit(1);
}
const node = join(bin, "node");
const argv = [node, "test/lab/enter.ts", node, "demo/main.ts"];
// Namespaces and mounts are root's; everything the demo does stays inside of them.
const asRoot = process.getuid?.() === 0 ? argv : ["sudo", "env", `PATH=${process.env.PATH}`, ...argv];
const { status, signal, error } = spawnSync(asRoot[0], asRoot.slice(1), { cwd: root, stdio: "inherit" });
if (error) console.error(`The demo could not be started: ${error.message}`);
process.exitCode = status ?? (signal === "SIGINT" ? 130 : 1);
