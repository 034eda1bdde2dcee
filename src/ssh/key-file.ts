import { fingerprintOf } from "../core/digest.ts";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { runCommand } from "../process/command.ts";
import type { PrivateDirectory } from "../process/private-directory.ts";
import { keyFault } from "./private-key.ts";

/** A private key as a file; `shown` is what anybody may see of it, as ssh-keygen -l shows keys. */
export type KeyFile = { path: string; shown: string };

/** Writes a private key for ssh, and has ssh-keygen read it: what can't be used is told before any host is contacted. */
export async function keyFileOf(text: string, directory: PrivateDirectory): Promise<KeyFile | Problem> {
  const path = await directory.write("key", text);
  // With an empty passphrase: nobody is asked for one.
  const { code, stdout } = await runCommand("ssh-keygen", ["-y", "-P", "", "-f", path]);
  if (code === 0) return { path, shown: shownKey(stdout.trim()) };
  return problem("ssh_key_unusable", { in: "input", name: "ssh-key" }, keyFault(text));
}

/** `TYPE BASE64` as ssh-keygen -l shows it: its type and SHA256 fingerprint. */
export const shownKey = (key: string): string => `${key.split(" ")[0] ?? ""} ${fingerprintOf(key)}`;
