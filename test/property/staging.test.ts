// A release put together on a host, of what lies there and of what was asked for, is the release: through real shells.
import { execFileSync } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import fc from "fast-check";
import { pack } from "tar-stream";
import { expect, test } from "vitest";
import { Bundles } from "../../src/artifact/bundles.ts";
import { DiskRoom } from "../../src/artifact/disk-room.ts";
import { manifestText, readManifest } from "../../src/artifact/manifest.ts";
import { stage } from "./staged.ts";

/** `replaces`: what stands in the tarball before it, at the same path. */
type Content =
  | { text: string; isExecutable: boolean; replaces: string | null }
  | { target: string }
  | { isDirectory: true };
type Tree = ReadonlyMap<string, Content>;

/** Few names and few contents, so that releases share some, at the same path and at others. */
const tree: fc.Arbitrary<Tree> = fc
  .uniqueArray(
    fc.record({
      path: fc
        .array(fc.constantFrom("lib", "a-1.0", "a-1.1", "bin", "x y", "-n", "a=b"), { minLength: 1, maxLength: 3 })
        .map((parts) => `${parts.join("/")}.f`),
      content: fc.oneof(
        {
          weight: 8,
          arbitrary: fc.record({
            text: fc.constantFrom("", "one", "two\n", "three"),
            isExecutable: fc.boolean(),
            replaces: fc.constantFrom(null, null, null, "one"),
          }),
        },
        { weight: 1, arbitrary: fc.constant({ isDirectory: true as const }) },
        { weight: 1, arbitrary: fc.record({ target: fc.constantFrom("one.f", "some where.f") }) },
      ),
    }),
    { selector: ({ path }) => path, minLength: 1, maxLength: 12 },
  )
  .map((entries) => new Map(entries.map(({ path, content }) => [path, content])));

async function tarball(file: string, files: Tree): Promise<void> {
  const tar = pack();
  for (const [name, content] of files)
    if ("text" in content && content.replaces !== null) tar.entry({ name }, content.replaces);
  for (const [name, content] of files)
    if ("isDirectory" in content) tar.entry({ name, type: "directory", mode: 0o555 });
    else if ("target" in content) tar.entry({ name, type: "symlink", linkname: content.target });
    else tar.entry({ name, mode: content.isExecutable ? 0o755 : 0o644 }, Buffer.from(content.text));
  tar.finalize();
  await pipeline(tar, createGzip(), createWriteStream(file));
}

/** A release as it lies on a host, whose mark says what it once was; `damaged` are files that are other by now. */
async function placeRelease(directory: string, file: string, damaged: readonly number[]): Promise<void> {
  mkdirSync(directory, { recursive: true });
  execFileSync("tar", ["-xzf", file, "-C", directory]);
  const { digest, entries } = await readManifest(file);
  writeFileSync(join(directory, ".beamline"), `${digest}\n${manifestText(entries)}`);
  for (const index of damaged) {
    const entry = entries[index % entries.length];
    if (entry === undefined || !("sha256" in entry)) continue;
    if (index % 2 === 0) writeFileSync(join(directory, entry.path), "damaged");
    else rmSync(join(directory, entry.path), { force: true });
  }
}

const releaseOf = (files: Record<string, string>): Tree =>
  new Map(Object.entries(files).map(([path, text]) => [path, { text, isExecutable: false, replaces: null }]));

const host = fc.record({
  there: fc.array(fc.tuple(tree, fc.array(fc.nat(20), { maxLength: 2 })), { maxLength: 3 }),
  wanted: tree,
});

test.each(["dash", "ash"])(
  "a release is staged whole under %s, whatever the host has of it, and only what it lacks is asked for",
  async (shell) => {
    await fc.assert(
      fc.asyncProperty(host, async ({ there, wanted }) => {
        const directory = mkdtempSync(join(tmpdir(), "staging-"));
        try {
          const root = join(directory, "root");
          mkdirSync(join(root, ".beamline"), { recursive: true });
          for (const [index, [files, damaged]] of there.entries()) {
            const file = join(directory, `there-${index}.tar.gz`);
            await tarball(file, files);
            await placeRelease(join(root, index === 0 ? "shop" : "other", `1.0.${index}`), file, damaged);
          }
          const file = join(directory, "wanted.tar.gz");
          await tarball(file, wanted);
          const manifest = await readManifest(file);
          const sizes = { file, sha256: "", sizeBytes: 1, unpackedBytes: manifest.unpackedBytes };
          const bundles = new Bundles(
            [{ ...sizes, digest: manifest.digest, entries: manifest.entries }],
            directory,
            new DiskRoom(1e9),
          );
          const { digest } = manifest;
          const sender = {
            digest,
            manifest: bundles.manifest(digest),
            bundle: (lacking: string) => bundles.bundle(digest, lacking),
          };
          const { asked, ...result } = await stage(root, sender, { shell });
          expect(result).toEqual({ code: 0, errors: "", failure: null });

          // The digest was verified by the agent itself; here by unpacking the tarball beside it.
          const plain = join(directory, "plain");
          mkdirSync(plain);
          execFileSync("tar", ["-xzf", file, "-C", plain]);
          rmSync(join(root, "shop/new/.beamline"));
          execFileSync("diff", ["-r", "--no-dereference", plain, join(root, "shop/new")]);
          const everythingIsThere = there.every(([, damaged]) => damaged.length === 0);
          const filesOf = (of: Tree): string[] =>
            [...of.values()].flatMap((it) => ("text" in it ? [`${it.isExecutable} ${it.text}`] : []));
          const has = new Set(there.flatMap(([of]) => filesOf(of)));
          const lacks = filesOf(wanted).some((it) => !has.has(it));
          if (everythingIsThere) expect(asked.length).toBe(lacks ? 1 : 0);
        } finally {
          rmSync(directory, { recursive: true });
        }
      }),
      {
        numRuns: 40,
        // Two files that keep their names and their directory, and between them one from there that was called otherwise.
        examples: [
          [
            {
              there: [[releaseOf({ "lib.f": "one", "x y.f": "" }), []]],
              wanted: releaseOf({ "lib.f": "one", "lib/lib.f": "", "x y.f": "" }),
            },
          ],
        ],
      },
    );
  },
);
