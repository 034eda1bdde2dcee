// The only place of the pure layers that takes something from Node: inflating is a function of its bytes.
import { gunzipSync, inflateSync } from "node:zlib";

/** Bytes of a module's file, unpacked: the largest that are known have a tenth of it, and a few bytes may else become gigabytes. */
export const LARGEST_MODULE = 64 * 1024 ** 2;

/** What zlib (RFC 1950) made smaller; null if it did not, or if it becomes larger than was said. */
export const inflated = (bytes: Uint8Array, size: number): Uint8Array | null =>
  size > LARGEST_MODULE ? null : orNull(() => inflateSync(bytes, { maxOutputLength: Math.max(size, 1) }));

/** What gzip (RFC 1952) made smaller; null if it did not. */
export const gunzipped = (bytes: Uint8Array): Uint8Array | null =>
  orNull(() => gunzipSync(bytes, { maxOutputLength: LARGEST_MODULE }));

function orNull(inflate: () => Uint8Array): Uint8Array | null {
  try {
    return inflate();
  } catch {
    return null;
  }
}
