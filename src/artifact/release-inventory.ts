// What a release tarball is made of, as far as hot upgrades depend on it. Read only where one is in sight: it takes all modules.
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import type { ReleaseInventory } from "../otp/inventory.ts";
import { inventoryOf } from "../otp/inventory-of.ts";
import { privDigests } from "../otp/priv-digest.ts";
import type { FetchedRelease } from "./fetch.ts";
import { manifestText } from "./manifest.ts";

/** Of a release that was fetched, and so has been read whole before. Throws a sentence for what no OTP could run. */
export async function releaseInventory({ file, entries }: FetchedRelease): Promise<ReleaseInventory> {
  const untar = extract();
  const [files] = await Promise.all([neededFiles(untar), pipeline(createReadStream(file), createGunzip(), untar)]);
  const read = inventoryOf(files);
  if ("unreadable" in read) throw new Error(read.unreadable.map(({ file, text }) => `${file} ${text}`).join("; "));
  // As hosts tell it: by the manifest's keys.
  const applications = read.inventory.applications.map((application) => {
    const path = `./lib/${application.name}-${application.version}/priv/`;
    const files = manifestText(entries.filter((entry) => entry.path.startsWith(path)))
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [key = "", at = ""] = line.split("\t");
        return [key, at.slice(path.length)] as const;
      });
    return { ...application, ...privDigests(files) };
  });
  return { ...read.inventory, applications };
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
