// Joins the agent's parts into one script, with the Erlang expressions as here-documents.
import { readdirSync, readFileSync } from "node:fs";

const PARTS = new URL("../src/host/agent/", import.meta.url);

/** The whole agent as text; it runs as a file (`sh agent ROOT COMMAND …`) or from standard input with its arguments appended. */
export function joinedAgent() {
  const parts = readdirSync(PARTS)
    .filter((name) => name.endsWith(".sh"))
    .sort();
  const expressions = readdirSync(new URL("erl/", PARTS)).sort();
  const body = [
    ...parts.map((name) => readFileSync(new URL(name, PARTS), "utf8")),
    ...expressions.map((name) => {
      const text = readFileSync(new URL(`erl/${name}`, PARTS), "utf8");
      return `erl_${name.replace(".erl", "")}() {\n  cat <<'END_OF_ERLANG'\n${text}END_OF_ERLANG\n}\n`;
    }),
  ].join("\n");
  return `#!/bin/sh\n${body}\n[ $# -eq 0 ] || main "$@"\n`;
}
