// What a run needs of the machine it runs on: said at once, and not by the first program that misses it.
import { accessSync, constants } from "node:fs";
import { userInfo } from "node:os";
import { delimiter, join } from "node:path";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";

const RUNNER = { in: "runner" } as const;

/** Programs, and the package that brings them on Debian and its like. */
const TOOLS = [
  ["git", "git"],
  ["ssh", "openssh-client"],
  ["ssh-keygen", "openssh-client"],
  ["ssh-keyscan", "openssh-client"],
] as const;

/** What is missing for a run; `isContacting`: with hosts. `path` is where programs are looked for. */
export function runnerProblems(isContacting: boolean, path = process.env.PATH ?? ""): Problem[] {
  const needed = TOOLS.filter(([tool]) => isContacting || tool === "git");
  const missing = needed.filter(([tool]) => path.split(delimiter).every((folder) => !isProgram(join(folder, tool))));
  const byPackage = Map.groupBy(missing, ([, pack]) => pack);
  const lacking = [...byPackage].map(([pack, tools]) =>
    problem("runner_lacks", RUNNER, { tool: tools.map(([tool]) => tool).join(", "), pack }),
  );
  return [...lacking, ...(isContacting && !hasName() ? [problem("runner_user_unknown", RUNNER, { uid: uid() })] : [])];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether this process's user can be looked up, as ssh does first of all. */
function hasName(): boolean {
  try {
    return userInfo().username !== "";
  } catch {
    return false;
  }
}

const uid = (): number => process.getuid?.() ?? 0;
