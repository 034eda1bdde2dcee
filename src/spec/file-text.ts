// From the bytes of a file to text that a parser may be given.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { positionsIn } from "./document.ts";

/** The largest file that is read at all, in bytes. A hundred times what anybody writes by hand. */
export const MAX_FILE_BYTES = 250_000;

/** The text of a file's bytes; null bytes stand for a file that was too large to be read. A byte order mark is left out. */
export function fileText(file: string, bytes: Uint8Array | null): { text: string } | { problems: Problem[] } {
  const refuse = (detail: string, place = { line: 1, column: 1 }): { problems: Problem[] } => ({
    problems: [problem("invalid_syntax", { in: "spec", file, ...place, path: "" }, { detail })],
  });
  if (bytes === null || bytes.length > MAX_FILE_BYTES) return refuse(`the file is larger than ${MAX_FILE_BYTES} bytes`);
  const text = new TextDecoder("utf-8").decode(bytes);
  const position = positionsIn(text);
  const wrong = invalidAt(text, bytes);
  if (wrong !== null) return refuse("the file is not UTF-8 here; save it as UTF-8", position(wrong));
  const nul = text.indexOf("\0");
  if (nul >= 0) return refuse("the file contains a NUL byte", position(nul));
  return { text };
}

/** Where bytes are no UTF-8, as an offset into what they were decoded to; null where all are. */
function invalidAt(text: string, bytes: Uint8Array): number | null {
  // A replacement character may also stand in the file as such: only one that is not there in the bytes tells of a mistake.
  const encoder = new TextEncoder();
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let at = bom;
  let from = 0;
  for (let found = text.indexOf("\uFFFD"); found >= 0; found = text.indexOf("\uFFFD", from)) {
    at += encoder.encode(text.slice(from, found)).length;
    const isWritten = bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd;
    if (!isWritten) return found;
    at += 3;
    from = found + 1;
  }
  return null;
}
