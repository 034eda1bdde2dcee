import type { Host } from "../spec/host.ts";

/** An address as known_hosts(5) has it: the port in brackets unless it is 22. */
export const knownHostsName = ({ address, port }: Pick<Host, "address" | "port">): string =>
  port === 22 ? address : `[${address}]:${port}`;

/** The known_hosts file of a run: the keys pinned in the fleet file, then the input known-hosts as it is. */
export function knownHostsFile(hosts: readonly Host[], input: string): string {
  const pinned = hosts.flatMap((host) =>
    host.hostKey === undefined ? [] : [`${knownHostsName(host)} ${host.hostKey}`],
  );
  return [...pinned, input.trim(), ""].join("\n");
}
