/** Where a lab can be, and what it needs of the machine. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export const BRIDGE = "br0";
export const BRIDGE_ADDRESS = "198.18.0.1";

/** Any empty directory that every machine has; enter.ts covers it with a tmpfs in its own mount namespace only. */
export const LAB_MOUNT = "/media";

/** Exists only inside enter.ts: that is how one knows. */
export const LAB_ROOT = `${LAB_MOUNT}/beamline-lab`;

/** The lab's own group in the unified hierarchy, seen from outside of the hosts. */
export const LAB_CGROUP_MOUNT = `${LAB_ROOT}/cgroup`;
export const LAB_CGROUP = `${LAB_CGROUP_MOUNT}/beamline-lab-${process.env.BEAMLINE_LAB ?? "outside"}`;

const TOOLS = ["unshare", "nsenter", "setpriv", "mount", "umount", "ip", "chroot", "sshd", "ssh", "ssh-keygen"];
const SBIN = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

function isTool(name: string): boolean {
  const directories = [...(process.env.PATH ?? "").split(delimiter), ...SBIN];
  return directories.some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What this machine lacks for a lab: "root", or names of tools. */
export function missingForLab(): string[] {
  const missing = TOOLS.filter((tool) => !isTool(tool));
  if (process.platform !== "linux") missing.unshift("Linux");
  return process.getuid?.() === 0 ? missing : ["root", ...missing];
}

/** Whether this machine can run a lab, here or through enter.ts. */
function canRunLab(): boolean {
  return missingForLab().length === 0;
}

/** Whether this process runs under enter.ts. */
function isInsideLab(): boolean {
  return existsSync(LAB_ROOT);
}

/** Why startLab() would refuse here, for the title of skipped tests; undefined when it would not. */
export function whyNoLab(): string | undefined {
  if (!canRunLab()) return `no lab here, it needs ${missingForLab().join(", ")}`;
  return isInsideLab() ? undefined : "not inside the lab, run it as: node test/lab/enter.ts COMMAND...";
}
