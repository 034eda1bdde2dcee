// What somebody has written in a spec, so that a reviewer sees all of it: what is shown must be what is done.

/** Controls, marks that are seen by nobody or change the order of what is seen, and blanks that look like others. */
const UNSEEN = /(?! )[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Each character that can't be seen as itself is written out, as `\u{202e}`; and so is what looks like a cut of ours, beside which
 * pieces of secrets are masked: nobody shall learn one by writing many and looking which are.
 */
export const visible = (text: string): string =>
  text
    .replace(UNSEEN, writtenOut)
    .replaceAll("…", writtenOut)
    .replace(/\.{3,}/g, (dots) => `..${[...dots.slice(2)].map(writtenOut).join("")}`);

const writtenOut = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`;

/** Whether a text is seen as it is. */
export const isVisible = (text: string): boolean => text.search(UNSEEN) < 0;
