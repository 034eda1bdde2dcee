import type { ParsedDocument } from "./document.ts";
import { parseErlang } from "./erlang-document.ts";
import { fileText } from "./file-text.ts";
import { parseYaml } from "./yaml-document.ts";

/** Reads one file in the syntax that its name says: `config` and `….config` are Erlang terms, all others YAML or JSON. */
export function parseFile(file: string, bytes: Uint8Array | null): ParsedDocument {
  const read = fileText(file, bytes);
  if ("problems" in read) return read;
  return /(^|[./])config$/.test(file) ? parseErlang(file, read.text) : parseYaml(file, read.text);
}
