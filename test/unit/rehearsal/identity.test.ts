import { expect, test } from "vitest";
import { identityOf } from "../../../src/rehearsal/identity.ts";
import type { Running } from "../../../src/runtime/observed.ts";

const node = (name: string | null): Running => ({
  pid: 1,
  startedAt: 0,
  release: "1.0.0",
  config: "c",
  node: name,
  version: "1.0.0",
});

test.each([
  ["its node's host", "shop@db1.example.org", "192.0.2.7", "db1.example.org", ["db1.example.org"], ["192.0.2.7"]],
  ["the fleet's name of a host whose node says none", "shop", "web1.example.org", "web-1", ["web1.example.org"], []],
  ["the fleet's name where a node's host is an address", "shop@10.0.0.5", "10.0.0.5", "web-1", [], ["10.0.0.5"]],
  ["nothing that is too long for a name", `shop@${"a".repeat(300)}`, "::1", "web-1", [], []],
  ["nothing that is no name", "shop@a b", "::1", "web-1", [], []],
])("a sandbox is called as %s", (_, name, address, hostname, names, addresses) => {
  expect(identityOf({ name: "web_1", address }, node(name))).toEqual({ hostname, names, addresses });
});
