// What a release tarball is made of, as far as hot upgrades depend on it. Read only where one is in sight: it takes all modules.
import { broughtInventory } from "../otp/brought-inventory.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import { inventoryOf } from "../otp/inventory-of.ts";
import { shownName } from "./entry-path.ts";
import type { FetchedRelease } from "./fetch.ts";
import { grouped } from "./release-tree.ts";
import { readTarball } from "./tarball.ts";

/** Of a release that was fetched, and so has been read whole before. Throws a sentence for what no OTP could run. */
export const releaseInventory = (release: FetchedRelease): Promise<ReleaseInventory> => read(release, inventoryOf);

/** The same of one that is embedded: of the application `name`, and what it brings along. */
export const embeddedInventory = (name: string, release: FetchedRelease): Promise<ReleaseInventory> =>
  read(release, (files, contents) => broughtInventory(name, files, contents));

/** What is wrong with a release's files, as a sentence. */
export class Unreadable extends Error {}

const MOST_SAID = 10;

async function read({ file, entries }: FetchedRelease, reader: typeof inventoryOf): Promise<ReleaseInventory> {
  const files = await neededFiles(file);
  const contents = entries.flatMap((entry) => ("sha256" in entry ? [[entry.path, entry.sha256] as const] : []));
  const found = reader(files, new Map(contents));
  if ("inventory" in found) return found.inventory;
  const said = found.unreadable.slice(0, MOST_SAID).map(({ file, text }) => `${shownName(file).slice(1, -1)} ${text}`);
  const more = found.unreadable.length - said.length;
  throw new Unreadable([...said, ...(more > 0 ? [`and ${grouped(more)} files more`] : [])].join("; "));
}

/** Of all of them together: the modules of a large release with all of OTP have a tenth of it. */
const MOST_BYTES = 512 * 1024 ** 2;

/** Of a file that stands there twice the later one. */
async function neededFiles(file: string): Promise<[string, Uint8Array][]> {
  const files = new Map<string, Uint8Array>();
  let bytes = 0;
  await readTarball(file, async ({ path, kind, sizeBytes, body }) => {
    if (kind !== "file" || path.includes("/._") || !/^\.\/releases\/|^\.\/(lib\/[^/]+\/)?ebin\//.test(path)) return;
    bytes += sizeBytes;
    if (bytes > MOST_BYTES)
      throw new Unreadable(
        `its modules have ${grouped(bytes)} bytes or more; a hot upgrade may have ${grouped(MOST_BYTES)}`,
      );
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    files.set(path, Buffer.concat(chunks));
  });
  return [...files];
}
