import { readFileSync } from "node:fs";
import type { PrivateDirectory } from "../process/private-directory.ts";

/** The agent as a file on the runner. `name` is its file name on hosts: another version is another file. `digestLine` stands at its end. */
export type AgentFile = { path: string; name: string; digestLine: string };

/** Takes the agent that lies beside this program; `npm run build` joins it from src/host/agent/. */
export async function agentFile(directory: PrivateDirectory): Promise<AgentFile> {
  const text = readFileSync(new URL("./agent.sh", import.meta.url), "utf8");
  const digest = /^# digest: ([0-9a-f]{16})$/m.exec(text)?.[1];
  if (digest === undefined) throw new Error("agent.sh carries no digest; run npm run build");
  const digestLine = `# digest: ${digest}`;
  return { path: await directory.write("agent.sh", text), name: `agent-${digest}`, digestLine };
}
