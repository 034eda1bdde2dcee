// Which hot upgrades the hosts of a fleet have on record, and how one that skips releases is made of them. Releases are named by
// their digests.
import type { ObservedApp, ObservedHost, Recorded } from "../runtime/observed.ts";

export type KnownSteps = {
  /** What became what while it ran, on some host. */
  made: readonly (readonly [from: string, to: string])[];
  /** What the host has on record that was changed last: whatever is wanted now was made to follow that. */
  latest: string | null;
  /** A record of each release. */
  records: ReadonlyMap<string, Recorded>;
};

/** It is the same for all hosts of a plan, and made of all their records. */
const known = new WeakMap<readonly ObservedHost[], Map<string, KnownSteps>>();

/** What hosts have on record of an app. */
export function knownSteps(name: string, observed: readonly ObservedHost[]): KnownSteps {
  const ofPlan = known.get(observed) ?? new Map<string, KnownSteps>();
  known.set(observed, ofPlan);
  const steps = ofPlan.get(name) ?? stepsOnRecord(name, observed);
  ofPlan.set(name, steps);
  return steps;
}

function stepsOnRecord(name: string, observed: readonly ObservedHost[]): KnownSteps {
  const apps = observed.flatMap((host) => host.apps.filter((app) => app.name === name));
  const records = apps.flatMap(({ recorded, history }) => (recorded === null ? history : [recorded, ...history]));
  const last = apps.reduce<ObservedApp | null>((best, app) => ((app.op ?? "") > (best?.op ?? "") ? app : best), null);
  const made = records.flatMap(({ hotFrom, digest }) => (hotFrom === undefined ? [] : [[hotFrom, digest] as const]));
  return {
    made: [...new Map(made.map((step) => [step.join(" "), step])).values()],
    latest: last?.recorded?.digest ?? null,
    records: new Map(records.map((record) => [record.digest, record])),
  };
}

/**
 * The releases between two, so that each step is known: all of them were made, or undone, somewhere; or they lead to what was changed
 * last, which the wanted one follows. Empty where the straight way is such a step; null where nothing known leads there.
 */
export function stepsBetween(from: string, to: string, { made, latest }: KnownSteps): readonly string[] | null {
  const undone = made.map(([one, other]) => [other, one] as const);
  const whole = path(from, to, [...made, ...undone]);
  if (whole !== null) return whole.slice(1, -1);
  if (latest === null || latest === from) return [];
  return path(from, latest, made)?.slice(1) ?? null;
}

/** The shortest. */
function path(from: string, to: string, steps: KnownSteps["made"]): readonly string[] | null {
  const paths = new Map([[from, [from]]]);
  for (const [at, here] of paths) {
    if (at === to) return here;
    for (const [one, other] of steps) if (one === at && !paths.has(other)) paths.set(other, [...here, other]);
  }
  return null;
}
