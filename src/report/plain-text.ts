// Text of others as people may see it: every character stands for itself, where it stands. What can't be seen, or changes the order
// of what is seen, is taken out. The runner and .NET pass over such characters where they look for commands.

/** ECMA-48: control sequences (CSI), strings (OSC and its like, where they end), and what else follows an escape. */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b\u009c\n]{0,2000}(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;

const LINE_BREAKS = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g;

/** Controls but tabs and newlines; formatting marks (bidi, zero-width); whatever is shown as nothing. A sign may ask to be an emoji. */
const UNSEEN = /(?<!\p{Extended_Pictographic})\ufe0f|(?!\t|\n|\ufe0f)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** What has anything to be changed; most texts have nothing. */
const UNCLEAN = /(?!\n|\t| )[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

/** Without escapes and unseen characters; line breaks of all kinds are newlines, blanks of all kinds are spaces. */
export function cleaned(text: string): string {
  if (!UNCLEAN.test(text)) return text;
  return text
    .replace(ESCAPES, "")
    .replace(LINE_BREAKS, "\n")
    .replace(UNSEEN, "")
    .replace(/\p{Zs}/gu, " ")
    .toWellFormed();
}

/** The same on one line: nothing that somebody says becomes a line of its own. */
export const oneLine = (text: string): string => cleaned(text).replaceAll("\n", " ");

/**
 * One line of a job's log. The runner obeys `::name …::` at a line's start and `##[name …]` anywhere, after it has trimmed more than
 * white space, and where its comparison passes over what can't be seen (actions/runner, ActionCommand): a space parts them.
 */
export const logLine = (text: string): string =>
  oneLine(text)
    .replace(/^(\s*):(?=:)/, "$1: ")
    .replaceAll("##[", "## [");
