// What a secret looks like where it was written in another way. Escapes are not among these: they are read back (see text-view.ts).
import { cleaned, oneLine } from "./plain-text.ts";

/** `least`: as many characters of it, beside a cut, tell four of the secret's. */
export type SecretForm = { text: string; least: number };

/** Shorter ones stand in every other word; GitHub masks them in the log anyway. */
export const SHORTEST = 4;

/** The forms of a secret as a whole, and of each of its lines. */
export function formsOf(secret: string): SecretForm[] {
  const texts = new Set([secret, ...secret.split(/\r\n|[\n\r]/)].flatMap((text) => [text, text.trim()]));
  return [...texts]
    .filter((text) => text.trim().length >= SHORTEST)
    .flatMap((text) => [...textForms(text), ...byteForms(text)])
    .filter(({ text }) => text.trim().length >= SHORTEST);
}

function textForms(text: string): SecretForm[] {
  const forms = [
    text,
    // As the agent quotes it: a line a string, without controls (10-base.sh, json_string).
    text.replace(/[\t\r]/g, " ").replace(/(?!\n)\p{Cc}/gu, ""),
    cleaned(text),
    oneLine(text),
    oneLine(text).replace(/\s+/g, " ").trim(),
    // In a query.
    text.replaceAll(" ", "+"),
  ];
  if (/[^\0-\x7f]/.test(text)) {
    const bytes = [...new TextEncoder().encode(text)];
    // UTF-8 taken for Latin-1, and the other way round; and what a probe shows of it (probe.erl).
    forms.push(
      String.fromCharCode(...bytes),
      text.replace(/[\x80-\xff]+/g, (run) => "\ufffd".repeat(run.length)),
    );
    forms.push(bytes.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : " ")).join(""));
  }
  return forms.map((form) => ({ text: form, least: 4 }));
}

/** In another writing of its bytes: numbers of a list or binary, hexadecimal, base64. */
function byteForms(text: string): SecretForm[] {
  const bytes = new TextEncoder().encode(text);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  const hexes = ["", ":", " "].map((between) => hex.join(between));
  const numbers = [bytes.join(","), [...text].map((character) => character.codePointAt(0)).join(",")];
  return [
    ...numbers.map((form) => ({ text: form, least: 7 })),
    ...[...hexes, ...hexes.map((form) => form.toUpperCase())].map((form) => ({ text: form, least: 8 })),
    ...base64Forms(bytes).map((form) => ({ text: form, least: 6 })),
  ];
}

/** At each of three offsets: with whatever stands before it, a secret is written in one of three ways. */
function base64Forms(bytes: Uint8Array): string[] {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const forms = [0, 1, 2].flatMap((offset) => {
    const text = btoa(`${"\0".repeat(offset)}${binary}`);
    // Only what does not depend on what stands around it.
    const from = Math.ceil((8 * offset) / 6);
    return [text.slice(from, Math.floor((8 * (offset + bytes.length)) / 6)), ...(offset === 0 ? [text] : [])];
  });
  return forms.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}
