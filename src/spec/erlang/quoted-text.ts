// Text between quotes or the delimiters of a sigil (Erlang reference manual, Data Types, Atom, String and Sigil).
import { escapeAt } from "./escapes.ts";
import type { BadLiteral } from "./refusal.ts";

/** What stands between two delimiters, and the offset behind the second. */
export type Quoted = { readonly text: string; readonly end: number };

/** How a piece of text is written. `what` names it in messages. */
export type Quotes = { readonly what: string; readonly close: string; readonly isVerbatim: boolean };

/** The text whose opening delimiter stands at an offset. A bad escape is refused at its backslash, a missing end at the opening. */
export function quotedText(text: string, open: number, { what, close, isVerbatim }: Quotes): Quoted | BadLiteral {
  const closing = close.charCodeAt(0);
  const pieces: string[] = [];
  let refused: BadLiteral | undefined;
  let [start, at] = [open + 1, open + 1];
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === closing) {
      pieces.push(text.slice(start, at));
      return refused === undefined ? { text: pieces.join(""), end: at + 1 } : { ...refused, end: at + 1 };
    }
    if (code !== BACKSLASH || isVerbatim) {
      at++;
      continue;
    }
    const character = escapeAt(text, at);
    if (character === undefined) break;
    if ("detail" in character) refused ??= character;
    else pieces.push(text.slice(start, at), String.fromCodePoint(character.code));
    [start, at] = [character.end, character.end];
  }
  return { offset: open, detail: `${what} begins here and has no closing ${close}`, end: text.length };
}

const BACKSLASH = 0x5c;
