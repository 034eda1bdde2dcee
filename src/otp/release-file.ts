// A release's .rel file (sasl, rel(4)).
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { ReadingBudget } from "./reading-budget.ts";
import { readTermFile } from "./term-file.ts";
import { atomIn, listIn, textIn, tupleIn } from "./term-shape.ts";

export type ReleaseFile = {
  readonly name: string;
  readonly version: string;
  readonly erts: string;
  /** In the order of the file. */
  readonly applications: readonly ReleasedApplication[];
};

export type ReleasedApplication = {
  readonly name: string;
  readonly version: string;
  readonly startType: string;
};

/** As many as no release has, and as hosts may name. */
export const MOST_APPLICATIONS = 2_000;

const START_TYPES: ReadonlySet<string> = new Set(["permanent", "transient", "temporary", "load", "none"]);

/** Reads a .rel file; an error is a sentence's end. */
export function readReleaseFile(bytes: Uint8Array, budget?: ReadingBudget): ReleaseFile | { error: string } {
  const read = readTermFile(bytes, budget);
  if ("error" in read) return read;
  const [tag, release, emulator, applications] = tupleIn(read.term) ?? [];
  const [name, version] = (tupleIn(release) ?? []).map(textIn);
  const [erts, ertsVersion] = tupleIn(emulator) ?? [];
  const number = textIn(ertsVersion);
  const released = listIn(applications)?.map(releasedApplication);
  if (atomIn(tag) !== "release" || atomIn(erts) !== "erts" || !name || !version || !number || !released)
    return { error: "it holds no {release, {Name, Vsn}, {erts, EVsn}, Applications}" };
  const known = released.filter((it) => it !== null);
  if (known.length < released.length)
    return { error: "it names an application without a version, or with an unknown type" };
  if (known.length > MOST_APPLICATIONS)
    return { error: `it names ${known.length} applications, more than ${MOST_APPLICATIONS}` };
  const names = new Set<string>();
  const twice = known.find((it) => names.size === names.add(it.name).size);
  if (twice) return { error: `it names ${twice.name} twice` };
  return { name, version, erts: number, applications: known };
}

/** {Application, Vsn}, with a type or with included applications behind it, or with both. */
function releasedApplication(term: ErlangTerm): ReleasedApplication | null {
  const [application, version, ...more] = tupleIn(term) ?? [];
  const [name, text] = [atomIn(application), textIn(version)];
  const startType = atomIn(more[0]) ?? "permanent";
  return name !== null && text && START_TYPES.has(startType) ? { name, version: text, startType } : null;
}
