import { describe, expect, test } from "vitest";
import { type Artifact, needsArtifact, releaseOnHost } from "../../../src/plan/release-target.ts";
import type { AppSpec } from "../../../src/spec/app-spec.ts";
import { appsOf } from "../../property/wanted.ts";
import { appOn, counter, deployed, type File } from "./situation.ts";

const specOf = (file: File): AppSpec => {
  const spec = appsOf([file]).get(file.name)?.spec;
  if (spec === undefined) throw new Error(`no ${file.name}`);
  return spec;
};

const SHA256 = "a".repeat(64);
const pinned = (fields: Record<string, unknown> = {}) =>
  counter({ source: { type: "release", url: "file:counter-{version}.tar.gz", sha256: SHA256 }, ...fields });
const there = appOn(deployed([pinned()]), "counter");

describe("a release", () => {
  test("that every host has, pinned by its sha256, needs no artifact", () => {
    expect(needsArtifact(specOf(pinned()), [there, there])).toBe(false);
  });

  test("that no sha256 pins is always fetched: its bytes may be others today", () => {
    const file = counter();
    expect(needsArtifact(specOf(file), [appOn(deployed([file]), "counter")])).toBe(true);
  });

  test.each([
    ["one host has no record of it", specOf(pinned()), [there, undefined]],
    ["the version is another", specOf(pinned({ version: "1.1.0" })), [there]],
    [
      "the sha256 is another",
      specOf(pinned({ source: { type: "release", url: "file:counter-{version}.tar.gz", sha256: "b".repeat(64) } })),
      [there],
    ],
    [
      "the url is another",
      specOf(pinned({ source: { type: "release", url: "file:other-{version}.tar.gz", sha256: SHA256 } })),
      [there],
    ],
    ["somebody deleted its directory", specOf(pinned()), [{ ...there, releases: [] }]],
    [
      "somebody changed its directory",
      specOf(pinned()),
      [{ ...there, releases: [{ directory: "1.0.0", digest: "other" }] }],
    ],
  ])("needs its artifact where %s", (_, spec, present) => {
    expect(needsArtifact(spec, present)).toBe(true);
  });
});

describe("the directory of a release", () => {
  const artifact: Artifact = { digest: "0123456789abcdef", sizeBytes: 10, unpackedBytes: 30 };
  const spec = specOf(counter());
  const sent = { sizeBytes: 10, unpackedBytes: 30 };
  const holding = (...releases: { directory: string; digest: string | null }[]) => ({ ...there, releases });

  test.each([
    { title: "is its version, on an empty host", app: undefined, directory: "1.0.0", artifact: sent },
    {
      title: "is its version beside other versions",
      app: holding({ directory: "0.9.0", digest: "old" }),
      directory: "1.0.0",
      artifact: sent,
    },
    {
      title: "has its digest's first 8 digits where the version holds other contents",
      app: holding({ directory: "1.0.0", digest: "old" }),
      directory: "1.0.0+01234567",
      artifact: sent,
    },
    {
      title: "has them too where nobody knows what the version holds",
      app: holding({ directory: "1.0.0", digest: null }),
      directory: "1.0.0+01234567",
      artifact: sent,
    },
    {
      title: "is the one that has these very contents: nothing is sent",
      app: holding({ directory: "1.0.0", digest: artifact.digest }),
      directory: "1.0.0",
      artifact: null,
    },
    {
      title: "is the one with the digest's digits where that holds these contents",
      app: holding({ directory: "1.0.0", digest: "old" }, { directory: "1.0.0+01234567", digest: artifact.digest }),
      directory: "1.0.0+01234567",
      artifact: null,
    },
    {
      title: "is never another version's, though that has the same contents",
      app: holding({ directory: "0.9.0", digest: artifact.digest }),
      directory: "1.0.0",
      artifact: sent,
    },
  ])("$title", ({ app, directory, artifact: toSend }) => {
    expect(releaseOnHost(spec.version, artifact, app)).toEqual({
      directory,
      digest: artifact.digest,
      artifact: toSend,
    });
  });

  test("is the recorded one where nothing had to be fetched", () => {
    expect(releaseOnHost(specOf(pinned()).version, undefined, there)).toEqual({
      directory: "1.0.0",
      digest: there.recorded?.digest,
      artifact: null,
    });
  });
});
