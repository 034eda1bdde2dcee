// What must hold of a host when an op was struck and one more run has been there.

import { answerOf } from "../e2e/shop.ts";
import type { Host } from "../lab/lab.ts";
import { nodeViolations } from "./in-node.ts";
import type { Expected, Subject } from "./subjects.ts";

const ROOT = "/opt/releases";
const look = (app: Subject["name"]): string => `cd ${ROOT}
vms=0
for pid in $(pgrep -x beam.smp); do
  if cat "/proc/$pid/environ" 2>/dev/null | tr '\\0' '\\n' | grep -qx BEAMLINE_APP=counter; then
    vms=$((vms + 1))
    echo "booted $(tr '\\0' '\\n' <"/proc/$pid/environ" | sed -n 's/^BEAMLINE_RELEASE=//p')"
  fi
done
echo "vms $vms"
echo "current $(readlink ${app}/current)"
echo "recorded $(sed -n '1s/.*"release":"\\([^"]*\\)".*/\\1/p' .beamline/state/${app} 2>/dev/null)"
echo "configured $(sed -n '1s/"spec":.*//; 1s/.*"config":"\\([^"]*\\)".*/\\1/p' .beamline/state/${app} 2>/dev/null)"
echo "returns $(sed -n 's/.* Release = "\\([^"]*\\)", Config = "\\([^"]*\\)", .*/\\1 \\2/p' counter/run/embedded/${app}.erl 2>/dev/null)"
for release in ${app}/*; do [ -L "$release" ] || [ ! -e "$release/.beamline" ] || echo "release $release"; done
for op in .beamline/ops/*; do
  [ ! -d "$op" ] || [ -e "$op/ended" ] || echo "unfinished $op"
  [ ! -e "$op/in" ] || echo "leftover $op/in"
  [ ! -d "$op" ] || grep -q '"event":"outcome"' "$op/journal" || echo "silent $op"
done
find . -name '*.tmp.*' -o -name '.stage-*' -o -name '.current-*' -o -name '.agent-*' -o -name '.op-*' -o -path '*/run/embedded/.*' | sed 's/^/leftover /'
for lock in .beamline/lock/*; do case $lock in *.holder) ;; *) [ ! -e "$lock" ] || flock -n "$lock" true || echo "locked $lock" ;; esac; done
for process in /proc/[0-9]*; do
  # It may be gone by now.
  command=$(cat "$process/cmdline" 2>/dev/null | tr '\\0' ' ')
  case $command in "sh -c "*) ;; *"sh /opt/releases/.beamline/agent-"*) echo "process $command" ;; esac
done
ls /etc/systemd/system/beamline-${app}* 2>/dev/null | sed 's/^/unit /'
[ -d ${app} ] && echo "there ${app}"
true`;

/**
 * What is wrong with a host; nothing where all is as it must be. `hasLostVm`: a VM may have died when the release that it was booted
 * from had been kept for it.
 */
export async function violations(
  host: Host,
  { subject, expected }: { subject: Subject; expected: Expected },
  { systemd, hasLostVm }: { systemd: boolean; hasLostVm: boolean },
): Promise<string[]> {
  const { stdout, stderr } = await host.exec(["sh", "-c", look(subject.name)]);
  const facts = stdout.split("\n").filter(Boolean);
  const wrong = facts.filter((fact) => /^(unfinished|leftover|silent|locked|process) /.test(fact));
  const those = (word: string): string[] =>
    facts.filter((fact) => fact.startsWith(`${word} `)).map((fact) => fact.slice(word.length + 1));
  const must = (word: string, wanted: string): void => {
    if (those(word).join() !== wanted) wrong.push(`not "${word} ${wanted}": ${those(word).join(", ")}`);
  };
  const isEmbedded = subject.name === "lodger";
  must("vms", expected === null && !isEmbedded ? "0" : "1");
  must("current", expected?.version ?? "");
  must("recorded", expected?.version ?? "");
  const [config = ""] = those("configured");
  // What its node brings back when it starts again.
  must("returns", expected !== null && isEmbedded ? `${expected.version} ${config}` : "");
  // retain is 1, or all that is leapt over; and what a VM booted from stays for as long as it lives.
  const retained = expected === null ? [] : [expected.version, ...(subject.leaps ?? [])];
  const kept = new Set(expected === null || isEmbedded ? retained : [...retained, ...those("booted")]);
  const spare = those("release").length - kept.size;
  if (spare !== 0 && !(hasLostVm && spare === 1)) wrong.push(`releases: ${those("release").join(", ") || "none"}`);
  const units = expected !== null && systemd && !isEmbedded ? 1 : 0;
  if (those("unit").length !== units) wrong.push(`units: ${those("unit").join(", ") || "none"}`);
  if (expected === null && those("there").length > 0) wrong.push("its directory is still there");
  if (expected !== null) wrong.push(...(await answerViolations(host, subject.port, subject.answers(expected))));
  else if ((await answerOf(host, "/version", subject.port)) !== "down") wrong.push("something answers in its place");
  for (const port of subject.beside) wrong.push(...(await answerViolations(host, port, { "/version": "1.0.0" })));
  if (isEmbedded) wrong.push(...(await nodeViolations(host, expected && { version: expected.version, config })));
  return stderr === "" ? wrong : [...wrong, stderr];
}

async function answerViolations(
  host: Host,
  port: number,
  answers: Readonly<Record<string, string>>,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [path, wanted] of Object.entries(answers)) {
    const answer = await answerOf(host, path, port);
    if (answer !== wanted) wrong.push(`port ${port} answers ${answer} to ${path} instead of ${wanted}`);
  }
  return wrong;
}
