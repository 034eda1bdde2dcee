// JSON files. JSON.parse says whether it is JSON, the values and their places are then YAML's, of which JSON is a part (YAML 1.2.2,
// 1.3): one set of rules holds for both.
import { parse } from "@humanwhocodes/momoa";
import type { ParsedDocument } from "./document.ts";
import { Places, TOO_DEEP } from "./document.ts";
import { parseYaml } from "./yaml-document.ts";

/** Reads one JSON file, and nothing that only YAML has. Where it is no JSON: the first place that is not. */
export function parseJson(file: string, text: string): ParsedDocument {
  try {
    JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const places = new Places(file, text);
    const place = /at position (\d+)/.exec(error.message)?.[1] ?? offsetOfMistake(text);
    if (place === null) places.refuse(TOO_DEEP, 0);
    else places.refuse(`this is no JSON: ${saidOf(error)}`, Number(place));
    return places.document(undefined);
  }
  return parseYaml(file, text);
}

/** V8's words, without its place and what it quotes around it. */
function saidOf({ message }: SyntaxError): string {
  const token = /^Unexpected token '..?'/su.exec(message)?.[0];
  const said = token ?? message.replace(/ in JSON at position.*$| is not valid JSON$/s, "");
  return said.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

/** Of some mistakes V8 does not say where they are. Null where they are nested too deeply to be found. */
function offsetOfMistake(text: string): number | null {
  try {
    parse(text, { mode: "json" });
    return 0;
  } catch (error) {
    // The parser calls itself for each level; nobody nests as deep as its stack.
    if (error instanceof RangeError) return null;
    return error instanceof Error && "offset" in error && typeof error.offset === "number" ? error.offset : 0;
  }
}
