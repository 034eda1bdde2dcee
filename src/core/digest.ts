import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** A value that JSON holds exactly. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** JSON with sorted keys and no white space, so that equal values give equal text (the idea of RFC 8785). */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const map = value as { [key: string]: Json | undefined };
    let members = "";
    for (const key of Object.keys(map).sort()) {
      const item = map[key];
      if (item !== undefined) members += `${members && ","}${JSON.stringify(key)}:${canonicalJson(item)}`;
    }
    return `{${members}}`;
  }
  return JSON.stringify(value);
}

/** sha256 of a text's UTF-8 bytes or of bytes, as 64 hex digits. Pure JavaScript, so that planning needs no runtime. */
function sha256Hex(content: string | Uint8Array): string {
  return bytesToHex(sha256(typeof content === "string" ? utf8ToBytes(content) : content));
}

/** The fingerprint of an OpenSSH public key (`TYPE BASE64`), as `ssh-keygen -l` shows it; a text that is none stays as it is. */
export function fingerprintOf(key: string): string {
  try {
    const bytes = Uint8Array.from(atob(key.split(" ")[1] ?? ""), (character) => character.charCodeAt(0));
    return `SHA256:${btoa(String.fromCharCode(...sha256(bytes))).replace(/=+$/, "")}`;
  } catch (error) {
    // The only thing that atob() throws: it is no base64.
    if (error instanceof DOMException) return key;
    throw error;
  }
}

/** The digest of a value: sha256 of its canonical JSON. */
export function digestOf(value: Json): string {
  return sha256Hex(canonicalJson(value));
}
