import type { ParsedDocument } from "./document.ts";
import { parseErlang } from "./erlang-document.ts";
import { fileText } from "./file-text.ts";
import { parseJson } from "./json-document.ts";
import { parseYaml } from "./yaml-document.ts";

/** Reads one file in the syntax that its name says: `config` and `….config` are Erlang terms, `….json` JSON, all others YAML. */
export function parseFile(file: string, bytes: Uint8Array | null): ParsedDocument {
  const read = fileText(file, bytes);
  if ("problems" in read) return read;
  if (/(^|[./])config$/.test(file)) return parseErlang(file, read.text);
  return file.endsWith(".json") ? parseJson(file, read.text) : parseYaml(file, read.text);
}
