// What a file is that should be a .tar.gz, by how it begins: what is wrong with it is mostly that it is something else.
import { open } from "node:fs/promises";
import { constants, gunzipSync } from "node:zlib";

const TAR_GZ = "a release is a .tar.gz";

const begins =
  (...bytes: readonly number[]) =>
  (file: Buffer): boolean =>
    bytes.every((byte, index) => file[index] === byte);

const TAR_MAGIC = 257;

/** How each begins, and what to say of it. */
const KINDS: readonly (readonly [is: (begin: Buffer) => boolean, text: string])[] = [
  [begins(0x50, 0x4b, 0x03, 0x04), `it is a zip file; ${TAR_GZ}`],
  [begins(0x50, 0x4b, 0x05, 0x06), `it is an empty zip file; ${TAR_GZ}`],
  [begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00), `it is compressed by xz; ${TAR_GZ}`],
  [begins(0x28, 0xb5, 0x2f, 0xfd), `it is compressed by zstd; ${TAR_GZ}`],
  [begins(0x42, 0x5a, 0x68), `it is compressed by bzip2; ${TAR_GZ}`],
  [
    (begin) => begin.toString("latin1").startsWith("version https://git-lfs."),
    "it is a pointer of Git LFS, not the file; have the checkout fetch it (lfs: true)",
  ],
  [
    (begin) => /^\s*<(!doctype|html|\?xml)/i.test(begin.toString("latin1")),
    "it is a web page, of a login or an error perhaps; the url must be the file's own",
  ],
  [
    (begin) => begin.toString("latin1", TAR_MAGIC, TAR_MAGIC + 5) === "ustar",
    `it is a tar file that is not compressed; ${TAR_GZ}`,
  ],
];

const ENOUGH = 512;

/** As a server makes it that takes a .tar.gz for text, and compresses that on its way. */
const isGzipTwice = (begin: Buffer): boolean => isGzip(begin) && isGzip(unpacked(begin));

const isGzip = begins(0x1f, 0x8b);

function unpacked(begin: Buffer): Buffer {
  try {
    return gunzipSync(begin, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    // What is damaged is found when all of it is read.
    return Buffer.alloc(0);
  }
}

/** What a file is instead of a .tar.gz; null where it begins as one, or as nothing known. */
export async function otherKind(file: string): Promise<string | null> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(ENOUGH), 0, ENOUGH, 0);
    const begin = buffer.subarray(0, bytesRead);
    if (isGzipTwice(begin)) return "it is compressed twice; its server does that (Content-Encoding), and must not";
    return KINDS.find(([is]) => is(begin))?.[1] ?? null;
  } finally {
    await handle.close();
  }
}
