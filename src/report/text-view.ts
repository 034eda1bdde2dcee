// A text as it reads once something is undone that was done to it (escapes decoded, lines joined), and where each of its characters
// came from: what is found in a view is hidden in the text itself.

export type TextView = { text: string; starts: Int32Array; ends: Int32Array };

export function viewOf(text: string): TextView {
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    starts[at] = at;
    ends[at] = at + 1;
  }
  return { text, starts, ends };
}

/** A view with each match replaced by something no longer; the view itself where there is none. */
function rewritten(view: TextView, pattern: RegExp, replacement: (match: string) => string): TextView {
  const pieces: string[] = [];
  const starts = new Int32Array(view.text.length);
  const ends = new Int32Array(view.text.length);
  let length = 0;
  let seen = 0;
  const copy = (from: number, to: number): void => {
    pieces.push(view.text.slice(from, to));
    starts.set(view.starts.subarray(from, to), length);
    ends.set(view.ends.subarray(from, to), length);
    length += to - from;
  };
  for (const match of view.text.matchAll(pattern)) {
    copy(seen, match.index);
    seen = match.index + match[0].length;
    const text = replacement(match[0]);
    pieces.push(text);
    starts.fill(view.starts[match.index] ?? 0, length, length + text.length);
    ends.fill(view.ends[seen - 1] ?? 0, length, length + text.length);
    length += text.length;
  }
  if (seen === 0) return view;
  copy(seen, view.text.length);
  return { text: pieces.join(""), starts: starts.subarray(0, length), ends: ends.subarray(0, length) };
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Character references of XML, HTML, and of our own Markdown; the space of no width is ours (see literal). */
const entities = (view: TextView): TextView =>
  rewritten(view, /&(?:#(?:\d{1,7}|x[0-9a-f]{1,6})|amp|lt|gt|quot|apos);/gi, (reference) => {
    const name = reference.slice(1, -1).toLowerCase();
    if (!name.startsWith("#")) return ENTITIES[name] ?? "";
    const code = Number(name.startsWith("#x") ? `0x${name.slice(2)}` : name.slice(1));
    return code === 0x200b || code > 0x10ffff ? "" : String.fromCodePoint(code);
  });

/** Bytes as UTF-8 where they are, the first and last character perhaps cut; else each is a character, as Erlang writes Latin-1. */
function decodedBytes(bytes: readonly number[]): string {
  const text = new TextDecoder().decode(Uint8Array.from(bytes));
  const whole = text.replace(/^\ufffd+|\ufffd+$/g, "");
  return whole === "" || whole.includes("\ufffd") ? String.fromCharCode(...bytes) : text;
}

const percent = (view: TextView): TextView =>
  rewritten(view, /(?:%[0-9a-f]{2}){1,2000}/gi, (run) =>
    decodedBytes((run.match(/[^%]{2}/g) ?? []).map((byte) => Number.parseInt(byte, 16))),
  );

const NAMED = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", e: "\u001b", d: "\u007f", s: " ", a: "\u0007" };

/** What follows a backslash in JSON, Erlang, C, Python, shells, and our own transfer alphabet; `octal` is how long a number may be. */
function backslashes(view: TextView, octal: 3 | 4): TextView {
  const bytes = octal === 3 ? "\\\\[0-3]?[0-7]{1,2}|\\\\x[0-9a-f]{2}" : "\\\\0[0-3][0-7]{2}|\\\\x[0-9a-f]{2}";
  const pattern = new RegExp(
    `(?:${bytes}){1,2000}|\\\\u[0-9a-f]{4}|\\\\u\\{[0-9a-f]{1,6}\\}|\\\\x\\{[0-9a-f]{1,6}\\}|\\\\[^ux0-7]`,
    "gi",
  );
  return rewritten(view, pattern, (match) => {
    if (/^\\(?:[0-7]|x[0-9a-f])/i.test(match))
      return decodedBytes(
        match
          .slice(1)
          .split("\\")
          .map((byte) =>
            byte.startsWith("x") || byte.startsWith("X") ? Number(`0${byte}`) : Number.parseInt(byte, 8),
          ),
      );
    if (/^\\[ux]/i.test(match)) {
      const code = Number.parseInt(match.replace(/^\\.\{?/, ""), 16);
      return code > 0x10ffff ? "" : code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
    }
    const name = match.slice(1);
    return name in NAMED ? NAMED[name as keyof typeof NAMED] : name;
  });
}

/** A quote within single quotes, as shells take it. */
const shellQuotes = (view: TextView): TextView => rewritten(view, /'\\''|'"'"'/g, () => "'");

/** What io_lib and others break over lines: strings in pieces, numbers of a list. */
const seams = (view: TextView): TextView => rewritten(view, /"\s+"|(?<=\d,)\s+(?=\d)/g, () => "");

/** Lines that were wrapped, as base64(1) wraps them. */
const unwrapped = (view: TextView): TextView => rewritten(view, /(?<![ \t])[ \t]*\n[ \t]*/g, () => "");

/** Lines of ours that quote output (see problemText), as they were. */
export const unquoted = (view: TextView): TextView => rewritten(view, /(?<=^|\n) {4}\| /g, () => "");

const BEFORE_A_CUT = "(?=[\"'\\s\\ufffd>]*(?:…|\\.{3}|\\n|$))";

/** Escapes that a cut has left half, each kind for itself: what looks like one of another kind is a character of its own. */
const HALVES = [
  { mark: "\\", half: "\\\\(?:u[0-9a-f]{0,3}|[ux]\\{[0-9a-f]{0,6}|x[0-9a-f]?|[0-7]{0,3})" },
  { mark: "%", half: "%[0-9a-f]?" },
  { mark: "&", half: "&#?[0-9a-z]{0,7}" },
].map(({ mark, half }) => ({ mark, pattern: new RegExp(`${half}${BEFORE_A_CUT}`, "gi") }));

/** The second half of one. */
const OTHER_HALF = /(?<=(?:^|\n|…|\.{3})["'\s]{0,4})\\/g;

/** All that a text may have to be read as, itself first. Most texts have but one view. */
export function viewsOf(view: TextView): TextView[] {
  const views = new Set([view]);
  const also = (make: (view: TextView) => TextView): void => {
    for (const each of [...views]) views.add(make(each));
  };
  for (const { mark, pattern } of HALVES) if (view.text.includes(mark)) also((it) => rewritten(it, pattern, () => ""));
  if (view.text.includes("\\")) also((it) => rewritten(it, OTHER_HALF, () => ""));
  if (view.text.includes("&")) also(entities);
  if (/"\s+"|\d,\s/.test(view.text)) also(seams);
  if (view.text.includes("\n")) also(unwrapped);
  if (view.text.includes("'\\''") || view.text.includes(`'"'"'`)) also(shellQuotes);
  const joined = [...views];
  for (const each of joined) {
    if (each.text.includes("%")) views.add(percent(each));
    if (!each.text.includes("\\")) continue;
    const once = backslashes(each, 3);
    views.add(once);
    if (once.text.includes("\\")) views.add(backslashes(once, 3));
    if (/\\0[0-3]/.test(each.text)) views.add(backslashes(each, 4));
  }
  return [...views];
}
