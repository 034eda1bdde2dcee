/** Text as Markdown shows it literally, in a table cell too: what a spec or a host says never becomes markup. */
export const literal = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim();
  return line.replace(/[\\`*_{}[\]<>()#+!|~@:$&-]/g, (character) => `&#${character.charCodeAt(0)};`);
};

/** Text in a code span; the fence is longer than any run of backquotes in it. */
export function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const padding = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${padding}${text.replace(/\s+/g, " ").replaceAll("|", "\\|")}${padding}${fence}`;
}

/** Lines in a fenced block. */
export function block(lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return [fence, ...lines, fence];
}

/** A table; cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...rows.map(row)];
}

/** Cuts at a limit in bytes, at a line's end, and says so. GitHub counts characters; bytes are never fewer. */
export function cutToBytes(text: string, limit: number): string {
  if (utf8Length(text) <= limit) return text;
  const notice = "\n\n… cut here: GitHub's limit is reached. The job's log has all of it.\n";
  let cut = text.slice(0, limit);
  while (utf8Length(cut) + utf8Length(notice) > limit) cut = cut.slice(0, Math.floor(cut.length * 0.95));
  return cut.slice(0, Math.max(cut.lastIndexOf("\n"), 0)) + notice;
}

const utf8Length = (text: string): number => new TextEncoder().encode(text).length;
