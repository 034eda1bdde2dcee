// Where forms of secrets are in a text. One look at each character's neighbourhood, however many forms there are.
import type { SecretForm } from "./secret-forms.ts";
import { SHORTEST } from "./secret-forms.ts";

export type Span = readonly [from: number, to: number];

/** Quotes and brackets may stand between a cut and what was cut, and what is left of an escape behind one. */
const FRINGE = 12;
const BEFORE_CUT = /["'|,;)>\]}\s\\\x80-\xff\ufffd]*$/;
const AFTER_CUT = /^["'|,;(<[{\s\ufffd]*/;
const ESCAPE_LEFT = /^(?:.|#?x?[0-9a-f]{0,7};|[a-z]{0,5};|[ux]?\{?[0-9a-f]{0,8}\}?)[\x80-\xbf\ufffd]{0,3}$/i;

export class SecretIndex {
  /** By their first characters, the longest first. */
  private readonly starts = new Map<string, string[]>();
  /** Which first two characters there are: most places in a text are ruled out by that. */
  private readonly pairs = new Uint8Array(0x10000);
  private readonly pieces: Pieces[];

  constructor(forms: Iterable<SecretForm>) {
    const leasts = new Map<string, number>();
    for (const { text, least } of forms) leasts.set(text, Math.min(least, leasts.get(text) ?? least));
    const ordered = [...leasts.keys()].sort((a, b) => b.length - a.length);
    for (const text of ordered) {
      const start = text.slice(0, SHORTEST);
      const known = this.starts.get(start);
      if (known === undefined) this.starts.set(start, [text]);
      else known.push(text);
      this.pairs[pairAt(text, 0)] = 1;
    }
    const groups = Map.groupBy(ordered, (text) => leasts.get(text) ?? 0);
    this.pieces = [...groups].map(([least, texts]) => new Pieces(least, texts));
  }

  get isEmpty(): boolean {
    return this.starts.size === 0;
  }

  /** Every whole form. */
  formsIn(text: string): Span[] {
    const spans: Span[] = [];
    for (let at = 0; at + SHORTEST <= text.length; at += 1) {
      if (this.pairs[pairAt(text, at)] === 0) continue;
      const form = this.starts.get(text.slice(at, at + SHORTEST))?.find((each) => text.startsWith(each, at));
      if (form !== undefined) spans.push([at, at + form.length]);
    }
    return spans;
  }

  /** What ends at a cut, and is a piece of a form. */
  before(text: string, cut: number): Span[] {
    const near = BEFORE_CUT.exec(text.slice(Math.max(0, cut - FRINGE), cut))?.[0].length ?? 0;
    return Array.from({ length: near + 1 }, (_, skipped) => cut - skipped).flatMap((end) =>
      this.pieces.flatMap((pieces) => {
        const length = pieces.longest(end, (it) => text.slice(end - it, end));
        return length === 0 ? [] : [[end - length, cut] as const];
      }),
    );
  }

  /** What begins at a cut, and is a piece of a form. */
  after(text: string, cut: number): Span[] {
    const fringe = text.slice(cut, cut + FRINGE);
    const between = AFTER_CUT.exec(fringe)?.[0].length ?? 0;
    return Array.from({ length: fringe.length + 1 }, (_, skipped) => skipped).flatMap((skipped) => {
      if (skipped > between && !ESCAPE_LEFT.test(fringe.slice(0, skipped))) return [];
      const start = cut + skipped;
      return this.pieces.flatMap((pieces) => {
        const length = pieces.longest(text.length - start, (it) => text.slice(start, start + it));
        return length === 0 ? [] : [[skipped > between ? cut : start, start + length] as const];
      });
    });
  }

  /** Is it a piece of a form, and too long to be one by chance? */
  isPiece(text: string): boolean {
    return this.pieces.some((pieces) => text.length >= 2 * pieces.least && pieces.has(text));
  }
}

/** Forms of which so many characters tell something. */
class Pieces {
  readonly least: number;
  private readonly text: string;
  /** Which four characters in a row there may be: what has others is ruled out by that. */
  private readonly grams = new Uint8Array(GRAMS);

  constructor(least: number, texts: readonly string[]) {
    this.least = least;
    this.text = texts.join("\0");
    for (let at = 0; at + 4 <= this.text.length; at += 1) this.grams[gramAt(this.text, at)] = 1;
  }

  has(piece: string): boolean {
    for (let at = 0; at + 4 <= piece.length; at += 1) if (this.grams[gramAt(piece, at)] === 0) return false;
    return this.text.includes(piece);
  }

  /** The greatest length of which a text that gets longer at one end is a piece; 0 where it is none of the least. */
  longest(most: number, piece: (length: number) => string): number {
    if (most < this.least || !this.has(piece(this.least))) return 0;
    let [low, high] = [this.least, most];
    while (low < high) {
      const middle = Math.min(2 * low, Math.ceil((low + high) / 2));
      if (this.has(piece(middle))) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

const pairAt = (text: string, at: number): number => ((text.charCodeAt(at) << 5) ^ text.charCodeAt(at + 1)) & 0xffff;

const GRAMS = 0x40000;

function gramAt(text: string, at: number): number {
  let hash = 0;
  for (let next = at; next < at + 4; next += 1) hash = Math.imul(hash, 0x9e3779b1) + text.charCodeAt(next);
  return (Math.imul(hash, 0x85ebca6b) >>> 14) & (GRAMS - 1);
}
