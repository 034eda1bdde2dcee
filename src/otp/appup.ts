// An application's .appup file (sasl, appup(4)): from which of its versions, and to which, there is a way.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { Instruction } from "./instruction.ts";
import { readInstruction } from "./read-instruction.ts";
import { listIn, textIn, tupleIn } from "./term-shape.ts";
import { type VersionExpression, versionExpression } from "./version-expression.ts";

export type Appup = {
  /** The version of the application that it comes with. */
  readonly version: string;
  readonly up: readonly Way[];
  readonly down: readonly Way[];
};

/** Of one version, or of all that a regular expression matches as a whole. */
type Way = { readonly versions: string | VersionExpression; readonly script: ErlangTerm };

/** Reads an appup, or says again why its file can't be read; an error is a sentence's end. */
export function readAppup(term: ErlangTerm | { error: string }): Appup | { error: string } {
  if ("error" in term) return { error: `can't be read: ${term.error}` };
  const [version, up, down, ...more] = tupleIn(term) ?? [];
  const text = textIn(version);
  if (text === null || !up || !down || more.length > 0)
    return { error: "holds no {Vsn, [{UpFromVsn, _}], [{DownToVsn, _}]}" };
  const [ups, downs] = [waysOf(up), waysOf(down)];
  if ("error" in ups) return ups;
  return "error" in downs ? downs : { version: text, up: ups.ways, down: downs.ways };
}

/** Entries of one direction; those of OTP have some 30. */
const MOST_WAYS = 200;

function waysOf(term: ErlangTerm): { ways: readonly Way[] } | { error: string } {
  const entries = listIn(term);
  if (entries === null) return { error: "holds no list of {Vsn, Instructions}" };
  if (entries.length > MOST_WAYS) return { error: `holds ${entries.length} entries, more than ${MOST_WAYS}` };
  const ways: Way[] = [];
  for (const entry of entries) {
    const way = wayOf(entry);
    if ("error" in way) return way;
    ways.push(way);
  }
  return { ways };
}

function wayOf(term: ErlangTerm): Way | { error: string } {
  const [version, script, ...more] = tupleIn(term) ?? [];
  if (!version || !script || more.length > 0) return { error: "holds an entry that is no {Vsn, Instructions}" };
  const versions = "binary" in version ? versionExpression(version.binary) : textIn(version);
  if (versions === null) return { error: "holds an entry whose version is neither text nor a regular expression" };
  return typeof versions === "object" && "error" in versions ? versions : { versions, script };
}

/** The instructions of the first entry for a version; null where there is none. */
export function instructionsFor(
  ways: readonly Way[],
  version: string,
): readonly Instruction[] | null | { error: string } {
  const way = ways.find(({ versions }) =>
    typeof versions === "string" ? versions === version : versions.isWhole(version),
  );
  return way === undefined ? null : scriptOf(way.script);
}

/** A list of instructions; a list within it, as macros leave it, is part of it. */
export function scriptOf(term: ErlangTerm): readonly Instruction[] | { error: string } {
  const items = listIn(term);
  if (items === null) return { error: "holds no list of instructions" };
  const script: Instruction[] = [];
  for (const item of items)
    for (const each of listIn(item) ?? [item]) {
      const read = readInstruction(each);
      if ("error" in read) return read;
      script.push(read);
    }
  return script;
}
