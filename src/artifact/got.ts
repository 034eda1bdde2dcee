/** What comes of looking for the file behind a url: it, or why it is not to be had, in words. `line`: what would allow it. */
export type Got = { file: string } | { failed: string } | { refused: string; line: string };
