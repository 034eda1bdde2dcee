// Colours for terminals and for GitHub's log, which shows them as well (ECMA-48, Select Graphic Rendition).

/** What a word is, not which colour it has. */
type Style = "good" | "change" | "bad" | "quiet" | "strong";

export type Paint = (style: Style, text: string) => string;

/** No colours: for files, tests, and whoever asks for none. */
export const plain: Paint = (_, text) => text;

const CODES: Record<Style, number> = { good: 32, change: 33, bad: 31, quiet: 2, strong: 1 };

export const coloured: Paint = (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m`;
