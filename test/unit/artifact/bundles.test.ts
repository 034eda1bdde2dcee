// What is sent to a host: regular files under plain names, written by Beamline, whatever the tarball was.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { Bundles } from "../../../src/artifact/bundles.ts";
import { DiskRoom } from "../../../src/artifact/disk-room.ts";
import { readManifest } from "../../../src/artifact/manifest.ts";
import { gnuLongName, paxHeader, type RawEntry, rawTarball } from "../../property/raw-tar.ts";

const directory = mkdtempSync(join(tmpdir(), "bundles-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** The tarball that is sent where these lines are lacking, as the default all. */
async function sent(entries: readonly RawEntry[], lacking?: string): Promise<string> {
  const file = join(directory, "release.tar.gz");
  writeFileSync(file, rawTarball(entries));
  const manifest = await readManifest(file);
  const release = { ...manifest, file, sha256: "", sizeBytes: statSync(file).size };
  const bundles = new Bundles([release], mkdtempSync(join(directory, "run-")), new DiskRoom(1e9));
  return (await bundles.bundle(manifest.digest, lacking ?? `1-${manifest.entries.length}`)).file;
}

test("of a release that a host lacks whole it is only the files, with no mode, owner, link or name of the tarball's", async () => {
  const file = await sent([
    { name: "a/", type: "5", mode: 0o7777 },
    { name: "a//./setuid", body: "x", mode: 0o6755 },
    { name: "sticky", body: "y", mode: 0o1666 },
    { name: "link", type: "2", link: "sticky" },
    { name: "b/", type: "5" },
  ]);
  const listed = execFileSync("tar", ["-tvzf", file, "--numeric-owner"], { encoding: "utf8" });
  expect(listed.replace(/ +\d+ 1970-01-01 \d\d:\d\d/g, "").split("\n")).toEqual([
    "-rwxr-xr-x 0/0 ./a/setuid",
    "-rw-r--r-- 0/0 ./sticky",
    "",
  ]);
});

const LONG = `${"deep/".repeat(40)}${"n".repeat(120)}`;

test.each(["tar", "busybox"])("names of any length and alphabet are what %s unpacks", async (tool) => {
  const names = ["a", "ä/ß", `${"d/".repeat(70)}x`, "x".repeat(101), LONG, `${"é".repeat(60)}/${"p/".repeat(30)}y`];
  const file = await sent(names.flatMap((name) => [paxHeader({ path: name }), { name: "x", body: name }]));
  const place = mkdtempSync(join(directory, "place-"));
  execFileSync(tool, [...(tool === "busybox" ? ["tar"] : []), "-xzf", file, "-C", place]);
  for (const name of names) expect(readFileSync(join(place, name), "utf8")).toBe(name);
});

test("what a tarball says of the time of a file is kept, since every host is to say the same", async () => {
  const [header] = [gunzipSync(readFileSync(await sent([gnuLongName("a"), { name: "x", body: "" }])))];
  expect(header?.subarray(136, 148).toString("latin1")).toBe("00000000000\0");
});

test("only what is asked for is sent, of a file that stands there twice both, so that the later one is what is left", async () => {
  const file = await sent(
    [
      { name: "a", body: "first" },
      { name: "b", body: "b" },
      { name: "./a", body: "second" },
    ],
    "2",
  );
  expect(execFileSync("tar", ["-tzf", file], { encoding: "utf8" })).toBe("./a\n./a\n");
  expect(execFileSync("tar", ["-xzOf", file], { encoding: "utf8" })).toBe("firstsecond");
});

test("a tarball that is gone, or another, by the time it is sent is said, not waited for", async () => {
  const file = join(directory, "gone.tar.gz");
  writeFileSync(file, rawTarball([{ name: "a", body: "x" }]));
  const manifest = await readManifest(file);
  const bundles = new Bundles([{ ...manifest, file, sha256: "", sizeBytes: 1 }], directory, new DiskRoom(1e9));
  rmSync(file);
  await expect(bundles.bundle(manifest.digest, "1")).rejects.toThrow("ENOENT");
});

test("that finds no room any more on the runner's disk is not made, and gives back what it took", async () => {
  const file = join(directory, "large.tar.gz");
  writeFileSync(
    file,
    rawTarball([
      { name: "a", body: randomBytes(300_000).toString("latin1") },
      { name: "b", body: "b" },
    ]),
  );
  const manifest = await readManifest(file);
  const run = mkdtempSync(join(directory, "run-"));
  const bundles = new Bundles([{ ...manifest, file, sha256: "", sizeBytes: 1 }], run, new DiskRoom(100_000));
  await expect(bundles.bundle(manifest.digest, "1")).rejects.toThrow("would be more than 100 kB");
  expect(readdirSync(run)).toEqual([]);
  expect((await bundles.bundle(manifest.digest, "2")).sizeBytes).toBeGreaterThan(0);
});
