import type { Refusal } from "./refusal.ts";
import type { Token } from "./tokens.ts";
import { tokenAt } from "./tokens.ts";
import { unexpected } from "./unexpected.ts";

/** A place in a text that is read from its beginning to its end. */
export type Cursor = {
  readonly text: string;
  token: Token;
  /** Where the last token that was taken ended. */
  behind: number;
  /** How many bits of binaries may still be read. */
  spareBits: number;
  /** Asked for so many terms more; false where there may be no more of them. */
  readonly mayHold: MayHold;
};

export type MayHold = (terms: number) => boolean;

// As many bytes as a file of specs may have: <<0:8000000>> is a short text.
const MAX_BINARY_BITS = 8_000_000;

export const cursorOn = (text: string, mayHold: MayHold): Cursor => ({
  text,
  token: tokenAt(text, 0),
  behind: 0,
  spareBits: MAX_BINARY_BITS,
  mayHold,
});

/** Takes the token that the cursor is on. */
export function advance(cursor: Cursor): void {
  cursor.behind = cursor.token.end;
  cursor.token = tokenAt(cursor.text, cursor.token.end);
}

/** Takes all up to the next dot that ends a term, and that dot. */
export function skipTerm(cursor: Cursor): void {
  while (cursor.token.kind !== "dot" && cursor.token.kind !== "end") advance(cursor);
  advance(cursor);
}

export const isOnMark = ({ token }: Cursor, mark: string): boolean => token.kind === "mark" && token.mark === mark;

/** Takes a mark if the cursor is on it. */
export function tookMark(cursor: Cursor, mark: string): boolean {
  const isThere = isOnMark(cursor, mark);
  if (isThere) advance(cursor);
  return isThere;
}

/** Takes the strings that follow each other here: they are one. A sigil is joined with nothing. */
export function takeStrings(cursor: Cursor): string {
  const texts: string[] = [];
  while (cursor.token.kind === "string" && !cursor.token.isSigil) {
    texts.push(cursor.token.text);
    advance(cursor);
  }
  return texts.join("");
}

/** Refuses the token that the cursor is on; `allowed` says what may stand there. A missing end is missed behind the last token. */
export function refusedToken({ text, token, behind }: Cursor, allowed: string): Refusal {
  return { offset: token.kind === "end" ? behind : token.offset, detail: unexpected(text, token, allowed) };
}
