/** What is wrong at one place of a text: short, in plain words, what is there and what is allowed. */
export type Refusal = { readonly offset: number; readonly detail: string };

/** What is wrong within a literal, and where reading goes on behind it. */
export type BadLiteral = Refusal & { readonly end: number };

/** Tells a refusal from what was read. */
export const isRefusal = <T extends object>(read: T | Refusal): read is Refusal => "detail" in read;

/** A piece of the text as a message quotes it: on one line, and no longer than a name. */
export function shortened(text: string): string {
  const plain = text.slice(0, 41).replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, "?");
  return plain.length > 40 ? `${plain.slice(0, 39)}…` : plain;
}

/** A character's number in Unicode, such as U+FEFF: what is refused is often not to be seen. */
export const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
