// Triple-quoted strings (Erlang reference manual, Data Types, String): since OTP 27. Before, """ was "" and another string.
import { isWhiteSpace, runEnd } from "./characters.ts";
import { escapeAt } from "./escapes.ts";
import type { Quoted } from "./quoted-text.ts";
import type { BadLiteral } from "./refusal.ts";

const isBlank = (code: number): boolean => isWhiteSpace(code) && code !== 0x0a;
const isQuote = (code: number): boolean => code === 0x22;

/** The text whose three or more opening quotes stand at an offset: the lines between, without the last line's indentation. */
export function tripleQuotedText(text: string, open: number, isVerbatim: boolean): Quoted | BadLiteral {
  const behind = runEnd(text, open, isQuote);
  const quotes = text.slice(open, behind);
  const { starts, closing } = linesUntil(text, behind, quotes);
  const end = closing === undefined ? text.length : closing + quotes.length;
  const first = runEnd(text, behind, isBlank);
  if (first < text.length && text[first] !== "\n")
    return { offset: first, detail: 'nothing may follow the opening """ on its line', end };
  if (closing === undefined)
    return { offset: open, detail: "a string begins here and has no line that begins with its closing quotes", end };

  const indentation = text.slice(starts.at(-1), closing);
  const lines: string[] = [];
  for (const [index, start] of starts.slice(0, -1).entries()) {
    const written = text.slice(start, starts[index + 1]);
    const read = isVerbatim ? written : withoutEscapes(written, start);
    if (typeof read !== "string") return { ...read, end };
    // The last line end is none of the text; a carriage return before it goes with it.
    const line = index < starts.length - 2 ? read : read.replace(/\r?\n$/, "");
    if (line === "" || /^\r?\n/.test(line)) lines.push(line);
    else if (line.startsWith(indentation)) lines.push(line.slice(indentation.length));
    else return { offset: start, detail: "a line begins with other white space than that of the closing quotes", end };
  }
  return { text: lines.join(""), end };
}

/** Where the lines behind the first begin, the last with the closing quotes, if there are any. */
function linesUntil(text: string, from: number, quotes: string): { starts: number[]; closing?: number } {
  const starts: number[] = [];
  for (let end = text.indexOf("\n", from); end >= 0; end = text.indexOf("\n", end + 1)) {
    starts.push(end + 1);
    const closing = runEnd(text, end + 1, isBlank);
    if (text.startsWith(quotes, closing)) return { starts, closing };
  }
  return { starts };
}

/** One line of a sigil that has escape sequences; it begins at an offset. */
function withoutEscapes(line: string, offset: number): string | BadLiteral {
  const pieces: string[] = [];
  let start = 0;
  for (let at = line.indexOf("\\"); at >= 0; at = line.indexOf("\\", start)) {
    // Releases differ in whether an escaped line end begins a line.
    const isLast = /^\r?\n/.test(line.slice(at + 1, at + 3));
    const character = isLast ? undefined : escapeAt(line, at);
    if (character === undefined)
      return { offset: offset + at, detail: "an escape sequence can't go on in the next line", end: offset + at + 1 };
    if ("detail" in character) return { ...character, offset: offset + at };
    pieces.push(line.slice(start, at), String.fromCodePoint(character.code));
    start = character.end;
  }
  pieces.push(line.slice(start));
  return pieces.join("");
}
