// What a release tarball is made of, as far as hot upgrades depend on it. Read only where one is in sight: it takes all modules.
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { broughtInventory } from "../otp/brought-inventory.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import { inventoryOf } from "../otp/inventory-of.ts";
import type { FetchedRelease } from "./fetch.ts";
import { pathOf } from "./manifest.ts";

/** Of a release that was fetched, and so has been read whole before. Throws a sentence for what no OTP could run. */
export const releaseInventory = (release: FetchedRelease): Promise<ReleaseInventory> => read(release, inventoryOf);

/** The same of one that is embedded: of the application `name`, and what it brings along. */
export const embeddedInventory = (name: string, release: FetchedRelease): Promise<ReleaseInventory> =>
  read(release, (files, contents) => broughtInventory(name, files, contents));

async function read({ file, entries }: FetchedRelease, reader: typeof inventoryOf): Promise<ReleaseInventory> {
  const untar = extract();
  const [files] = await Promise.all([neededFiles(untar), pipeline(createReadStream(file), createGunzip(), untar)]);
  const contents = entries.flatMap((entry) => ("sha256" in entry ? [[entry.path, entry.sha256] as const] : []));
  const found = reader(files, new Map(contents));
  if ("inventory" in found) return found.inventory;
  throw new Error(found.unreadable.map(({ file, text }) => `${file} ${text}`).join("; "));
}

/** Of a file that stands there twice the later one. */
async function neededFiles(untar: ReturnType<typeof extract>): Promise<[string, Uint8Array][]> {
  const files = new Map<string, Uint8Array>();
  for await (const entry of untar) {
    const path = pathOf(entry.header.name);
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    if (/^\.\/releases\/|^\.\/(lib\/[^/]+\/)?ebin\//.test(path)) files.set(path, Buffer.concat(chunks));
  }
  return [...files];
}
