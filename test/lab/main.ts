/** `npm run lab -- up N`: hosts to try things on, in namespaces of their own, until it ends. */
import { fileURLToPath } from "node:url";
import { enterLab } from "./enter-lab.ts";
import { LAB_USAGE, parseLabArguments } from "./lab-arguments.ts";
import { missingForLab } from "./lab-place.ts";

const argv = process.argv.slice(2);
const asked = parseLabArguments(argv);
const missing = missingForLab();
if (asked.kind === "wrong") {
  console.error(`${asked.because}\n${LAB_USAGE}`);
  process.exitCode = 64;
} else if (missing.length > 0) {
  console.error(
    `The lab needs ${missing.join(", ")}: run it as root, on Linux, with the tools that npm run demo installs.`,
  );
  process.exitCode = 69;
} else enterLab([process.execPath, fileURLToPath(new URL("./inside.ts", import.meta.url)), ...argv]);
