import type { AppSpec } from "../spec/app-spec.ts";
import type { Host } from "../spec/host.ts";
import type { SourcedSpec } from "../spec/parse-app.ts";
import { secretsIn } from "../spec/secrets-in.ts";
import { specDigest } from "../spec/spec-digest.ts";
import { specOn } from "../spec/variables.ts";
import { configName } from "./config-name.ts";
import { fieldChanges } from "./field-changes.ts";
import type { PlanInput } from "./plan-input.ts";
import type { FieldChange } from "./plan-item.ts";

/** What is wanted of an app on one host. */
export type Wish = {
  spec: AppSpec;
  specDigest: string;
  /** Of what the base commit wanted; null where it had no such app. */
  previousDigest: string | null;
  config: string;
  /** Secrets that it names and this run was not given. */
  unknownSecrets: readonly string[];
  changesFrom(recorded: AppSpec | null): readonly FieldChange[];
};

/** An app with its waves and hosts. Its wish is the same on all of them unless hosts' names are filled in. */
export type WantedApp = SourcedSpec & {
  wave: number;
  /** Whether it is wanted on a host, by the index of the host's place. */
  isOn: readonly boolean[];
  wishOn(host: Host): Wish;
  /** What the base commit wanted; null where it had no such app. */
  previous: AppSpec | null;
  isVaried: boolean;
};

export function wantedApp(input: PlanInput, sourced: SourcedSpec, order: Pick<WantedApp, "wave" | "isOn">): WantedApp {
  const previous = input.previous.get(sourced.spec.name)?.spec;
  const wishOn = ({ name }: Pick<Host, "name">): Wish => {
    const spec = specOn(sourced.spec, name);
    return {
      spec,
      specDigest: specDigest(spec),
      previousDigest: previous === undefined ? null : specDigest(specOn(previous, name)),
      config: configName(spec, input.fingerprints),
      unknownSecrets: secretsIn([spec]).filter((name) => !input.fingerprints.has(name)),
      changesFrom: changesTo({ spec, document: sourced.document }),
    };
  };
  const isVaried = [sourced.spec, previous].some((spec) => spec !== undefined && specOn(spec, "any") !== spec);
  const more = { ...order, previous: previous ?? null, isVaried };
  if (isVaried) return { ...sourced, ...more, wishOn };
  // Worked out once an app, not once for each of its hosts.
  const wish = wishOn({ name: "any" });
  return { ...sourced, ...more, wishOn: () => wish };
}

/** The changed fields from what is on record, by its text: hosts mostly have the same on record. */
function changesTo(sourced: SourcedSpec): Wish["changesFrom"] {
  const known = new Map<string, readonly FieldChange[]>();
  return (recorded) => {
    const text = JSON.stringify(recorded);
    const changes = known.get(text) ?? fieldChanges(recorded, sourced);
    known.set(text, changes);
    return changes;
  };
}
