/** A lab for people to read. */
import type { Lab } from "./lab.ts";

export function labTable({ hosts, userKey, knownHosts }: Lab): string {
  const rows = [
    ["NAME", "ADDRESS", "LOGIN", "STATE"],
    ...hosts.map(({ name, address, state }) => [name, address, "root, deploy", state]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [...lines, "", `private key  ${userKey.path}`, `known_hosts  ${knownHosts.path}`].join("\n");
}
