// The one place that encodes arguments for the host. What the shell there sees is only [A-Za-z0-9_./:=@,+%] and \0ooo, which
// printf %b turns back into bytes (POSIX, printf); nothing of a value is ever parsed.

const PLAIN = /^[A-Za-z0-9_./:=@,+%]$/;

/** One value as one word: `\c` is the empty text, `-` stands for none. Throws on NUL, which no shell variable can hold. */
export function encodeWord(value: string | number | null): string {
  if (value === null) return "-";
  const bytes = Buffer.from(String(value), "utf8");
  if (bytes.length === 0) return "\\c";
  if (bytes.includes(0)) throw new Error("a value for the host contains a NUL byte");
  let word = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    word += PLAIN.test(character) ? character : `\\0${byte.toString(8).padStart(3, "0")}`;
  }
  return word;
}

/** Several values as words of one line. */
export const encodeWords = (values: readonly (string | number | null)[]): string => values.map(encodeWord).join(" ");
