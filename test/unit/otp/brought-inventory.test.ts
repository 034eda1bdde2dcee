import { describe, expect, test } from "vitest";
import { broughtInventory } from "../../../src/otp/brought-inventory.ts";
import type { ReleaseInventory } from "../../../src/otp/inventory.ts";
import { compiled } from "./run-erl.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const app = (name: string, vsn: string, needs: string, more = "") =>
  text(`{application, ${name}, [{vsn, "${vsn}"}, {modules, []}, {applications, [${needs}]}${more}]}.`);
const SERVER = compiled("-module(server). -behaviour(gen_server).");

function brought(files: Record<string, Uint8Array>, digests: Record<string, string> = {}): ReleaseInventory {
  const read = broughtInventory("guest", Object.entries(files), new Map(Object.entries(digests)));
  if ("unreadable" in read) throw new Error(read.unreadable.map(({ file, text }) => `${file} ${text}`).join("; "));
  return read.inventory;
}
const named = ({ applications }: ReleaseInventory) => applications.map(({ name, version }) => `${name} ${version}`);

const FILES = {
  "./lib/guest-2.0/ebin/guest.app": app(
    "guest",
    "2.0",
    "kernel, codec, mail",
    ", {optional_applications, [mail]}, {included_applications, [pool]}",
  ),
  "./lib/guest-2.0/ebin/guest.appup": text('{"2.0", [], []}.'),
  "./lib/guest-2.0/ebin/server.beam": SERVER,
  // A directory may have any name.
  "./lib/codec/ebin/codec.app": app("codec", "1.1", "kernel"),
  "./lib/pool-3/ebin/pool.app": app("pool", "3", "kernel"),
  "./lib/debugger-1/ebin/debugger.app": text("damaged"),
};

describe("what an embedded application brings along", () => {
  test("is what it needs, as far as the tarball has it, in the order in which it starts", () => {
    const inventory = brought(FILES, { "./lib/codec/priv/codec.so": "beef" });
    expect(named(inventory)).toEqual(["codec 1.1", "pool 3", "guest 2.0"]);
    expect(inventory).toMatchObject({ name: "guest", version: "2.0" });
    expect([...inventory.appups.keys()]).toEqual(["guest"]);
    expect(inventory.applications[0]?.libraries).not.toBe("");
    expect(inventory.applications.map(({ startType }) => startType)).toEqual(["temporary", "temporary", "temporary"]);
  });

  test("has what is optional where the tarball has that", () => {
    expect(named(brought({ ...FILES, "./lib/mail-1/ebin/mail.app": app("mail", "1", "") }))).toContain("mail 1");
  });

  test("is one application at the top of its tarball", () => {
    const inventory = brought(
      { "./ebin/guest.app": app("guest", "2.0", "kernel"), "./ebin/server.beam": SERVER },
      { "./priv/a.css": "beef", "./ebin/guest.app": "f00d" },
    );
    expect(named(inventory)).toEqual(["guest 2.0"]);
    expect([...(inventory.applications[0]?.modules.keys() ?? [])]).toEqual(["server"]);
    expect(inventory.applications[0]?.priv).not.toBe("");
  });

  test("can't be told where a file of it is damaged", () => {
    expect(() => brought({ ...FILES, "./lib/codec/ebin/codec.app": text("damaged") })).toThrow(
      "lib/codec/ebin/codec.app",
    );
  });
});
