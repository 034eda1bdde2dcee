// The only place of the pure layers that takes something from Node: inflating is a function of its bytes.
import { gunzipSync, inflateSync } from "node:zlib";

/** As much as the largest modules need many times over: a few bytes may else become gigabytes. */
const MAX_BYTES = 256_000_000;

/** What zlib (RFC 1950) made smaller; null if it did not, or if it becomes larger than was said. */
export const inflated = (bytes: Uint8Array, size: number): Uint8Array | null =>
  size > MAX_BYTES ? null : orNull(() => inflateSync(bytes, { maxOutputLength: Math.max(size, 1) }));

/** What gzip (RFC 1952) made smaller; null if it did not. */
export const gunzipped = (bytes: Uint8Array): Uint8Array | null =>
  orNull(() => gunzipSync(bytes, { maxOutputLength: MAX_BYTES }));

function orNull(inflate: () => Uint8Array): Uint8Array | null {
  try {
    return inflate();
  } catch {
    return null;
  }
}
