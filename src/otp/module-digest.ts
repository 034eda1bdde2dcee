// What tells the code of two modules apart: beam_lib:md5/1, which is also what Mod:module_info(md5) says of loaded code.
import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Chunks } from "./beam-chunks.ts";

/** The chunks that are code, in the order in which they are digested; any may be missing (stdlib, beam_lib:md5/1; the last two: OTP 29). */
const CODE_CHUNKS = ["Atom", "AtU8", "Code", "StrT", "ImpT", "ExpT", "FunT", "LitT", "Meta", "Recs", "DbgB"];

/** In hex. Where the module was compiled, from which lines, and with what debug information makes no difference. */
export function moduleDigest(chunks: Chunks): string {
  const hash = md5.create();
  for (const name of CODE_CHUNKS) {
    const chunk = chunks.get(name);
    if (chunk) hash.update(name === "FunT" ? withoutOldUniques(chunk) : chunk);
  }
  return bytesToHex(hash.digest());
}

/** A table of funs: their number, then 24 bytes each, the last four of which depend on more than the code. */
function withoutOldUniques(chunk: Uint8Array): Uint8Array {
  const filtered = chunk.slice();
  for (let end = 28; end <= filtered.length; end += 24) filtered.fill(0, end - 4, end);
  return filtered;
}

/**
 * What tells the code of two applications apart: md5 in hex of a line `NAME MD5` for each module, sorted by name, bytewise.
 * A host computes the same of what runs: erlang:md5([[atom_to_binary(M), $\s, Hex, $\n] || …]).
 */
export function applicationDigest(modules: ReadonlyMap<string, { readonly md5: string }>): string {
  const named = [...modules].map(([name, { md5: digest }]) => ({ name: utf8ToBytes(name), digest }));
  const hash = md5.create();
  for (const { name, digest } of named.sort((a, b) => compareBytes(a.name, b.name)))
    hash.update(name).update(utf8ToBytes(` ${digest}\n`));
  return bytesToHex(hash.digest());
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
