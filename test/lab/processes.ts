/** Processes as /proc of the lab shows them. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined; // gone meanwhile
  }
}

/** All processes, zombies included, of the pid namespace whose PID 1 is `init`. */
export function processesOf(init: number): number[] {
  const namespace = namespaceOf(init);
  if (namespace === undefined) return [];
  const all = readdirSync("/proc").map(Number).filter(Boolean);
  return all.filter((pid) => namespaceOf(pid) === namespace);
}

/** Whether it is the sshd that accepts connections, not one that serves a session. */
export function isSshListener(pid: number): boolean {
  try {
    const title = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return title.startsWith("sshd: ") && title.includes("[listener]");
  } catch {
    return false;
  }
}
