import { formsOf } from "./secret-forms.ts";
import { SecretIndex, type Span } from "./secret-index.ts";
import { type TextView, unquoted, viewOf, viewsOf } from "./text-view.ts";

/** Replaces every secret in a value by `***`, however deep it lies. Keys are words of ours, or names, and stay. */
export type Mask = <T>(value: T) => T;

/** Where a text was cut; of what stands beside it the rest may be missing. */
const CUTS = /…|\.{3}/g;

/** Lines that quote output, as problemText writes them: the first and last of them may be cut, and all are of one text. */
const QUOTED = /^ {4}\| .*(?:\n {4}\| .*)*$/gm;

/**
 * The mask for some secrets: whole ones and lines of them, in every way of writing that formsOf and viewsOf know; beside a cut
 * also pieces of four characters or more.
 */
export function maskFor(secrets: Iterable<string>): Mask {
  const index = new SecretIndex([...new Set(secrets)].flatMap(formsOf));
  if (index.isEmpty) return (value) => value;
  const mask = (value: unknown, key = ""): unknown => {
    if (typeof value === "string") return masked(index, value);
    // Output that a problem quotes.
    if (key === "tail" && Array.isArray(value) && value.every((line) => typeof line === "string"))
      return maskedLines(index, value);
    if (Array.isArray(value)) return value.map((item) => mask(item));
    if (value !== null && typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value)))
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mask(item, name)]));
    return value;
  };
  return mask as Mask;
}

function masked(index: SecretIndex, text: string): string {
  const view = viewOf(text);
  const spans = secretSpans(index, view);
  if (!text.includes("    | ")) return hidden(text, spans);
  for (const { 0: lines, index: at } of text.matchAll(QUOTED))
    for (const span of quotedSpans(index, part(view, at, lines.length))) spans.push(span);
  return hidden(
    text,
    spans.map((span) => withoutLineEnds(text, span)),
  );
}

/** A line's end beside a secret stays: the next one is quoted by itself. */
function withoutLineEnds(text: string, [from, to]: Span): Span {
  let [first, last] = [from, to];
  while (first < last && text[first] === "\n") first += 1;
  while (last > first && text[last - 1] === "\n") last -= 1;
  return [first, last];
}

/** Each line on its own again: a secret of several lines is hidden in each. */
function maskedLines(index: SecretIndex, lines: readonly string[]): string[] {
  const text = lines.join("\n");
  const spans = quotedSpans(index, viewOf(text));
  let begin = 0;
  return lines.map((line) => {
    const [from, to] = [begin, begin + line.length];
    begin = to + 1;
    const own = spans.filter((span) => span[0] < to && span[1] > from);
    return hidden(
      line,
      own.map(([start, end]) => [Math.max(start, from) - from, Math.min(end, to) - from] as const),
    );
  });
}

const part = ({ text, starts, ends }: TextView, from: number, length: number): TextView => ({
  text: text.slice(from, from + length),
  starts: starts.subarray(from, from + length),
  ends: ends.subarray(from, from + length),
});

/** The parts of a text that a view shows to be secret. */
function secretSpans(index: SecretIndex, root: TextView, isCutAround = false): Span[] {
  const spans: Span[] = [];
  for (const view of viewsOf(root)) {
    const { text, starts, ends } = view;
    const add = (found: readonly Span[]): void => {
      for (const [from, to] of found) spans.push([starts[from] ?? 0, ends[to - 1] ?? 0]);
    };
    add(index.formsIn(text));
    for (const { 0: mark, index: at } of text.matchAll(CUTS))
      add([...index.before(text, at), ...index.after(text, at + mark.length)]);
    if (isCutAround) add([...index.after(text, 0), ...index.before(text, text.length)]);
  }
  return spans;
}

/** Of lines that stand alone: what was cut off above, below, or both. */
function quotedSpans(index: SecretIndex, lines: TextView): Span[] {
  const view = unquoted(lines);
  const spans = secretSpans(index, view, true);
  let begin = 0;
  for (const line of view.text.split("\n")) {
    const bare = bareOf(line);
    const from = begin + line.indexOf(bare);
    if (bare !== "" && index.isPiece(bare.replace(/, +(?=\d)/g, ",")))
      spans.push([view.starts[from] ?? 0, view.ends[from + bare.length - 1] ?? 0]);
    begin += line.length + 1;
  }
  return spans;
}

/** A line without what quotes it. Character by character at its end: an expression would try each run of blanks anew. */
function bareOf(line: string): string {
  const begun = line.replace(/^[\s"'<[]+/, "");
  let end = begun.length;
  while (end > 0 && /[\s"'>\],]/.test(begun[end - 1] ?? "")) end -= 1;
  return begun.slice(0, end);
}

/** Spans that overlap are one. */
function hidden(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  const pieces: string[] = [];
  let seen = 0;
  let open = -1;
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
    if (from >= seen || open < 0) {
      pieces.push(text.slice(seen, from), "***");
      open = from;
      seen = to;
    } else seen = Math.max(seen, to);
  }
  return `${pieces.join("")}${text.slice(seen)}`;
}
