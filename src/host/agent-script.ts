import { readFileSync } from "node:fs";

/** The agent as it goes to hosts. `name` is its file name there: another version is another file. */
export type AgentScript = { text: string; name: string };

/** Reads the agent that lies beside this program; `npm run build` joins it from src/host/agent/. */
export function loadAgentScript(): AgentScript {
  const text = readFileSync(new URL("./agent.sh", import.meta.url), "utf8");
  const digest = /^AGENT_DIGEST=([0-9a-f]{16})$/m.exec(text)?.[1];
  if (digest === undefined) throw new Error("agent.sh carries no digest; run npm run build");
  return { text, name: `agent-${digest}` };
}
