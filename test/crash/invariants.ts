// What must hold of a host when an op was struck and one more run has been there.

import { answerOf } from "../e2e/shop.ts";
import type { Host } from "../lab/lab.ts";

/** What the host should be: a version that serves with a value in its env, or nothing at all. */
export type Expected = { version: string; try: number } | null;

const ROOT = "/opt/releases";
const LOOK = `cd ${ROOT}
vms=0
for pid in $(pgrep -x beam.smp); do
  if cat "/proc/$pid/environ" 2>/dev/null | tr '\\0' '\\n' | grep -qx BEAMLINE_APP=counter; then
    vms=$((vms + 1))
    echo "booted $(tr '\\0' '\\n' <"/proc/$pid/environ" | sed -n 's/^BEAMLINE_RELEASE=//p')"
  fi
done
echo "vms $vms"
echo "current $(readlink counter/current)"
echo "recorded $(sed -n '1s/.*"release":"\\([^"]*\\)".*/\\1/p' .beamline/state/counter 2>/dev/null)"
for release in counter/*; do [ -L "$release" ] || [ ! -e "$release/.beamline" ] || echo "release $release"; done
for op in .beamline/ops/*; do
  [ ! -d "$op" ] || [ -e "$op/ended" ] || echo "unfinished $op"
  [ ! -e "$op/in" ] || echo "leftover $op/in"
  [ ! -d "$op" ] || grep -q '"event":"outcome"' "$op/journal" || echo "silent $op"
done
find . -name '*.tmp.*' -o -name '.stage-*' -o -name '.current-*' -o -name '.agent-*' -o -name '.op-*' | sed 's/^/leftover /'
for lock in .beamline/lock/*; do case $lock in *.holder) ;; *) [ ! -e "$lock" ] || flock -n "$lock" true || echo "locked $lock" ;; esac; done
for process in /proc/[0-9]*; do
  # It may be gone by now.
  command=$(cat "$process/cmdline" 2>/dev/null | tr '\\0' ' ')
  case $command in "sh -c "*) ;; *"sh /opt/releases/.beamline/agent-"*) echo "process $command" ;; esac
done
ls /etc/systemd/system/beamline-counter* 2>/dev/null | sed 's/^/unit /'
[ -d counter ] && echo "there counter"
true`;

/** The app's VM: its pid and when it started. */
export async function vmOf(host: Host): Promise<string> {
  const { stdout } = await host.exec(["sh", "-c", VM]);
  return stdout.trim();
}

const VM = `for pid in $(pgrep -x beam.smp); do
  if tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null | grep -qx BEAMLINE_APP=counter; then echo "$pid $(cut -d ' ' -f 22 "/proc/$pid/stat")"; fi
done`;

/**
 * What is wrong with a host; nothing where all is as it must be. `hasLostVm`: a VM may have died when the release that it was booted
 * from had been kept for it.
 */
export async function violations(
  host: Host,
  expected: Expected,
  { systemd, hasLostVm }: { systemd: boolean; hasLostVm: boolean },
): Promise<string[]> {
  const { stdout, stderr } = await host.exec(["sh", "-c", LOOK]);
  const facts = stdout.split("\n").filter(Boolean);
  const wrong = facts.filter((fact) => /^(unfinished|leftover|silent|locked|process) /.test(fact));
  const must = (fact: string): void => {
    if (!facts.includes(fact))
      wrong.push(`not "${fact}": ${facts.filter((it) => it.startsWith(fact.split(" ")[0] ?? "")).join(", ")}`);
  };
  must(`vms ${expected === null ? 0 : 1}`);
  must(`current ${expected?.version ?? ""}`);
  must(`recorded ${expected?.version ?? ""}`);
  // retain is 1; and what a VM booted from stays for as long as it lives.
  const releases = facts.filter((fact) => fact.startsWith("release "));
  const booted = facts.filter((fact) => fact.startsWith("booted ")).map((fact) => fact.slice("booted ".length));
  const kept = new Set(expected === null ? [] : [expected.version, ...booted]);
  const spare = releases.length - kept.size;
  if (spare !== 0 && !(hasLostVm && spare === 1)) wrong.push(`releases: ${releases.join(", ") || "none"}`);
  const units = facts.filter((fact) => fact.startsWith("unit "));
  if (units.length !== (expected !== null && systemd ? 1 : 0)) wrong.push(`units: ${units.join(", ") || "none"}`);
  if (expected === null && facts.includes("there counter")) wrong.push("its directory is still there");
  if (expected !== null) {
    const answers = [
      await answerOf(host, "/version"),
      await answerOf(host, "/env/try"),
      await answerOf(host, "/health"),
    ];
    const wanted = [expected.version, `{ok,${expected.try}}`, "ok"];
    if (answers.join() !== wanted.join())
      wrong.push(`it answers ${answers.join(", ")} instead of ${wanted.join(", ")}`);
  }
  return stderr === "" ? wrong : [...wrong, stderr];
}
