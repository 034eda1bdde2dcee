/** Logging in at a host by OpenSSH, with the lab's key, and its known_hosts alone. */
import type { Host, Lab } from "./lab.ts";

export type Login = {
  host: Host;
  user: string /** For the remote shell; a login shell when absent. */;
  command?: string;
};

const OPTIONS = ["StrictHostKeyChecking=yes", "BatchMode=yes", "IdentitiesOnly=yes", "ConnectTimeout=10"];

export function sshArgv({ userKey, knownHosts }: Lab, { host, user, command }: Login): string[] {
  const options = [...OPTIONS, `UserKnownHostsFile=${knownHosts.path}`].flatMap((option) => ["-o", option]);
  const destination = ["-i", userKey.path, "-p", String(host.port), `${user}@${host.address}`];
  return ["ssh", "-F", "/dev/null", ...options, ...destination, ...(command === undefined ? [] : [command])];
}
