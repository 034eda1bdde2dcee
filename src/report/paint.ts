// Colours for terminals and for GitHub's log, which shows them as well (ECMA-48, Select Graphic Rendition).

/** What a word is, not which colour it has. */
type Style = "good" | "change" | "bad" | "quiet" | "strong";

export type Paint = (style: Style, text: string) => string;

/** No colours: for files, tests, and whoever asks for none. */
export const plain: Paint = (_, text) => text;

const CODES: Record<Style, number> = { good: 32, change: 33, bad: 31, quiet: 2, strong: 1 };

export const coloured: Paint = (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m`;

/** What follows a mark in painted text, instead of a colour; nobody has such a character in his texts. */
const FIRST = 0xf800;

/** Paints with a mark, so that colours of ours are told from those that a text brings along: of whoever does not know the mark. */
export const marking =
  (mark: string): Paint =>
  (style, text) =>
    `${mark}${String.fromCharCode(FIRST + CODES[style])}${text}${mark}${String.fromCharCode(FIRST)}`;

/** Text that was painted with a mark, coloured. No colour's bracket makes a command of what stands before it (see logLine). */
export const colouredAt = (mark: string, text: string): string =>
  text
    .split(mark)
    .map((piece, index) => (index === 0 ? piece : `\u001b[${piece.charCodeAt(0) - FIRST}m${piece.slice(1)}`))
    .join("")
    .replaceAll("##\u001b", "## \u001b");
