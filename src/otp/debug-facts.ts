// What only debug information says of a module (stdlib, beam_lib(3), Debug Information): -record and -on_load.
import type { Chunks } from "./beam-chunks.ts";
import type { ByteReader } from "./byte-reader.ts";
import { fail } from "./byte-reader.ts";
import { externalReader } from "./external-term.ts";
import { LARGEST_MODULE } from "./inflated.ts";
import type { ReadingBudget } from "./reading-budget.ts";
import { spend } from "./reading-budget.ts";
import { skipTerm } from "./skip-term.ts";
import { takeAtom, takeEach, takeTupleSize, takeValues } from "./term-pieces.ts";

export type DebugFacts = {
  /** As in ModuleFacts: null where it can't be seen. */
  records: ReadonlyMap<string, readonly string[]> | null;
  hasOnLoad: boolean;
};

const UNSEEN: DebugFacts = { records: null, hasOnLoad: false };

/** Names that are looked at: a form has one, a field two. */
const MOST_ATOMS = 1_000_000;

/** It decides nothing alone: what is stripped, encrypted or of an unknown kind is as good as not there. */
export function debugFacts(chunks: Chunks, budget: ReadingBudget): DebugFacts {
  const chunk = chunks.get("Dbgi") ?? chunks.get("Abst") ?? new Uint8Array();
  // Encrypted chunks begin with a zero, those without anything are empty.
  if (chunk[0] !== 131) return UNSEEN;
  const reader = externalReader(chunk, LARGEST_MODULE, MOST_ATOMS);
  // What was inflated is another piece than the chunk.
  if (reader.bytes !== chunk && !spend(budget, "inflatedBytes", reader.bytes.length)) return UNSEEN;
  const facts = chunks.has("Dbgi") ? debugInfo(reader) : abstractCode(reader);
  return reader.error === null ? facts : UNSEEN;
}

/** {debug_info_v1, Backend, Metadata} */
function debugInfo(reader: ByteReader): DebugFacts {
  if (takeTupleSize(reader) !== 3 || takeAtom(reader) !== "debug_info_v1") return UNSEEN;
  const backend = takeAtom(reader);
  if (backend === "elixir_erl") return elixirFacts(reader);
  // {Forms, Options}, or {none, Options} where the compiler was not to keep them.
  return backend === "erl_abstract_code" && takeTupleSize(reader) === 2 ? formsFacts(reader) : UNSEEN;
}

/** {raw_abstract_v1, Forms}, before OTP 20. */
function abstractCode(reader: ByteReader): DebugFacts {
  return takeTupleSize(reader) === 2 && takeAtom(reader) === "raw_abstract_v1" ? formsFacts(reader) : UNSEEN;
}

/** The abstract format's {attribute, Anno, record, {Name, Fields}}, native_record since OTP 29, and {attribute, Anno, on_load, _}. */
function formsFacts(reader: ByteReader): DebugFacts {
  const records = new Map<string, readonly string[]>();
  let hasOnLoad = false;
  const areForms = takeEach(reader, () => {
    const size = takeTupleSize(reader);
    if (size === null) return;
    const isAttribute = size === 4 && takeAtom(reader) === "attribute";
    skipTerms(reader, isAttribute ? 1 : size === 4 ? 3 : size);
    const name = isAttribute ? takeAtom(reader) : null;
    if (name === "on_load") hasOnLoad = true;
    if (name === "record" || name === "native_record") takeRecord(reader, records);
    else if (isAttribute) skipTerm(reader);
  });
  return areForms ? { records, hasOnLoad } : UNSEEN;
}

function takeRecord(reader: ByteReader, records: Map<string, readonly string[]>): void {
  const name = takeTupleSize(reader) === 2 ? takeAtom(reader) : null;
  if (name === null) fail(reader, "a record without a name");
  const fields: string[] = [];
  takeEach(reader, () => takeField(reader, fields));
  records.set(name ?? "", fields);
}

/** {record_field, Anno, {atom, Anno, Name}}, with a default behind it, or within {typed_record_field, Field, Type}. */
function takeField(reader: ByteReader, fields: string[]): void {
  let size = takeTupleSize(reader) ?? 0;
  let word = takeAtom(reader);
  const isTyped = word === "typed_record_field";
  if (isTyped) {
    size = takeTupleSize(reader) ?? 0;
    word = takeAtom(reader);
  }
  if (word !== "record_field") fail(reader, "a field of another kind");
  skipTerm(reader);
  if (takeTupleSize(reader) !== 3) fail(reader, "a field without a name");
  skipTerms(reader, 2);
  fields.push(takeAtom(reader) ?? "");
  skipTerms(reader, size - 3 + (isTyped ? 1 : 0));
}

/** {elixir_v1, Map, Specs}: a module's struct counts as its record, which has the module's name. */
function elixirFacts(reader: ByteReader): DebugFacts {
  if (takeTupleSize(reader) !== 3 || takeAtom(reader) !== "elixir_v1") return UNSEEN;
  const fields: string[] = [];
  let [name, hasStruct, hasOnLoad] = ["", false, false];
  takeValues(reader, (key) => {
    if (key === "module") name = takeAtom(reader) ?? "";
    else if (key === "struct") hasStruct = takeEach(reader, () => takeStructField(reader, fields));
    else if (key === "attributes")
      takeEach(reader, () => {
        hasOnLoad = isOnLoad(reader) || hasOnLoad;
      });
    else skipTerm(reader);
  });
  return { records: hasStruct ? new Map([[name, fields]]) : null, hasOnLoad };
}

/** #{field => Name, default => _, required => _}, since Elixir 1.14. */
function takeStructField(reader: ByteReader, fields: string[]): void {
  takeValues(reader, (key) => {
    if (key === "field") fields.push(takeAtom(reader) ?? "");
    else skipTerm(reader);
  });
}

function isOnLoad(reader: ByteReader): boolean {
  const size = takeTupleSize(reader) ?? 0;
  const name = size > 0 ? takeAtom(reader) : null;
  skipTerms(reader, size - 1);
  return name === "on_load";
}

function skipTerms(reader: ByteReader, count: number): void {
  for (let left = count; left > 0 && reader.error === null; left -= 1) skipTerm(reader);
}
