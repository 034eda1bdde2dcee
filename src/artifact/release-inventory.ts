// What a release tarball is made of, as far as hot upgrades depend on it. Read only where one is in sight: it takes all modules.
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import type { ReleaseInventory } from "../otp/inventory.ts";
import { inventoryOf } from "../otp/inventory-of.ts";
import { privDigest } from "../otp/priv-digest.ts";
import type { FetchedRelease } from "./fetch.ts";
import { manifestText } from "./manifest.ts";

/** Of a release that was fetched, and so has been read whole before. Throws a sentence for what no OTP could run. */
export async function releaseInventory({ file, entries }: FetchedRelease): Promise<ReleaseInventory> {
  const untar = extract();
  const [files] = await Promise.all([neededFiles(untar), pipeline(createReadStream(file), createGunzip(), untar)]);
  const inventory = inventoryOf(files);
  if ("error" in inventory) throw new Error(inventory.error);
  // As hosts tell it: by the manifest's keys.
  const applications = inventory.applications.map((application) => {
    const path = `./lib/${application.name}-${application.version}/priv/`;
    const files = entries.filter((entry) => entry.path.startsWith(path));
    const lines = manifestText(files).split("\n").filter(Boolean);
    return {
      ...application,
      priv: privDigest(lines.map((line) => [line.split("\t")[0] ?? "", line.split("\t")[1] ?? ""])),
    };
  });
  return { ...inventory, applications };
}

async function neededFiles(untar: ReturnType<typeof extract>): Promise<[string, Uint8Array][]> {
  const files: [string, Uint8Array][] = [];
  for await (const entry of untar) {
    const path = `./${entry.header.name.replace(/^(\.\/)+/, "")}`;
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    if (/^\.\/releases\/|^\.\/lib\/[^/]+\/ebin\//.test(path)) files.push([path, Buffer.concat(chunks)]);
  }
  return files;
}
