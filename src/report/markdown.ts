import { oneLine } from "./plain-text.ts";

/**
 * Text as Markdown shows it literally, in a table cell too: what a spec or a host says never becomes markup. GitHub looks for
 * mentions and issue numbers in what was rendered, so there a space of no width parts the sign from what follows.
 */
export const literal = (text: string): string =>
  oneLine(text)
    .replace(/\s+/g, " ")
    .trim()
    .replace(/(\bwww\.|\bGH-(?=\d)|[@#](?=\w))|[\\`*_{}[\]<>()#+!|~@:$&-]/gi, (signs, linked?: string) => {
      const written = signs.replace(/[^A-Za-z0-9.]/g, (character) => `&#${character.charCodeAt(0)};`);
      return linked === undefined ? written : `${written}&#8203;`;
    });

/** Text in a code span. Backquotes and pipes have no escape that all of GitHub's parsers share: there it is an element. */
export function code(text: string): string {
  const line = oneLine(text).replace(/\s+/g, " ").trim();
  if (line === "") return "";
  return /[`|\\]/.test(line) ? `<code>${literal(line)}</code>` : `\`${line}\``;
}

/** Lines in a fenced block; each stays one. */
export function block(texts: readonly string[]): string[] {
  const lines = texts.map(oneLine);
  // One by one: a host may quote more of them than a call takes arguments.
  let longest = 2;
  for (const line of lines) for (const [run] of line.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = "`".repeat(longest + 1);
  return [fence, ...lines, fence];
}

/** A table; cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...rows.map(row)];
}

/**
 * Cuts at a limit in bytes (at least 1,000), at a line's end where there is one, closes a fenced block and a folded section, so
 * that what is said of the cut is seen. GitHub counts characters; bytes are never fewer.
 */
export function cutToBytes(text: string, limit: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= limit) return text;
  const room = bytes.subarray(0, limit - new TextEncoder().encode(CUT).length - LONGEST_FENCE);
  // The last character may have been torn apart.
  const whole = new TextDecoder().decode(room).replace(/\uFFFD+$/, "");
  const end = whole.lastIndexOf("\n");
  const cut = end > 0 ? whole.slice(0, end) : whole;
  return [cut, ...openFence(cut), ...openDetails(cut), CUT].join("\n");
}

const CUT = "\n… cut here: GitHub's limit is reached. The job's log has all of it.\n";
/** Of a fence and an end of a section. */
const LONGEST_FENCE = 120;

/** The fence of a block() that is not closed in a text. */
function openFence(text: string): string[] {
  const open = text.split("\n").reduce<string>((fence, line) => {
    if (!/^`{3,}$/.test(line)) return fence;
    return fence === "" ? line : line === fence ? "" : fence;
  }, "");
  return open === "" ? [] : [open.slice(0, 100)];
}

/** The end of a folded section that is not closed in a text. */
function openDetails(text: string): string[] {
  return text.lastIndexOf("\n<details>") > text.lastIndexOf("\n</details>") ? ["", "</details>"] : [];
}
