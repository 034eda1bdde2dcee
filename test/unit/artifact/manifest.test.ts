// What a tarball may hold: all else is refused on the runner, in a sentence, before a host has seen a byte of it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { manifestText, readManifest } from "../../../src/artifact/manifest.ts";
import { readTarball } from "../../../src/artifact/tarball.ts";
import { blocksOf, gnuLongName, paxHeader, type RawEntry, rawTar, rawTarball } from "../../property/raw-tar.ts";

const directory = mkdtempSync(join(tmpdir(), "manifest-"));
afterAll(() => rmSync(directory, { recursive: true }));

const fileOf = (bytes: Buffer): string => {
  const file = join(directory, "release.tar.gz");
  writeFileSync(file, bytes);
  return file;
};

const manifestOf = (entries: readonly RawEntry[]): ReturnType<typeof readManifest> =>
  readManifest(fileOf(rawTarball(entries)));
const linesOf = async (...entries: RawEntry[]): Promise<string[]> =>
  manifestText((await manifestOf(entries)).entries)
    .split("\n")
    .filter(Boolean)
    .map((line) => line.replace(/^([fx])[0-9a-f]{12}/, "$1"));

const file = (name: RawEntry["name"], more: Partial<RawEntry> = {}): RawEntry => ({ name, body: "x", ...more });
const link = (name: string, to: string): RawEntry => ({ name, type: "2", link: to });
const folder = (name: string, more: Partial<RawEntry> = {}): RawEntry => ({ name, type: "5", ...more });

describe("a tarball is refused", () => {
  test.each<[string, RawEntry[], RegExp]>([
    // Links, however many parts a path seems to have.
    ["for a link out", [link("a", "../b")], /the link "\.\/a" leads out of it: "\.\.\/b"/],
    ["for one under a name with empty parts", [link("a//////////////b", "../../../root/.ssh")], /leads out of it/],
    ["for one under a name with . parts", [link("a/././././b", "../../../root/.ssh")], /leads out of it/],
    ["for one that goes down first", [link("a", "b/c/../../../d")], /leads out of it/],
    ["for one that goes out and in again", [link("a/b", "../../a/b")], /leads out of it/],
    ["for an absolute one", [link("a", "/etc/passwd")], /leads out of it/],
    [
      "for one of rebar3's dev_mode, with what to do",
      [link("lib/counter-1.0.0", "/home/me/counter/_build/default/lib/counter")],
      /leads out of it: .*; rebar3's dev_mode makes such links: build it as prod/,
    ],
    ["for one of many slashes", [link("a", "//etc/passwd")], /leads out of it/],
    ["for one to nothing", [link("a", "")], /the link "\.\/a" has no target/],
    ["for a path through a link", [link("a", "b"), file("a/c")], /leads through a link: "\.\/a\/c"/],
    ["for one that is spelled otherwise", [link("a//b", "c"), file("a/./b/c")], /leads through a link/],
    ["for one that comes before the link", [file("a/c"), link("a", "b")], /holds "\.\/a" twice/],
    ["for a directory through a link", [link("a", "b"), folder("a/c/")], /leads through a link/],
    ["for a link and a directory of one name", [link("a", "b"), folder("a/")], /holds "\.\/a" twice/],
    ["for a directory and a link of one name", [folder("a"), link("a", "b")], /holds "\.\/a" twice/],
    ["for a file and a link of one name", [file("a"), link("a", "b")], /holds "\.\/a" twice/],
    ["for two links of one name", [link("a", "b"), link("./a", "c")], /holds "\.\/a" twice/],
    ["for a path through a file", [file("a"), file("a/b")], /leads through a file/],
    ["for a link to a path through a link", [link("a", "b"), link("c", "a/d")], /leads through another link/],
    ["for one that turns round in a link", [link("d/a", "../b"), link("c", "d/a/..")], /leads through another link/],
    ["for a path through a link in another case", [link("A", "b"), file("a/c")], /are one on some file systems/],
    ["for a link whose twin has a mark that is not seen", [link("a", "b"), file("a\u200b/c")], /are one on some file/],
    ["for a link to a path through a link in another case", [link("A", "b"), link("c", "a/d")], /through another link/],
    ["for a hard link", [{ name: "a", type: "1", link: "/etc/shadow" }], /"a" is a hard link; releases hold/],
    ["for a device", [{ name: "a", type: "3" }], /"a" is a character-device/],
    ["for a pipe", [{ name: "a", type: "6" }], /"a" is a fifo/],
    ["for what no tool knows", [{ name: "a", type: "S" }], /"a" is a thing of no known type/],
    // Paths.
    ["for a link whose name ends as a listing goes on", [link("a ->", "b")], /a path in it has " -> " in it: "a ->"/],
    ["for one whose slash would hide that", [link("a ->/", "b")], /a path in it has " -> " in it/],
    ["for a name that begins so", [file("-> b")], /a path in it has " -> " in it: "-> b"/],
    ["for a target that begins so", [link("a", "-> b")], /the target of the link "\.\/a" begins with "-> ": "-> b"/],
    ["for an absolute path", [file("/etc/passwd")], /a path in it leads out of it: "\/etc\/passwd"/],
    ["for .. in a path", [file("a/../../b")], /a path in it leads out of it/],
    ["for .. in a long one of pax", [paxHeader({ path: "a/../../b" }), file("a")], /leads out of it/],
    ["for .. in a long one of GNU", [gnuLongName("../b"), file("a")], /leads out of it/],
    ["for a link of pax that leads out", [paxHeader({ linkpath: "../../b" }), link("a", "b")], /leads out of it/],
    ["for a file that is the release itself", [file("./.")], /a file in the place of the release itself/],
    ["for a link that is the release itself", [link(".", "..")], /a link in the place of the release itself/],
    ["for a newline", [file("a\nb")], /control characters or backslashes: "a\\nb"/],
    ["for a backslash in a target", [link("a", "b\\c")], /control characters or backslashes/],
    ["for what is no text", [file(Buffer.from([0x61, 0xff]))], /is not UTF-8/],
    ["for a long path", [gnuLongName("a/".repeat(600)), file("a")], /has 1200 bytes, more than 1000/],
    ["for a long name", [gnuLongName("a".repeat(256)), file("a")], /has 256 bytes, more than 255/],
    ["for a long target", [paxHeader({ linkpath: "a/".repeat(600) }), link("a", "b")], /1200 bytes, more than 1000/],
    // What the agent calls its own.
    ["for a mark", [file(".beamline")], /holds "\.beamline", and \.beamline at its top is Beamline's own/],
    ["for a mark that is a link", [link(".beamline", "x")], /Beamline's own/],
    ["for a mark that is a directory", [folder("./.beamline/")], /Beamline's own/],
    ["for what is below it", [file(".//.Beamline/x")], /Beamline's own/],
    // What it says of its sizes.
    ["for an application file that is large", [file("ebin/a.app", { body: Buffer.alloc(2 ** 20 + 1) })], /1,048,577/],
    ["for more than it can hold", [file("a", { size: 5 * 2 ** 30, body: "" })], /unpacks to 5,368,\d{3},\d{3} bytes/],
  ])("%s", async (_, entries, sentence) => {
    await expect(manifestOf(entries)).rejects.toThrow(sentence);
  });

  test("for more entries than a host could take in time, of which it says the number", async () => {
    const many = Array.from({ length: 50_003 }, (_, index) => folder(`d${index}`));
    await expect(manifestOf(many)).rejects.toThrow("it holds 50,003 entries; a release may have 50,000");
    const deep = Array.from({ length: 300 }, (_, index) => [
      gnuLongName(`${index}/${"d/".repeat(400)}x`),
      file("x"),
    ]).flat();
    await expect(manifestOf(deep)).rejects.toThrow("it holds more than 100,000 files and directories");
  });

  test("for more links than a host could make in time, of which it says the number", async () => {
    const many = Array.from({ length: 2_100 }, (_, index) => link(`l${index}`, "x"));
    await expect(manifestOf(many)).rejects.toThrow("it holds 2,100 links; a release may have 2,000");
  });

  test("for a bomb that unpacks for ever, whatever it unpacks to", async () => {
    const limits = { entries: 10, links: 10, bytes: 2 ** 20, betweenBytes: 2 ** 16 };
    const read = (bytes: Buffer): Promise<void> =>
      readTarball(
        fileOf(gzipSync(bytes)),
        async ({ body }) => {
          for await (const _ of body);
        },
        limits,
      );
    const large = file("a", { body: Buffer.alloc(2 ** 19) });
    await expect(read(rawTar([large, large, large]))).rejects.toThrow(
      /unpacks to 1,\d{3},\d{3} bytes or more; .*1,048,576/,
    );
    await expect(read(Buffer.concat([rawTar([file("a")]), Buffer.alloc(2 ** 20)]))).rejects.toThrow(
      /bytes in a row that are no file of it/,
    );
    const comments = paxHeader({ comment: "x".repeat(2 ** 12) });
    await expect(read(blocksOf(Array.from({ length: 100 }, () => comments)))).rejects.toThrow(
      /in a row that are no file/,
    );
    const tiny = Array.from({ length: 105 }, (_, index) => file(`f${index}`));
    await expect(read(rawTar(tiny))).rejects.toThrow("it holds more than 100 entries; a release may have 10");
  });

  test("where it ends in the middle, or is damaged, with zlib's own code", async () => {
    const good = gzipSync(rawTar([file("a", { body: Buffer.alloc(100_000, "abc") })]));
    await expect(readManifest(fileOf(good.subarray(0, good.length - 20)))).rejects.toMatchObject({
      code: "Z_BUF_ERROR",
    });
    await expect(readManifest(fileOf(Buffer.from("no gzip at all")))).rejects.toMatchObject({ code: "Z_DATA_ERROR" });
    await expect(readManifest(fileOf(gzipSync(blocksOf([file("a")]).subarray(0, 700))))).rejects.toThrow("end of data");
  });
});

test("two thousand links with long ways are looked at in time", async () => {
  const linkpath = `${"é/".repeat(300)}x`;
  const links = Array.from({ length: 2_000 }, (_, index) => [paxHeader({ linkpath }), link(`l${index}`, "x")]);
  expect(await linesOf(...links.flat())).toHaveLength(2_000);
});

describe("a tarball is taken", () => {
  test("with each path part by part", async () => {
    expect(await linesOf(folder("./"), file(".//a/.//b"), link("c/./d", "../a//b"), folder("e/./f//"))).toEqual([
      "f\t./a/b",
      "l\t./c/d\t../a//b",
      "d\t./e/f",
    ]);
  });

  test("with the later one of two files at the same path, however that is spelled", async () => {
    const { entries, unpackedBytes } = await manifestOf([file("a", { body: "first" }), file("b"), file(".//a")]);
    expect(entries.map(({ path }) => path)).toEqual(["./b", "./a"]);
    expect(unpackedBytes).toBe(2);
  });

  test("with names that look like options, and with what other places call .beamline", async () => {
    expect(await linesOf(file("-rf"), file("a/.beamline"), link("--target-directory=x", "-n"))).toEqual([
      "f\t./-rf",
      "f\t./a/.beamline",
      "l\t./--target-directory=x\t-n",
    ]);
  });

  test("with links that lead to its top, up and down, to nothing, and to other links", async () => {
    const links = [link("a/b", ".."), link("a/c", "../a/d/../e"), link("f", "g"), link("h", "f")];
    expect(await linesOf(...links)).toHaveLength(4);
  });

  test("with a directory whose header says that it has contents", async () => {
    expect(await linesOf(folder("a", { size: 100 }), file("b"))).toEqual(["f\t./b", "d\t./a"]);
  });

  test("with names in any alphabet, and twins that differ in case", async () => {
    expect(await linesOf(file("ä/ß"), file("A"), file("a"))).toEqual(["f\t./ä/ß", "f\t./A", "f\t./a"]);
  });
});

// Each was once compared with each, which took minutes.
test("50,000 empty directories, as many as there may be, are taken", async () => {
  const many = Array.from({ length: 50_000 }, (_, index) => folder(`d/${index}`));
  expect((await manifestOf(many)).entries).toHaveLength(50_000);
});
