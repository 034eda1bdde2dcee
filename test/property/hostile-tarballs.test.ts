// Whatever tarball is taken, unpacked the agent's way it writes nothing outside of its release, and no link of it leads out.
import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Bundles } from "../../src/artifact/bundles.ts";
import { DiskRoom } from "../../src/artifact/disk-room.ts";
import { readManifest } from "../../src/artifact/manifest.ts";
import { gnuLongName, paxHeader, type RawEntry, rawTarball } from "./raw-tar.ts";
import { stage } from "./staged.ts";

/** Few names, so that they meet: as link and directory, in another case, through each other. */
const part = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("a", "b", "c", "A", "-n", "--target-directory=x", "é") },
  { weight: 4, arbitrary: fc.constantFrom("", ".", "", "./", "/") },
  { weight: 1, arbitrary: fc.constantFrom("..", ".beamline", "...", ".. ") },
);
const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
const target = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.nat(3), name).map(([up, rest]) => "../".repeat(up) + rest) },
  { weight: 1, arbitrary: fc.constantFrom("..", ".", "../..", "/etc", "../../../../outside", "a/../../..") },
);

const entry: fc.Arbitrary<RawEntry[]> = fc
  .record({
    name,
    link: target,
    type: fc.constantFrom("0", "0", "0", "2", "2", "2", "5", "5"),
    mode: fc.constantFrom(0o644, 0o755, 0o6755, 0o1777, 0o666, 0, 0o4000),
    body: fc.constantFrom("", "one", "two"),
    spelled: fc.constantFrom("ustar", "pax", "gnu"),
  })
  .map(({ spelled, body, link, ...header }) => {
    const its: RawEntry = {
      ...header,
      ...(header.type === "0" ? { body } : {}),
      ...(header.type === "2" ? { link } : {}),
    };
    if (spelled === "pax")
      return [paxHeader({ path: its.name.toString(), ...(its.link && { linkpath: its.link }) }), its];
    return spelled === "gnu" ? [gnuLongName(its.name.toString()), { ...its, name: "short" }] : [its];
  });

const tarball = fc.array(entry, { minLength: 1, maxLength: 6 }).map((entries) => entries.flat());

/** readdir(recursive) would go through links. */
const found = (directory: string): string[] =>
  execFileSync("find", [directory, "-mindepth", "1"], { encoding: "utf8" }).split("\n").filter(Boolean);

/** All that lies in a directory, and what it is. */
function listed(directory: string, leavesOut = ""): string[] {
  return found(directory)
    .filter((path) => leavesOut === "" || !`${path}/`.startsWith(`${leavesOut}/`))
    .map((path) => {
      const { mode } = lstatSync(path);
      return `${mode.toString(8)} ${path} ${lstatSync(path).isFile() ? readFileSync(path, "utf8") : ""}`;
    })
    .sort();
}

/** Null where it leads to nothing, or in a circle. (readlink(1) would follow some circles for ever.) */
function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ELOOP", "ENOTDIR"].includes(String(error.code)))
      return null;
    throw error;
  }
}

test("what is taken writes nothing outside, has plain modes, and no link out", async () => {
  const sent = mkdtempSync(join(tmpdir(), "sent-"));
  let taken = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(tarball, async (entries) => {
      const directory = mkdtempSync(join(tmpdir(), "hostile-"));
      try {
        const file = join(directory, "hostile.tar.gz");
        writeFileSync(file, rawTarball(entries));
        const manifest = await readManifest(file).catch(() => undefined);
        if (manifest === undefined) {
          refused += 1;
          return;
        }
        taken += 1;
        const outside = join(directory, "1/2/3");
        const root = join(outside, "4");
        mkdirSync(join(root, ".beamline"), { recursive: true });
        mkdirSync(join(directory, "1/outside"));
        for (const there of ["a", "1/b", "1/2/c", "1/2/3/A", "1/outside/a"])
          writeFileSync(join(directory, there), "untouched");
        const bundles = new Bundles(
          [{ ...manifest, file, sha256: "", sizeBytes: 1 }],
          mkdtempSync(join(sent, "bundle-")),
          new DiskRoom(1e9),
        );
        const { digest } = manifest;
        const bundle = (lacking: string) => bundles.bundle(digest, lacking);
        const before = listed(directory, root);
        const result = await stage(root, { digest, manifest: bundles.manifest(digest), bundle });
        expect(result).toMatchObject({ code: 0, errors: "", failure: null });
        expect(listed(directory, root)).toEqual(before);
        const release = join(root, "shop/new");
        for (const path of found(release)) {
          const { mode } = lstatSync(path);
          if (lstatSync(path).isSymbolicLink()) {
            const place = resolve(dirname(path), readlinkSync(path));
            expect(`${place}/`.startsWith(`${release}/`), `${path} leads to ${place}`).toBe(true);
            const real = realPath(path);
            if (real !== null) expect(`${real}/`.startsWith(`${release}/`), `${path} is ${real}`).toBe(true);
          } else expect([0o100644, 0o100755, 0o40755]).toContain(mode);
        }
      } finally {
        rmSync(directory, { recursive: true });
      }
    }),
    { numRuns: 120 },
  );
  rmSync(sent, { recursive: true });
  // Else it would have shown nothing.
  expect(taken).toBeGreaterThan(20);
  expect(refused).toBeGreaterThan(20);
});
