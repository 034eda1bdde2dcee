// What a node says it is made of, as text, and the inventory that comes of it.
import { describe, expect, test } from "vitest";
import { knownDigests, parseInspection } from "../../../src/host/inspection.ts";
import type { ModuleFacts, ReleaseInventory } from "../../../src/otp/inventory.ts";
import { applicationDigest } from "../../../src/otp/module-digest.ts";
import { privDigests } from "../../../src/otp/priv-digest.ts";

const module = (md5: string): ModuleFacts => ({
  md5,
  behaviours: [],
  exports: [],
  calls: [],
  isNative: false,
  vsn: "1",
  records: null,
});
const application = (name: string, version: string, modules: Record<string, ModuleFacts>) => ({
  name,
  version,
  startType: "permanent",
  resource: { atom: `${name}.app` },
  modules: new Map(Object.entries(modules)),
  ...privDigests([]),
});
const STDLIB = application("stdlib", "4.2", { lists: module("11") });
const other: ReleaseInventory = {
  name: "shop",
  version: "1.1.0",
  erts: "13.1.5",
  applications: [STDLIB, application("shop", "1.1.0", { shop: module("22") })],
  appups: new Map(),
  relup: null,
  consolidated: new Map(),
  startFiles: new Map(),
  made: new Map(),
};
const LINES = [
  "release shop 1.0.0+ab 13.1.5",
  `application stdlib 4.2 permanent ${applicationDigest(STDLIB.modules)}`,
  "application shop 1.0.0 permanent ffff",
  'resource shop {application,shop,[{vsn,"1.0.0"}]}',
  'appup shop {"1.0.0", [], []}',
  "module shop shop 33 false gen_server,other code_change/3,init/1 lists,maps [a, b]",
  "records shop shop [{state,[count, limit]}]",
  "module shop shop_nif 44 true - - - -",
  "module - Elixir.News 55 false - - - -",
  'relup {"1.0.0",[],[]}',
  "priv fabcdef012345\t./lib/shop-1.0.0/priv/a b.css",
  "priv x0123456789ab\t./lib/shop-0.9.0/priv/old.so",
  "end",
];
const answer = (lines: readonly string[]) => parseInspection(lines, other, "1.0.0");
function read(lines: readonly string[]): ReleaseInventory {
  const said = answer(lines);
  if (said === null || "error" in said) throw new Error(said?.error ?? "nobody answered");
  return said;
}

describe("what a node says of itself", () => {
  test("is an inventory, with the version that was observed, not with the directory's name", () => {
    expect(read(LINES)).toMatchObject({ name: "shop", version: "1.0.0", erts: "13.1.5" });
  });

  test("has modules with all that decides how they are upgraded", () => {
    const modules = read(LINES).applications.find(({ name }) => name === "shop")?.modules;
    expect(modules?.get("shop")).toEqual({
      md5: "33",
      isNative: false,
      behaviours: ["gen_server", "other"],
      exports: ["code_change/3", "init/1"],
      calls: ["lists", "maps"],
      vsn: "[a, b]",
      records: new Map([["state", ["count", "limit"]]]),
    });
    expect(modules?.get("shop_nif")).toMatchObject({ isNative: true, behaviours: [], vsn: null, records: null });
  });

  test("takes from the other release what is as that has it", () => {
    expect(read(LINES).applications.find(({ name }) => name === "stdlib")).toEqual(STDLIB);
    expect(knownDigests(other)).toContain(`stdlib=${applicationDigest(STDLIB.modules)}`);
  });

  test("has appups, a relup, consolidated protocols and what lies in priv of the version that runs", () => {
    const inventory = read(LINES);
    expect(inventory.appups.get("shop")).toMatchObject({ tuple: [{ charlist: "1.0.0" }, {}, {}] });
    expect(inventory.relup).toMatchObject({ tuple: [{ charlist: "1.0.0" }, {}, {}] });
    expect(inventory.consolidated.size).toBe(1);
    const { priv, libraries } = privDigests([["abcdef012345ffff", "a b.css"]]);
    expect(inventory.applications.find(({ name }) => name === "shop")).toMatchObject({ priv, libraries });
  });

  test("names the files that its VM has read when it started; where no manifest tells, that is not known", () => {
    const starts = ["starts vm.args 0123456789ab", "starts vm.args.src -", "starts env.sh -", "starts runtime.exs -"];
    expect(read([...starts, ...LINES]).startFiles).toEqual(new Map([["vm.args", "0123456789ab"]]));
    expect(read([...starts.slice(1), ...LINES]).startFiles).toEqual(new Map());
    expect(read(LINES).startFiles).toBeNull();
  });

  test("is nothing where nobody answered", () => {
    expect(answer([])).toBeNull();
  });

  test.each<[string, readonly string[]]>([
    ["its node's answer broke off", LINES.slice(0, -1)],
    ["its node's answer broke off", LINES.slice(0, 3)],
    ["its node's answer broke off", ["priv fabcdef012345\t./lib/shop-1.0.0/priv/a b.css", "end"]],
    ["its node does not answer", [...LINES.slice(0, 3), "failed its node does not answer"]],
    ["its node does not answer", ["failed its node does not answer"]],
  ])("is no answer where it does not come to its end: %s", (error, lines) => {
    expect(answer(lines)).toEqual({ error });
  });

  test("may hold words of which nothing is known, whatever they are called, and terms that are none", () => {
    const odd = [
      "__proto__ x",
      "constructor x",
      "toString",
      "hasOwnProperty a b",
      "resource shop {",
      "records shop shop ]",
    ];
    const deep = `appup shop ${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const { appups, ...facts } = read([...LINES.slice(0, -1), ...odd, deep, "end"]);
    expect(appups.get("shop")).toEqual({ tuple: [] });
    expect(facts.applications.map(({ name }) => name)).toEqual(["stdlib", "shop"]);
  });
});

test("a node that says no end of things is not read to their end; files of a release are read in one go", () => {
  const flood = (line: (nth: number) => string) =>
    answer([...LINES, ...Array.from({ length: 150_000 }, (_, nth) => line(nth))]);
  const error = "its node says more than any release has";
  expect(flood((nth) => `application a${nth} 1 permanent -`)).toEqual({ error });
  expect(flood((nth) => `module shop m${nth} 33 false - - - -`)).toEqual({ error });
  const files = Array.from({ length: 90_000 }, (_, nth) => `priv fabcdef012345\t./lib/shop-1.0.0/priv/${nth}`);
  expect(read([...LINES.slice(0, -1), ...files, "end"]).applications).toHaveLength(2);
});
