// What a tarball or a host may hold to wear out whoever reads it: each would have taken minutes, or all memory there is.
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { parseInspection } from "../../../src/host/inspection.ts";
import { atomsOf, chunksOf, rowsOf } from "../../../src/otp/beam-chunks.ts";
import { readBeam } from "../../../src/otp/beam-file.ts";
import { readerOf } from "../../../src/otp/byte-reader.ts";
import { readExternalTerm } from "../../../src/otp/external-term.ts";
import { hotUpgrade } from "../../../src/otp/hot-upgrade.ts";
import { inventoryOf } from "../../../src/otp/inventory-of.ts";
import { neededBy } from "../../../src/otp/needed-applications.ts";
import { groupsByNeed } from "../../../src/otp/needs-order.ts";
import { readingBudget } from "../../../src/otp/reading-budget.ts";
import { skipTerm } from "../../../src/otp/skip-term.ts";
import { startOrder } from "../../../src/otp/start-order.ts";
import { readTermFile } from "../../../src/otp/term-file.ts";
import { application, plain, release, termIn } from "./inventories.ts";
import { compiled } from "./run-erl.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** A file of chunks: of a whole module those that it has, but for `Attr`. */
function beam(chunks: readonly (readonly [name: string, content: Uint8Array])[]): Buffer {
  const pieces = chunks.flatMap(([name, content]) => [
    Buffer.from(name),
    number(content.length),
    content,
    Buffer.alloc((4 - (content.length % 4)) % 4),
  ]);
  const body = Buffer.concat([Buffer.from("BEAM"), ...pieces]);
  return Buffer.concat([Buffer.from("FOR1"), number(body.length), body]);
}

/** A list of so many nils, compressed. */
function nils(count: number): Buffer {
  const list = Buffer.concat([Buffer.from([108]), number(count), Buffer.alloc(count + 1, 106)]);
  return Buffer.concat([Buffer.from([131, 80]), number(list.length), deflateSync(list)]);
}

const counter = compiled("-module(counter). -export([f/0]). f() -> lists:sort([]).");

describe("a module", () => {
  const whole = chunksOf(counter, readingBudget());
  const parts = "error" in whole ? [] : [...whole].filter(([name]) => name !== "Attr");

  test("that is 20 million terms in 20 kB is not taken into memory", () => {
    const bomb = beam([...parts, ["Attr", nils(20_000_000)]]);
    expect(bomb.length).toBeLessThan(30_000);
    expect(readBeam(bomb)).toEqual({ error: "its attributes: it unpacks to 20000006 bytes, more than 1048576" });
    expect(readBeam(beam([...parts, ["Attr", nils(200_000)]]))).toEqual({
      error: "its attributes: it holds too many terms",
    });
    expect(readBeam(beam([...parts, ["Attr", nils(1_000)]]))).toHaveProperty("name", "counter");
  });

  test("has as many atoms, rows and chunks as a VM would take", () => {
    const many = number(1_048_577);
    expect(atomsOf(new Map([["AtU8", many]]))).toEqual({ error: "its atoms: they are more than 1048576" });
    expect(rowsOf(many)).toEqual({ error: "they are more than 1048576" });
    const empty = Array.from({ length: 1_001 }, () => ["Xxxx", new Uint8Array()] as const);
    expect(chunksOf(beam(empty), readingBudget())).toEqual({ error: "it has more than 1000 chunks" });
  });

  test("counts for the release that it is of, by what it unpacks to and by what is kept of it", () => {
    const packed = gzipSync(beam([...parts, ["Xxxx", Buffer.alloc(60 * 1024 ** 2)]]));
    const budget = readingBudget();
    const answers = Array.from({ length: 10 }, () => readBeam(packed, budget));
    expect(answers[7]).toHaveProperty("name");
    expect(answers[9]).toEqual({
      error: "is too much: a release may have 536,870,912 bytes of modules, unpacked",
    });
    expect(readBeam(counter, { ...readingBudget(), facts: 0 })).toEqual({
      error:
        "is too much: a release may have 1,000,000 calls, exports, behaviours and fields of records in its modules",
    });
  });

  test("nests as deep as it likes where it is passed over", () => {
    const nested = Buffer.concat([Buffer.alloc(1_000_000, 103), Buffer.alloc(100)]);
    const reader = readerOf(nested);
    skipTerm(reader);
    expect(reader.error).toBe("a node without a name");
    const lists = Buffer.concat([Buffer.alloc(500_000, Buffer.from([108, 0, 0, 0, 1])), Buffer.alloc(100_001, 106)]);
    const listed = readerOf(lists);
    skipTerm(listed);
    expect(listed).toMatchObject({ error: null, offset: lists.length });
  });

  test("has strings at the end of lists, of which each character is a term", () => {
    const list = Buffer.concat([Buffer.from([108]), number(0), Buffer.from([107, 0xff, 0xff]), Buffer.alloc(65_535)]);
    const lists = Buffer.concat([Buffer.from([131, 108]), number(3), list, list, list, Buffer.from([106])]);
    expect(readExternalTerm(lists)).toEqual({ error: "it holds too many terms" });
  });
});

describe("a file of terms", () => {
  test("has a largest size, and a relup a larger one", () => {
    const file = text(`[${" ".repeat(1024 ** 2)}].`);
    expect(readTermFile(file)).toEqual({ error: "it has 1048579 bytes, more than 1048576" });
    expect(readTermFile(file, readingBudget(), { most: 2 * 1024 ** 2 })).toEqual({ term: { list: [] } });
  });

  test.each([
    ["empty lists", `[${"[],".repeat(300_000)}[]].`],
    ["numbers", `[${"1,".repeat(500_000)}1].`],
    ["strings at the end of lists", `[${`[1|"${"a".repeat(1_000)}"],`.repeat(300)}1].`],
  ])("counts for the release that it is of, by its terms: %s", (_, content) => {
    const budget = readingBudget();
    const answers = Array.from({ length: 4 }, () => readTermFile(text(content), budget));
    expect(answers[0]).toHaveProperty("term");
    expect(answers[3]).toEqual({
      error: "is too much: a release may have 1,000,000 terms in its .app, .appup, .rel and relup files",
    });
  });

  test.each([
    ["lists within lists", "[".repeat(1_000_000)],
    ["a base of a million digits", `${"1".repeat(1_000_000)}#1.`],
    ["digits of base 2", `2#${"1".repeat(1_000_000)}.`],
  ])("is refused for %s", (_, content) => {
    expect(readTermFile(text(content))).toHaveProperty("error");
  });
});

const MODULES = 20_000;
const APPLICATIONS = 2_000;
const named = (count: number, name: string): string[] => Array.from({ length: count }, (_, index) => `${name}${index}`);

describe("a release of very many modules or applications", () => {
  test("is upgraded in time, each module calling all those around it", () => {
    const names = named(MODULES, "m");
    const modules = (code: string) =>
      Object.fromEntries(
        names.map((name, index) => [name, plain(code, { calls: names.slice(Math.max(index - 5, 0), index + 5) })]),
      );
    const of = (version: string) => release(version, [application("shop", version, modules(version))]);
    const answer = hotUpgrade(of("1.0.0"), of("1.1.0"), { appup: "auto", onLinger: "refuse" });
    if ("refused" in answer) throw new Error(JSON.stringify(answer.refused.slice(0, 3)));
    expect(answer.hot.loaded).toHaveLength(MODULES);
    expect(answer.hot.up).toHaveLength(MODULES + 2);
  });

  test("has its modules in order, be it one chain from the last to the first", () => {
    const chain = named(MODULES, "m").map((module, index) => ({
      kind: "add_module" as const,
      module,
      needs: index === 0 ? [] : [`m${index - 1}`],
    }));
    const [group = [], ...more] = groupsByNeed(chain);
    expect(more).toEqual([]);
    expect([group.length, group[0]?.module, group.at(-1)?.module]).toEqual([MODULES, `m${MODULES - 1}`, "m0"]);
    const [circle] = groupsByNeed(chain.map((it, index) => (index === 0 ? { ...it, needs: [`m${MODULES - 1}`] } : it)));
    expect(circle?.map(({ module }) => module)).toEqual(named(MODULES, "m"));
  });

  test("starts in order, each application needing all before it", () => {
    const names = named(APPLICATIONS, "a");
    const all = names.map((name, index) => ({ name, applications: names.slice(index + 1), included: [] }));
    expect(startOrder(all).map(({ name }) => name)).toEqual([...names].reverse());
    const chain = named(50_000, "a");
    const resource = new Map(
      chain.map((name, index) => [name, termIn(`{application, ${name}, [{applications, [a${index + 1}]}]}`)]),
    );
    expect(neededBy("a0", (name) => resource.get(name)).size).toBe(50_001);
  });

  test("is read in time, its applications' files beside thousands of others", () => {
    const names = named(APPLICATIONS, "a");
    const rel = `{release, {"shop", "1"}, {erts, "13"}, [${names.map((it) => `{${it}, "1"}`)}]}.`;
    const files = new Map([
      ["releases/start_erl.data", text("13 1")],
      ["releases/1/shop.rel", text(rel)],
      ...names.map((it) => [`lib/${it}-1/ebin/${it}.app`, text(`{application, ${it}, [{vsn, "1"}]}.`)] as const),
      ...named(48_000, "f").map((it) => [`lib/a0-1/priv/${it}`, text("")] as const),
    ]);
    const read = inventoryOf(files, new Map(Array.from(files.keys(), (path) => [path, "00"])));
    expect("inventory" in read && read.inventory.applications).toHaveLength(APPLICATIONS);
  });

  test("has no more of them, whatever a host claims", () => {
    const begin = ["release shop 1.0.0 13.1.5"];
    const other = release("1.1.0", []);
    const said = "its node says more than any release has";
    const claim = (lines: readonly string[]) => parseInspection([...begin, ...lines, "end"], other, "1.0.0");
    expect(claim(named(APPLICATIONS + 1, "application a").map((it) => `${it} 1 permanent 00`))).toEqual({
      error: said,
    });
    expect(claim(named(MODULES + 1, "module shop m").map((it) => `${it} 00 false - - -`))).toEqual({ error: said });
    expect(claim([`module shop m 00 false - - ${named(1_000_001, "c").join(",")}`])).toEqual({ error: said });
    expect(claim(named(50, "appup a").map((it) => `${it} [${"[],".repeat(30_000)}[]]`))).toEqual({ error: said });
    expect(claim(named(APPLICATIONS, "application a").map((it) => `${it} 1 permanent 00`))).toHaveProperty("name");
  });
});
