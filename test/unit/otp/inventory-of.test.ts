import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { inventoryOf } from "../../../src/otp/inventory-of.ts";
import { compiled } from "./run-erl.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const server = compiled("-module(server). -behaviour(gen_server).");
const codec = compiled("-module(codec).");

const REL = `{release, {"shop", "1.1.0"}, {erts, "13.1.5"},
  [{shop, "1.1.0"}, {kernel, "8.5.3"}, {stdlib, "4.2"}, {codec, "2.0", load}, {sasl, "4.2", permanent, []}]}.`;
const app = (name: string, vsn: string, needs: string) =>
  `{application, ${name}, [{vsn, "${vsn}"}, {modules, []}, {applications, [${needs}]}]}.`;

const FILES: Record<string, Uint8Array> = {
  "./releases/start_erl.data": text("13.1.5 1.1.0\n"),
  "./releases/1.1.0/shop.rel": text(REL),
  "./releases/1.0.0/shop.rel": text("{release, of, yesterday}."),
  "./releases/1.1.0/relup": text('{"1.1.0", [{"1.0.0", [], [point_of_no_return]}], []}.'),
  "./releases/1.1.0/consolidated/codec.beam": codec,
  "./lib/shop-1.1.0/ebin/shop.app": text(app("shop", "1.1.0", "kernel, stdlib, codec")),
  "./lib/shop-1.1.0/ebin/shop.appup": text('{"1.1.0", [], []}.'),
  "./lib/shop-1.1.0/ebin/server.beam": server,
  "./lib/shop-1.1.0/priv/static/a.css": text("body {}"),
  "./lib/shop-1.1.0/priv/shop.so": text("ELF"),
  "./lib/shop-1.0.0/ebin/shop.app": text("older"),
  "./lib/codec-2.0/ebin/codec.app": text(app("codec", "2.0", "kernel")),
  "./lib/codec-2.0/ebin/codec.beam": codec,
  "./lib/kernel-8.5.3/ebin/kernel.app": text(app("kernel", "8.5.3", "")),
  "./lib/stdlib-4.2/ebin/stdlib.app": text(app("stdlib", "4.2", "kernel")),
  "./lib/sasl-4.2/ebin/sasl.app": text(app("sasl", "4.2", "kernel, stdlib")),
  "./erts-13.1.5/bin/beam.smp": text("ELF"),
};

const of = (changes: Record<string, Uint8Array | undefined> = {}) => {
  const files = Object.entries({ ...FILES, ...changes }).flatMap(([path, it]) => (it ? [[path, it] as const] : []));
  return inventoryOf(files, new Map(files.map(([path, it]) => [path, createHash("sha256").update(it).digest("hex")])));
};

describe("a release's inventory", () => {
  test("has what the booted version names, in the order in which it starts", () => {
    const read = of();
    if ("unreadable" in read) throw new Error(JSON.stringify(read.unreadable));
    const { inventory } = read;
    expect(inventory).toMatchObject({ name: "shop", version: "1.1.0", erts: "13.1.5" });
    expect(inventory.applications.map(({ name, startType }) => `${name} ${startType}`)).toEqual([
      "kernel permanent",
      "stdlib permanent",
      "codec load",
      "shop permanent",
      "sasl permanent",
    ]);
    const shop = inventory.applications.find(({ name }) => name === "shop");
    expect([...(shop?.modules ?? [])].map(([name, { behaviours }]) => [name, behaviours])).toEqual([
      ["server", ["gen_server"]],
    ]);
    expect([...inventory.appups.keys()]).toEqual(["shop"]);
    expect(inventory.relup).toMatchObject({ tuple: [{ charlist: "1.1.0" }, {}, {}] });
    expect([...inventory.consolidated.keys()]).toEqual(["codec"]);
  });

  test("has digests of priv and of the shared libraries in it", () => {
    const digests = (changes = {}) => {
      const read = of(changes);
      const shop = "inventory" in read ? read.inventory.applications.find(({ name }) => name === "shop") : undefined;
      return [shop?.priv, shop?.libraries];
    };
    const [priv, libraries] = digests();
    expect(priv).toMatch(/^[0-9a-f]{64}$/);
    expect(digests({ "./lib/shop-1.1.0/priv/static/a.css": text("") })).toEqual([
      expect.not.stringMatching(priv ?? ""),
      libraries,
    ]);
    expect(digests({ "./lib/shop-1.1.0/priv/shop.so": text("") })[1]).not.toBe(libraries);
    const none = { "./lib/shop-1.1.0/priv/shop.so": undefined, "./lib/shop-1.1.0/priv/static/a.css": undefined };
    expect(digests(none)).toEqual(["", ""]);
  });

  test("has digests of the files of the booted version that decide how a VM starts", () => {
    const read = of({
      "./releases/1.1.0/vm.args": text("-sname shop"),
      "./releases/1.1.0/runtime.exs": text("import Config"),
      "./releases/1.1.0/sys.config": text("[]."),
      "./releases/1.0.0/env.sh": text("export A=1"),
      "./lib/shop-1.1.0/ebin/vm.args.src": text("-sname shop"),
    });
    const startFiles = "inventory" in read ? read.inventory.startFiles : null;
    // As many digits as the manifest on a host has.
    const digest = (content: string): string => createHash("sha256").update(content).digest("hex").slice(0, 12);
    expect(startFiles).toEqual(
      new Map([
        ["vm.args", digest("-sname shop")],
        ["runtime.exs", digest("import Config")],
      ]),
    );
  });

  test.each<[string, Record<string, Uint8Array | undefined>]>([
    ["releases/start_erl.data is not there", { "./releases/start_erl.data": undefined }],
    ["releases/start_erl.data names no version", { "./releases/start_erl.data": text("x") }],
    ["releases/1.1.0/*.rel is not there", { "./releases/1.1.0/shop.rel": undefined }],
    [
      "releases/1.1.0/shop.rel is of 1.0.0, not of 1.1.0",
      { "./releases/1.1.0/shop.rel": text(REL.replace("1.1.0", "1.0.0")) },
    ],
    ["releases/1.1.0/shop.rel is beside releases/1.1.0/a.rel", { "./releases/1.1.0/a.rel": text(REL) }],
    [
      "releases/1.1.0/relup line 1: a term ends with a dot, found the end of the text",
      { "./releases/1.1.0/relup": text("{}") },
    ],
    ["lib/codec-2.0/ebin/codec.app is not there", { "./lib/codec-2.0/ebin/codec.app": undefined }],
    ["lib/codec-2.0/ebin/codec.app it has no vsn", { "./lib/codec-2.0/ebin/codec.app": text("{application, a, []}.") }],
    ["lib/codec-2.0/ebin/codec.beam it is no BEAM file", { "./lib/codec-2.0/ebin/codec.beam": text("") }],
    ["lib/codec-2.0/ebin/codec.beam holds the module server", { "./lib/codec-2.0/ebin/codec.beam": server }],
  ])("can't be made: %s", (message, changes) => {
    const read = of(changes);
    expect("unreadable" in read && read.unreadable.map((it) => `${it.file} ${it.text}`)).toContain(message);
  });

  test("takes the first term of an appup, and an appup that can't be read for a matter of its application alone", () => {
    const two = of({ "./lib/shop-1.1.0/ebin/shop.appup": text('{"1.1.0", [], []}.\n{"1.0.0", [], []}.') });
    expect("inventory" in two && two.inventory.appups.get("shop")).toMatchObject({
      tuple: [{ charlist: "1.1.0" }, {}, {}],
    });
    const odd = of({ "./lib/shop-1.1.0/ebin/shop.appup": text('{"1.1.0", [') });
    expect("inventory" in odd && odd.inventory.appups.get("shop")).toMatchObject({
      error: expect.stringMatching(/^line 1: /),
    });
  });

  test("passes over what macOS packs beside a file", () => {
    const double = text("\u0000\u0005\u0016\u0007");
    const packed = of({ "./lib/shop-1.1.0/ebin/._server.beam": double, "./releases/1.1.0/._shop.rel": double });
    expect(packed).toHaveProperty("inventory");
  });

  test("is refused where its .rel names an application twice, each time with all its modules", () => {
    const twice = REL.replace("{codec,", '{shop, "1.1.0"}, {codec,');
    expect(of({ "./releases/1.1.0/shop.rel": text(twice) })).toEqual({
      unreadable: [{ file: "releases/1.1.0/shop.rel", text: "it names shop twice" }],
    });
  });
});
