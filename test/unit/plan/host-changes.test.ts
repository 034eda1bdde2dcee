// How hosts are reached otherwise than before, each change with the line on which it stands.
import { describe, expect, test } from "vitest";
import { hostChanges } from "../../../src/plan/host-changes.ts";
import { parseFleet } from "../../../src/spec/fleet.ts";

const KEYS = ["AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f", "AAAAC3NzaC1lZDI1NTE5AAAAIB8="];

function fleet(...lines: string[]) {
  const { fleet, problems } = parseFleet("fleet.yaml", lines.join("\n"), "production");
  if (fleet === undefined) throw new Error(JSON.stringify(problems));
  return fleet;
}

const changes = (before: string[] | null, after: string[]): string[] =>
  hostChanges(before && fleet(...before).hosts, fleet(...after)).map(
    ({ host, field, from, to, line }) => `${host} ${field} ${from} → ${to}${line === null ? "" : ` :${line}`}`,
  );

describe("a change of how a host is reached", () => {
  const before = ["hosts:", "  web1: {address: 192.0.2.11}"];

  test.each([
    [["hosts:", "  web1: {address: 192.0.2.66}"], ["web1 address 192.0.2.11 → 192.0.2.66 :2"]],
    [["hosts:", "  web1:", "    address: 192.0.2.11", "    port: 2222"], ["web1 port 22 → 2222 :4"]],
    [["defaults:", "  user: root", "hosts:", "  web1: {address: 192.0.2.11}"], ["web1 user deploy → root :2"]],
    [["hosts:", "  web1: {address: 192.0.2.11, root: /srv/x}"], ["web1 root /opt/releases → /srv/x :2"]],
    [
      ["hosts:", "  web1:", "    address: 192.0.2.11", `    host_key: "ssh-ed25519 ${KEYS[0]}"`],
      // As ssh-keygen -l shows it.
      ["web1 host_key null → SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA :4"],
    ],
    [["hosts:", "  web1: {}"], ["web1 address 192.0.2.11 → web1 :2"]],
    [["hosts:", "  web1: {address: 192.0.2.11, labels: {role: db}}"], []],
  ])("%j is %j", (after, said) => {
    expect(changes(before, after)).toEqual(said);
  });

  test("is none where nothing is known of before", () => {
    expect(changes(null, before)).toEqual([]);
  });

  test("of a host that is new is all but what is usual; one that has gone is said, too", () => {
    const after = ["defaults: {root: /srv/x}", "hosts:", "  web2: {address: 192.0.2.12, port: 22}"];
    expect(changes(before, after)).toEqual([
      "web2 address null → 192.0.2.12 :3",
      "web2 root null → /srv/x :1",
      "web1 address 192.0.2.11 → null",
    ]);
  });

  test("of a key shows that it is another, however alike the two begin and end", () => {
    const withKey = (key: string) => [...before.slice(0, 1), `  web1: {host_key: "ssh-ed25519 ${key}"}`];
    const [said, ...others] = changes(withKey(KEYS[0] ?? ""), withKey(KEYS[1] ?? ""));
    expect(others).toEqual([]);
    expect(said).toMatch(/^web1 host_key SHA256:\S{43} → SHA256:\S{43} :2$/);
  });
});
