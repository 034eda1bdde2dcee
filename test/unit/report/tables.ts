// Rendered Markdown taken apart as GitHub does: what is fenced, what is a table, and where a row's cells end.

type Parts = { tables: string[][][]; blocks: string[][]; rest: string[] };

/** The cells of a row: a pipe right after a backslash does not end one. */
const cellsOf = (row: string): string[] =>
  row
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** Tables as rows of cells, fenced blocks as lines, and every other line. */
export function partsOf(markdown: string): Parts {
  const parts: Parts = { tables: [], blocks: [], rest: [] };
  let fence = "";
  let isInTable = false;
  for (const line of markdown.split("\n")) {
    if (fence !== "") {
      if (/^`+$/.test(line) && line.length >= fence.length) fence = "";
      else parts.blocks.at(-1)?.push(line);
    } else if (/^`{3,}$/.test(line)) {
      fence = line;
      parts.blocks.push([]);
    } else if (line.startsWith("|")) {
      if (!isInTable) parts.tables.push([]);
      parts.tables.at(-1)?.push(cellsOf(line));
    } else parts.rest.push(line);
    isInTable = fence === "" && line.startsWith("|");
  }
  return parts;
}

/** A text without its code spans and elements. */
export const withoutCode = (text: string): string => text.replace(/`[^`]*`|<code>[^<]*<\/code>/g, "");
