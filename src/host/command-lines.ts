// The command lines that a host is given. Its login shell parses them (sh, bash, fish, csh): fixed text of ours in single quotes,
// without a backslash or a bang, and plain words (the fleet schema holds `root` to them).
import type { AgentFile } from "./agent-file.ts";

type Kept = { root: string; agent: Pick<AgentFile, "name" | "sha256"> };

/** As `ls -ldn` shows a directory that is closed to all others; on some file systems a new one has its parent's group (S). */
const CLOSED = "drwx--[S-]---*";
/** A file that its owner reads and no other writes. */
const UNWRITTEN = "-r???-??-?*";
/** What computes SHA-256 here: the first of them that there is. All print its hex digits first. */
const SHA256 = "{ sha256sum || shasum -a 256 || openssl dgst -sha256 -r || sha256 -r; }";

/** How installLine ends where what came is not the agent. */
export const EATEN = 66;

/** Runs the agent that comes on standard input; its last line calls main where there are arguments. */
export const sentLine = (root: string, words: string): string => `exec /bin/sh -s -- ${root} ${words}`;

/**
 * Runs the agent that lies on the host: a file of the login's own with the whole content that we know, in a directory of its own that is
 * closed to others. That directory is entered before it is looked at, so that nobody can put another in its place. `firstLine` is what
 * its input must begin with: something in the login may have read it.
 */
export function keptLine(
  { root, agent: { name, sha256 } }: Kept,
  frame: string,
  words: string,
  { firstLine }: { firstLine?: string } = {},
): string {
  const steps = [
    `absent() { echo; echo ${frame} absent; exit; }`,
    ...(firstLine === undefined
      ? []
      : [`read -r it; [ "$it" = ${firstLine} ] || { echo; echo ${frame} eaten; exit; }`]),
    `cd ${root}/.beamline 2>/dev/null || absent`,
    `[ -O . ] && [ -f ${name} ] && [ -O ${name} ] || absent`,
    `[ -h ${root}/.beamline ] || [ -h ${name} ] && absent`,
    `case "$(ls -ldn . ${name})" in ${CLOSED}${UNWRITTEN}) ;; *) absent;; esac`,
    `case "$(${SHA256} 2>/dev/null <${name})" in ${sha256}*) exec /bin/sh ./${name} ${root} ${words};; esac`,
    "absent",
  ];
  return `/bin/sh -c '${steps.join("; ")}'`;
}

/**
 * Puts the agent, which comes on standard input, on the host: through no link, and into no directory but the login's own. Renamed into
 * place once it is whole, so that two runs at once do no harm, and on disk before its name is: after a loss of power there is the whole agent, or none.
 */
export function installLine({ root, agent: { name, sha256 } }: Kept): string {
  const sync = (path: string): string => `{ sync ${path} 2>/dev/null || sync; }`;
  const steps = [
    "umask 077",
    `eaten() { rm -f ${name}.$$; exit ${EATEN}; }`,
    `mkdir -p ${root}/.beamline || exit`,
    `[ -h ${root} ] || [ -h ${root}/.beamline ] && exit 1`,
    `cd ${root}/.beamline && [ -O . ] || exit`,
    `case "$(ls -ldn .)" in ${CLOSED}) ;; *) exit 1;; esac`,
    `rm -f ${name}.$$ && mkdir -p ops && cat >${name}.$$ || exit`,
    `case "$(${SHA256} 2>/dev/null <${name}.$$)" in ${sha256}*) ;; *) eaten;; esac`,
    `${sync(`${name}.$$`)} && mv -f ${name}.$$ ${name} && ${sync(".")}`,
  ];
  return `/bin/sh -c '${steps.join("; ")}'`;
}
