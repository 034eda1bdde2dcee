// One .beam file: what of it decides how its module is upgraded. All of it is read, none is run.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { formatTerm } from "../spec/erlang-term.ts";
import type { Chunks } from "./beam-chunks.ts";
import { atomsOf, chunksOf, rowsOf } from "./beam-chunks.ts";
import { debugFacts } from "./debug-facts.ts";
import { readExternalTerm } from "./external-term.ts";
import type { ModuleFacts } from "./inventory.ts";
import { moduleDigest } from "./module-digest.ts";
import { readingBudget, spend } from "./reading-budget.ts";

export type BeamModule = ModuleFacts & { readonly name: string };

/** Callbacks of processes and of those who start them (gen_server(3), gen_statem(3), gen_event(3), sys(3), application(3)). */
const TELLING: ReadonlySet<string> = new Set([
  "init/1",
  "code_change/3",
  "code_change/4",
  "system_code_change/4",
  "system_continue/3",
  "handle_call/3",
  "handle_cast/2",
  "handle_event/2",
  "handle_event/3",
  "handle_event/4",
  "handle_sync_event/4",
  "callback_mode/0",
  "start/2",
  "config_change/3",
]);

/** Reads one module; an error is a sentence's end: `it is no BEAM file`. */
export function readBeam(file: Uint8Array, budget = readingBudget()): BeamModule | { error: string } {
  const chunks = chunksOf(file, budget);
  if ("error" in chunks) return chunks;
  const missing = ["Code", "StrT", "ImpT", "ExpT"].find((it) => !chunks.has(it));
  if (missing !== undefined) return { error: `it has no chunk ${missing}` };
  const atoms = atomsOf(chunks);
  if ("error" in atoms) return atoms;
  const [imports, exports] = [functionsOf(chunks, "ImpT"), functionsOf(chunks, "ExpT")];
  if ("error" in imports) return { error: `its imports: ${imports.error}` };
  if ("error" in exports) return { error: `its exports: ${exports.error}` };
  const attributes = attributesOf(chunks);
  if ("error" in attributes) return { error: `its attributes: ${attributes.error}` };

  const nameOf = (index: number): string => atoms[index - 1] ?? "";
  const name = nameOf(1);
  const { records, hasOnLoad } = debugFacts(chunks, budget);
  const facts = {
    name,
    md5: moduleDigest(chunks),
    behaviours: behavioursOf(attributes),
    exports: exports
      .flatMap(([it, arity]) => {
        const told = `${nameOf(it)}/${arity}`;
        return TELLING.has(told) ? [told] : [];
      })
      .sort(),
    calls: [...new Set(imports.map(([it]) => nameOf(it)))].filter((it) => it !== name).sort(),
    isNative: hasOnLoad || imports.some((it) => nameOf(it[0]) === "erlang" && nameOf(it[1]) === "load_nif"),
    vsn: vsnOf(attributes),
    records,
  };
  spend(budget, "facts", countOf(facts));
  return budget.over === null ? facts : { error: budget.over };
}

const countOf = ({ behaviours, exports, calls, records }: ModuleFacts): number =>
  Array.from(records?.values() ?? [], (fields) => fields.length + 1).reduce(
    (all, it) => all + it,
    behaviours.length + exports.length + calls.length,
  );

const functionsOf = (chunks: Chunks, name: string): ReturnType<typeof rowsOf> =>
  rowsOf(chunks.get(name) ?? new Uint8Array());

type Attribute = { readonly key: string; readonly value: ErlangTerm };

/** None where they are stripped. One that can't be written down (a fun, say) is one that decides nothing. */
function attributesOf(chunks: Chunks): readonly Attribute[] | { error: string } {
  const chunk = chunks.get("Attr");
  if (chunk === undefined) return [];
  const read = readExternalTerm(chunk);
  if ("error" in read) return read;
  const pairs = "list" in read.term ? read.term.list : [];
  return pairs.flatMap((pair) => {
    const [key, value] = "tuple" in pair ? pair.tuple : [];
    return key !== undefined && "atom" in key && value !== undefined ? [{ key: key.atom, value }] : [];
  });
}

const behavioursOf = (attributes: readonly Attribute[]): string[] =>
  attributes
    .filter(({ key }) => key === "behaviour" || key === "behavior")
    .flatMap(({ value }) => ("list" in value ? value.list : []))
    .flatMap((it) => ("atom" in it ? [it.atom] : []));

/** As release_handler reads it: the text that it is, or the only element of the list, or the list. */
function vsnOf(attributes: readonly Attribute[]): string | null {
  const value = attributes.find(({ key }) => key === "vsn")?.value;
  if (value === undefined) return null;
  if ("charlist" in value && !/^[\x20-\x7e\xa0-\xff\t\r\n]+$/.test(value.charlist)) {
    const codes = Array.from(value.charlist, (it) => String(it.charCodeAt(0)));
    return codes.length === 1 ? (codes[0] ?? null) : `[${codes.join(",")}]`;
  }
  const only = "list" in value && value.list.length === 1 ? value.list[0] : undefined;
  return formatTerm(only ?? value);
}
