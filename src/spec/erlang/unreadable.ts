import type { Refusal } from "./refusal.ts";
import { codePoint } from "./refusal.ts";

/** Characters that stand nowhere in a file, and a comment that makes erl read other characters than we do; the first so many. */
export function unreadable(text: string, limit: number): Refusal[] {
  const errors = otherEncoding(text);
  // erl_scan refuses U+FFFE and U+FFFF in comments too. It takes a NUL for white space.
  for (const { 0: character, index } of text.matchAll(/[\0\uFFFE\uFFFF\p{Cs}]/gu)) {
    if (errors.length >= limit) break;
    errors.push({ offset: index, detail: `${codePoint(character)} can't stand in a file of terms` });
  }
  return errors;
}

/** What epp:read_encoding/1 looks for in the first two lines (stdlib, epp(3)). It takes any % for the beginning of a comment. */
function otherEncoding(text: string): Refusal[] {
  // ASCII is the same in both.
  if (!/[\u0080-\uffff]/.test(text)) return [];
  const first = text.indexOf("\n");
  const second = first < 0 ? -1 : text.indexOf("\n", first + 1);
  const lines = [
    [0, first < 0 ? text.length : first],
    [first + 1, second < 0 ? text.length : second],
  ] as const;
  for (const [start, end] of lines) {
    const comment = text.slice(start, end).indexOf("%");
    const found = comment < 0 ? undefined : /coding\s*[:=]\s*latin-1/i.exec(text.slice(start + comment, end));
    if (found) return [{ offset: start + comment + found.index, detail: "a file of terms is UTF-8, not latin-1" }];
  }
  return [];
}
