/** `node test/lab/enter.ts COMMAND...` runs COMMAND in a lab's namespaces, and ends with its exit code. */
import { enterLab } from "./enter-lab.ts";
import { missingForLab } from "./lab-place.ts";

const command = process.argv.slice(2);
const missing = missingForLab();
if (command.length === 0 || missing.length > 0) {
  const because = command.length === 0 ? "usage: enter.ts COMMAND..." : `the lab needs ${missing.join(", ")}`;
  process.stderr.write(`${because}\n`);
  process.exitCode = command.length === 0 ? 64 : 69;
} else enterLab(command);
