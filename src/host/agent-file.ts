import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { PrivateDirectory } from "../process/private-directory.ts";

/** The agent as a file on the runner. `name` is its file name on hosts, by its whole content: another version is another file. */
export type AgentFile = {
  path: string;
  name: string;
  sha256: string;
  /** The agent's text where what it asks for on standard input comes along with it. */
  withInput(input: string): string;
};

/** What calls main where there are arguments. */
const LAST_LINE = '[ $# -eq 0 ] || main "$@"\n';

/** Takes the agent that lies beside this program; `npm run build` joins it from src/host/agent/. */
export async function agentFile(directory: PrivateDirectory): Promise<AgentFile> {
  const text = readFileSync(new URL("./agent.sh", import.meta.url), "utf8");
  if (!text.endsWith(LAST_LINE)) throw new Error("agent.sh does not call main; run npm run build");
  const sha256 = createHash("sha256").update(text).digest("hex");
  const path = await directory.write("agent.sh", text);
  return { path, sha256, name: `agent-${sha256}`, withInput: (input) => withInput(text, input) };
}

/** A shell that reads its script from standard input may have read on: what the agent reads must be part of the script. */
const withInput = (text: string, input: string): string =>
  `${text.slice(0, -LAST_LINE.length)}main "$@" <<'END_OF_INPUT'\n${input}END_OF_INPUT\n`;
