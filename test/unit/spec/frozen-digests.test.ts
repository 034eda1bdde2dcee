// Digests stand on hosts: the spec that was deployed, the name of its configuration. Another digest of the same file would upgrade or
// restart every app of every fleet. digests.json was made by the first version that deployed; lines may be added, none may change.
import { expect, test } from "vitest";
import { configName } from "../../../src/plan/config-name.ts";
import { specDigest } from "../../../src/spec/spec-digest.ts";
import digests from "./digests.json" with { type: "json" };
import { parseApp } from "./reading.ts";

test.each(digests)("$file is wanted as it always was: $text", ({ file, text, digest, config }) => {
  const { app } = parseApp(file, text);
  if (app === undefined) throw new Error("it is no spec any more");
  expect(specDigest(app.spec)).toBe(digest);
  expect(configName(app.spec, new Map([["KEY", "fingerprint"]]))).toBe(config);
});
