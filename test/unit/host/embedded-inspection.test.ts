// What a node says of an application that is embedded in it.
import { expect, test } from "vitest";
import { parseEmbedded } from "../../../src/host/embedded-inspection.ts";
import type { ReleaseInventory } from "../../../src/otp/inventory.ts";
import { privDigests } from "../../../src/otp/priv-digest.ts";

const WANTED: ReleaseInventory = {
  name: "guest",
  version: "1.1.0",
  erts: "0",
  applications: [],
  appups: new Map(),
  relup: null,
  consolidated: new Map(),
  startFiles: null,
  made: new Map(),
};
const LINES = [
  "release guest 1.0.0+ab 13.1.5",
  "runs kernel",
  "runs guest",
  "shared codec",
  "lies codec codec",
  "application codec 1.1 temporary ffff",
  'resource codec {application,codec,[{vsn,"1.1"}]}',
  "lies guest guest-1.0.0",
  "application guest 1.0.0 temporary ffff",
  'resource guest {application,guest,[{vsn,"1.0.0"}]}',
  "module guest guest_server 33 false gen_server code_change/3 lists 1",
  "priv fabcdef012345\t./lib/codec/priv/codec.so",
  "end",
];

/** What was told, wholly. */
function told(lines: readonly string[]) {
  const read = parseEmbedded(lines, WANTED, "1.0.0");
  if (read === null || "error" in read) throw new Error(read?.error ?? "nothing is embedded");
  return read;
}

test("a node tells what is embedded, what runs beside it, and what others need of it", () => {
  const read = told(LINES);
  expect(read).toMatchObject({ runs: ["kernel", "guest"], shared: ["codec"], hasReleaseHandler: true });
  expect(read.inventory).toMatchObject({ name: "guest", version: "1.0.0", erts: "13.1.5" });
  const [codec, guest] = read.inventory.applications;
  expect(codec).toMatchObject(privDigests([["abcdef012345ffff", "codec.so"]]));
  expect([...(guest?.modules.keys() ?? [])]).toEqual(["guest_server"]);
});

test("what lies in priv at the top of a tarball is the application's", () => {
  const lines = [...LINES, "priv fabcdef012345\t./priv/a b.css"];
  const guest = told(lines).inventory.applications[1];
  expect(guest).toMatchObject(privDigests([["abcdef012345ffff", "a b.css"]]));
});

test("a node may have no release_handler, or nothing of the application", () => {
  expect(told([...LINES, "lacks sasl"]).hasReleaseHandler).toBe(false);
  expect(parseEmbedded([], WANTED, "1.0.0")).toBeNull();
});
