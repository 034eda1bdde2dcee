// Ways in which a secret gets into a text: a piece of it for each character of the secret, or bytes of it in base64.
const utf8 = (character: string): number[] => [...Buffer.from(character)];
const hexOf = (byte: number): string => byte.toString(16).padStart(2, "0");
const unitsOf = (text: string): number[] => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
const isPlain = (character: string): boolean => /^[!-~ ]$/.test(character);
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const unicode = (text: string): string =>
  unitsOf(text)
    .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
    .join("");
const erlang = (character: string): string => {
  const named = { "\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\" }[character];
  return (
    named ?? (isPlain(character) ? character : `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`)
  );
};
const octal = (byte: number): string => byte.toString(8).padStart(3, "0");
const entity = (character: string): string =>
  ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[character] ?? character;
const list =
  (numbers: (character: string) => readonly (number | string)[], between: string) => (characters: readonly string[]) =>
    characters.map((character, at) => `${at === 0 ? "" : between}${numbers(character).join(between)}`);
const each =
  (piece: (character: string) => string) =>
  (characters: readonly string[]): string[] =>
    characters.map(piece);

/** By name: pieces, one a character. */
export const WRITINGS: Record<string, (characters: readonly string[]) => string[]> = {
  "as it is": each((it) => it),
  "within JSON": each(json),
  "within JSON, slashes escaped": each((it) => json(it).replace("/", "\\/")),
  "within JSON, in ASCII": each((it) => (isPlain(it) ? json(it) : unicode(it))),
  "within JSON for HTML": each((it) => (/[<>&']/.test(it) ? unicode(it) : json(it))),
  "within JSON, all of it escaped": each(unicode),
  "within JSON within JSON": each((it) => json(json(it))),
  "within an Erlang string": each(erlang),
  "within an Erlang binary as Latin-1": each((it) =>
    isPlain(it)
      ? erlang(it)
      : utf8(it)
          .map((byte) => `\\${octal(byte)}`)
          .join(""),
  ),
  "within Python's bytes": each((it) =>
    isPlain(it)
      ? erlang(it)
      : utf8(it)
          .map((byte) => `\\x${hexOf(byte)}`)
          .join(""),
  ),
  "UTF-8 taken for Latin-1": each((it) => String.fromCharCode(...utf8(it))),
  "as a list of code points": list((it) => [it.codePointAt(0) ?? 0], ","),
  "as a list of bytes": list(utf8, ","),
  "as a list of bytes with spaces": list(utf8, ", "),
  "as a list over several lines": (characters) =>
    list(utf8, ",")(characters).map((it, at) => (at % 5 === 4 ? it.replace(",", ",\n ") : it)),
  "in hexadecimal": each((it) => utf8(it).map(hexOf).join("")),
  "in upper hexadecimal": each((it) => utf8(it).map(hexOf).join("").toUpperCase()),
  "in hexadecimal with colons": list((it) => utf8(it).map(hexOf), ":"),
  "as encodeURIComponent": each(encodeURIComponent),
  "percent-encoded, in lower case": each((it) => encodeURIComponent(it).replace(/%../g, (byte) => byte.toLowerCase())),
  "percent-encoded, all of it": each((it) =>
    utf8(it)
      .map((byte) => `%${hexOf(byte)}`)
      .join(""),
  ),
  "in a form": each((it) => (it === " " ? "+" : encodeURIComponent(it))),
  "within XML": each(entity),
  "within XML, by number": each((it) => `&#${it.codePointAt(0)};`),
  "in the transfer alphabet": each((it) =>
    /^[A-Za-z0-9_./:=@,+%]$/.test(it)
      ? it
      : utf8(it)
          .map((byte) => `\\0${octal(byte)}`)
          .join(""),
  ),
  "within a shell's single quotes": each((it) => (it === "'" ? "'\\''" : it)),
  "with a shell's backslashes": each((it) => (/^[A-Za-z0-9_./:=@,+%\n]$/.test(it) || !isPlain(it) ? it : `\\${it}`)),
};
