// The input allow-sources, and what lies below its lines.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AllowedSources, allowedSources, isAllowedUrl } from "../../../src/artifact/allowed-sources.ts";
import { isGlobalAddress } from "../../../src/artifact/global-address.ts";
import { localFile } from "../../../src/artifact/local-source.ts";
import { wayTo } from "../../../src/artifact/way-to.ts";

const allow = (...lines: string[]): AllowedSources => {
  const read = allowedSources(lines);
  if ("wrong" in read) throw new Error(read.wrong);
  return read;
};

describe("a line of allow-sources", () => {
  test.each([
    "10.0.0.5",
    "file:builds/",
    "file://server/builds/",
    "ftp://10.0.0.5/",
    "http:///x",
    "http://",
    "http://user@10.0.0.5/",
    "http://10.0.0.5/?x",
    "http://10.0.0.5/a/../b",
    "http://10.0.0.5/%2e%2e/b",
    "file:///srv/builds/../..",
    "file:///srv/builds%2f..",
    "file:///srv/builds/..",
    "http://10.0.0.5:99999/",
    "http://10.0.0.5 http://10.0.0.6",
    "*",
  ])("is not %s", (line) => {
    expect(allowedSources(["http://10.0.0.4/", line])).toEqual({ wrong: line });
  });

  test.each([
    ["http://10.0.0.5/", "http://10.0.0.5/a/b.tar.gz"],
    ["http://10.0.0.5", "http://10.0.0.5/a"],
    ["http://10.0.0.5", "http://0x0a000005/a"],
    ["http://10.0.0.5:80/", "http://10.0.0.5/a"],
    ["http://10.0.0.5:8080/", "http://10.0.0.5:8080/a"],
    ["http://10.0.0.5:*/", "http://10.0.0.5:8081/a"],
    ["https://Artifacts.corp.example/builds", "https://artifacts.corp.example/builds/a"],
    ["http://[fd00::5]/", "http://[fd00:0:0::5]/a"],
    ["http://10.0.0.5/builds/", "http://10.0.0.5/builds/x/../a"],
  ])("%s allows %s", (line, url) => {
    expect(isAllowedUrl(new URL(url), allow("http://192.168.7.7/", line))).toBe(true);
  });

  test.each([
    ["http://10.0.0.5/", "http://10.0.0.5.evil.example/a"],
    ["http://10.0.0.5", "http://10.0.0.50/a"],
    ["http://10.0.0.5", "http://10.0.0.5@192.168.1.1/a"],
    ["http://10.0.0.5/", "https://10.0.0.5/a"],
    ["http://10.0.0.5/", "http://10.0.0.5:8080/a"],
    ["http://10.0.0.5:8080/", "http://10.0.0.5/a"],
    ["http://10.0.0.5/builds", "http://10.0.0.5/builds2/a"],
    ["http://10.0.0.5/builds/", "http://10.0.0.5/builds/../a"],
    ["http://10.0.0.5/builds/", "http://10.0.0.5/builds/%2e%2e/a"],
    ["http://10.0.0.5/builds/", "http://10.0.0.5/builds/..%2fa"],
    ["http://10.0.0.5/builds/", "http://10.0.0.5/builds/..%5Ca"],
    ["file:///", "http://10.0.0.5/a"],
  ])("%s does not allow %s", (line, url) => {
    expect(isAllowedUrl(new URL(url), allow(line))).toBe(false);
  });
});

describe("an address is of the public internet", () => {
  test.each([
    "1.1.1.1",
    "93.184.215.14",
    "172.15.255.255",
    "172.32.0.1",
    "2606:4700::1111",
    "64:ff9b::101:101",
    "::ffff:1.1.1.1",
  ])("if it is %s", (address) => {
    expect(isGlobalAddress(address)).toBe(true);
  });

  test.each([
    ...[
      "0.0.0.0",
      "10.1.2.3",
      "100.64.0.1",
      "127.0.0.1",
      "127.255.0.9",
      "169.254.169.254",
      "172.16.0.1",
      "172.31.255.255",
    ],
    ...[
      "192.0.0.8",
      "192.0.2.1",
      "192.168.0.1",
      "198.18.0.1",
      "198.19.255.255",
      "224.0.0.1",
      "240.0.0.1",
      "255.255.255.255",
    ],
    ...[
      "::",
      "::1",
      "::127.0.0.1",
      "::ffff:127.0.0.1",
      "::ffff:a00:1",
      "64:ff9b::7f00:1",
      "64:ff9b::a00:1",
      "64:ff9b:1::1",
    ],
    ...[
      "fe80::1",
      "fe80::1%eth0",
      "fc00::1",
      "fd12:3456::1",
      "ff02::1",
      "2001:db8::1",
      "2001::1",
      "2002:7f00:1::",
      "100::1",
    ],
    ...["not an address", "", "fec0::1", "4000::1"],
  ])("not if it is %s", (address) => {
    expect(isGlobalAddress(address)).toBe(false);
  });
});

test("a name is asked once: the connection goes to what was judged, and other names on the way are asked for themselves", async () => {
  const way = await wayTo(new URL("http://localhost:8080/"), allow("http://localhost:*/"));
  if (!("lookup" in way)) throw new Error("it is allowed");
  const answered = (name: string, all: boolean) =>
    new Promise((resolve) => way.lookup(name, { all }, (...answer) => resolve(answer)));
  const [, addresses] = (await answered("localhost", true)) as [null, { address: string }[]];
  expect(addresses.map(({ address }) => isGlobalAddress(address))).not.toContain(true);
  expect(await answered("localhost", false)).toEqual([null, addresses[0]?.address, expect.any(Number)]);
  expect(await answered("releases.invalid", true)).toEqual([expect.any(Error), ""]);
});

describe("a file: source", () => {
  let root: string;
  const at = (path: string): string => join(root, path);
  const found = (url: string, ...lines: string[]) => localFile(url, at("checkout"), allow(...lines));

  beforeAll(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "sources-")));
    for (const directory of ["checkout/dist", "checkout2", "builds", "builds2"])
      mkdirSync(at(directory), { recursive: true });
    for (const file of ["checkout/dist/a.tgz", "checkout2/a.tgz", "builds/a.tgz", "builds2/a.tgz"])
      writeFileSync(at(file), "");
    symlinkSync(at("builds/a.tgz"), at("checkout/dist/link.tgz"));
    symlinkSync("..", at("checkout/up"));
    symlinkSync("dist", at("checkout/latest"));
    symlinkSync(at("builds"), at("linked-builds"));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  test.each(["file:dist/a.tgz", "file:./dist/../dist/a.tgz", "file:latest/a.tgz"])(
    "%s lies in the checkout",
    async (url) => {
      expect(await found(url)).toEqual({ file: at("checkout/dist/a.tgz") });
    },
  );

  test("that is named by its whole path lies there, too", async () => {
    expect(await found(`file://${at("checkout/latest/a.tgz")}`)).toEqual({ file: at("checkout/dist/a.tgz") });
    expect(await found(`file:${at("checkout/dist/a.tgz")}`)).toEqual({ file: at("checkout/dist/a.tgz") });
  });

  test.each([
    ["file:dist/link.tgz", "it is outside of the checkout, through a link", "builds"],
    ["file:up/builds/a.tgz", "it is outside of the checkout, through a link", "builds"],
    ["file:../builds/a.tgz", "it is outside of the checkout", "builds"],
    ["file:../checkout2/a.tgz", "it is outside of the checkout", "checkout2"],
    // Whether it is there is not told either.
    ["file:../builds/none.tgz", "it is outside of the checkout", "builds"],
  ])("%s leads out, and is refused with the line that allows it", async (url, refused, directory) => {
    const line = `file://${at(directory)}/`;
    expect(await found(url)).toEqual({ refused, line });
    expect(await found(url, line)).toEqual(
      url.includes("none") ? { failed: "there is no such file" } : { file: expect.anything() },
    );
  });

  test("is allowed below a line and not beside it; links in the line are resolved", async () => {
    const url = `file://${at("builds/a.tgz")}`;
    for (const line of ["builds/", "builds", "builds/a.tgz", "linked-builds/", ""])
      expect(await found(url, `file://${at(line)}`), line).toEqual({ file: at("builds/a.tgz") });
    for (const line of ["builds2/", "build", "builds/a", "none/", "checkout/"])
      expect(await found(url, `file://${at(line)}`), line).toMatchObject({ refused: "it is outside of the checkout" });
    expect(await found(`file://${at("builds2/a.tgz")}`, `file://${at("builds")}`)).toHaveProperty("refused");
  });

  test("is a file that is there", async () => {
    expect(await found("file:dist/none.tgz")).toEqual({ failed: "there is no such file" });
    expect(await found("file:dist")).toEqual({ failed: "it is not a file" });
    expect(await found("file:///dev/zero", "file:///dev/")).toEqual({ failed: "it is not a file" });
    expect(await found("file://elsewhere/a.tgz")).toEqual({ failed: expect.any(String) });
  });
});
