/**
 * A copy of dist/ whose agent stops at a named point of its work: it writes a file, and waits for another or dies. All else is
 * the agent as it is shipped. The points are the journal's: before a line is written, and after.
 */
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const DIST = resolve(import.meta.dirname, "../../dist");

/** Beside what may be full, read-only or gone: `WHEN EVENT STEP DEED`; `.hit` once it stands there, `.go` for it to go on. */
export const FAULT = "/var/fault";

/** Appended to the agent: journal() with a stop before and after each line. */
const STOPS = `
journal() {
  stop_at before "$@"
  journal_line "$@"
  stop_at after "$@"
}

stop_at() { # before|after event step s N-verb …
  [ -r ${FAULT} ] || return 0
  read -r fault_when fault_event fault_verb deed <${FAULT} || return 0
  [ "$1 $2" = "$fault_when $fault_event" ] || return 0
  case "\${5:-}" in "$fault_verb" | *-"$fault_verb") ;; *) return 0 ;; esac
  mv ${FAULT} ${FAULT}.hit
  case $deed in
    # As the OOM killer would: engine and step, at once. The lock's descriptor dies with them.
    kill) kill -9 "$$" ;;
    wait) while [ ! -e ${FAULT}.go ]; do sleep 0.02; done ;;
  esac
}
`;

/** Makes the copy; \`sabotage\` may break the agent further, to see whether that is noticed. Answers its folder. */
export async function makeFaultyDist(sabotage?: (agent: string) => string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "faulty-dist-"));
  await cp(DIST, folder, { recursive: true });
  const path = join(folder, "main/agent.sh");
  const shipped = await readFile(path, "utf8");
  const agent = sabotage === undefined ? shipped : sabotage(shipped);
  if (sabotage !== undefined && agent === shipped) throw new Error("the agent lacks what is to be sabotaged");
  const [body = "", ending = ""] = agent.split(/(?=^\[ \$# -eq 0 \] \|\| main)/m);
  const stopping = body.replace(/^journal\(\) \{/m, "journal_line() {") + STOPS;
  if (stopping === body + STOPS || ending === "") throw new Error("the agent has no journal() or no last line");
  // Another agent is another file on the host, named by its content.
  await writeFile(path, stopping + ending);
  return folder;
}
