// A file that is fetched and is no release: named as what it is, and removed at once.
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fetchRelease } from "../../../src/artifact/fetch.ts";
import { Failure } from "../../../src/core/failure.ts";
import { sentenceOf } from "../../../src/core/problem.ts";
import { rawTar } from "../../property/raw-tar.ts";
import { appsOf } from "../../property/wanted.ts";
import { app } from "../plan/situation.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "fetch-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** What is said of a file with these contents, and whether it is still there. */
async function said(content: string | Buffer): Promise<string> {
  const wanted = appsOf([app("shop", {})]).get("shop");
  if (wanted === undefined) throw new Error("no shop");
  const sources = {
    file: async (_: string, copy: string) => {
      writeFileSync(copy, content, "latin1");
      return { file: copy };
    },
    drop: async (file: string) => rmSync(file),
  };
  try {
    await fetchRelease(wanted, sources, directory);
    throw new Error("it was taken");
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(readdirSync(directory)).toEqual([]);
    return sentenceOf(error.problems[0]);
  }
}

test.each([
  ["PK\x03\x04rest", "it is a zip file"],
  ["\xfd7zXZ\x00rest", "it is compressed by xz"],
  ["\x28\xb5\x2f\xfdrest", "it is compressed by zstd"],
  ["BZh91AY", "it is compressed by bzip2"],
  ["\n<!DOCTYPE html><title>Sign in</title>", "it is a web page"],
  ["<html>", "it is a web page"],
  ["version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "it is a pointer of Git LFS"],
  [gzipSync(gzipSync(randomBytes(10_000))), "it is compressed twice; its server does that"],
  [rawTar([{ name: "a", body: "x" }]), "it is a tar file that is not compressed"],
])("what begins %j is named as what it is", async (content, words) => {
  expect(await said(content)).toContain(words);
});

test("what is refused for anything else does not stay either", async () => {
  expect(await said("anything")).toContain("it is no gzip file, or damaged");
});
