// What erl_scan tells apart by character code (Erlang reference manual, Character Set): names are made of ISO 8859-1 letters, and
// all control characters but DEL are white space. A code may be NaN, which stands behind the end of the text and is nothing.

const isIn = (first: number, code: number, last: number): boolean => code >= first && code <= last;

export const isWhiteSpace = (code: number): boolean => code <= 0x20 || isIn(0x80, code, 0xa0);

export const isDigit = (code: number): boolean => isIn(0x30, code, 0x39);

export const isHexDigit = (code: number): boolean => isDigit(code) || isIn(0x41, code, 0x46) || isIn(0x61, code, 0x66);

export const isOctalDigit = (code: number): boolean => isIn(0x30, code, 0x37);

/** What an atom begins with. 0xf7 is the division sign. */
export const isLowerCase = (code: number): boolean =>
  isIn(0x61, code, 0x7a) || (isIn(0xdf, code, 0xff) && code !== 0xf7);

/** What a variable begins with, besides `_`. 0xd7 is the multiplication sign. */
export const isUpperCase = (code: number): boolean =>
  isIn(0x41, code, 0x5a) || (isIn(0xc0, code, 0xde) && code !== 0xd7);

/** What an atom or a variable goes on with: letters, digits, `_` and `@`. */
export const isInName = (code: number): boolean =>
  isLowerCase(code) || isUpperCase(code) || isDigit(code) || code === 0x5f || code === 0x40;

/** The offset of the first character from `from` on that is none of those, or the text's end. */
export function runEnd(text: string, from: number, isOne: (code: number) => boolean): number {
  let end = from;
  while (isOne(text.charCodeAt(end))) end++;
  return end;
}
