// plan(previous, desired, observed): a pure function. It says everything; what runs later adds nothing.
import type { ObservedApp } from "../runtime/observed.ts";
import { selects } from "../spec/host-selection.ts";
import { dependencyWaves } from "./dependency-waves.ts";
import { planDigest } from "./plan-digest.ts";
import type { PlanInput } from "./plan-input.ts";
import type { Plan, PlanItem } from "./plan-item.ts";
import { removalOf } from "./plan-removal.ts";
import { itemOf } from "./plan-wanted.ts";
import { dependenciesOf } from "./wanted-problems.ts";

export function plan(input: PlanInput): Plan {
  const waves = waveOf(input);
  const items = input.hosts.flatMap((host) => {
    const observed = input.observed.find((candidate) => candidate.host === host.name);
    const present = new Map(observed?.apps.map((app): [string, ObservedApp] => [app.name, app]));
    const wanted = [...input.desired.values()].filter(
      ({ spec }) => isChosen(input, spec.name) && selects(spec.hosts, host),
    );
    const wantedNames = new Set(wanted.map(({ spec }) => spec.name));
    return [
      ...wanted.map((app) => itemOf(input, app, host, present.get(app.spec.name))),
      ...[...present.values()]
        .filter((app) => isChosen(input, app.name) && !wantedNames.has(app.name))
        .flatMap((app) => removalOf(input, app, host)),
    ];
  });
  const ordered = items
    .map((item): PlanItem => ({ ...item, wave: waves(item) }))
    .sort((a, b) => a.wave - b.wave || (a.app < b.app ? -1 : a.app > b.app ? 1 : 0));
  return { schema: 1, environment: input.owner.environment, items: ordered, digest: planDigest(ordered) };
}

const isChosen = ({ only }: PlanInput, app: string): boolean => only === null || only.has(app);

/**
 * Removals come first, dependents before what they depend on as the previous commit said; then the wanted, dependencies first.
 * An app that moves is removed last: only when it is well where it goes.
 */
function waveOf({ previous, desired }: PlanInput): (item: PlanItem) => number {
  const wanted = numbersOf(dependenciesOf(desired));
  const removed = numbersOf(dependenciesOf(previous));
  const removalWaves = Math.max(0, ...removed.values()) + 1;
  const last = removalWaves + Math.max(0, ...wanted.values()) + 1;
  return ({ app, action }) => {
    if (action !== "remove") return removalWaves + (wanted.get(app) ?? 0);
    return desired.has(app) ? last : removalWaves - 1 - (removed.get(app) ?? 0);
  };
}

function numbersOf(dependencies: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const order = dependencyWaves(dependencies);
  // A cycle in the wanted state never comes here; one in an old commit leaves its removals unordered.
  const waves = "waves" in order ? order.waves : [];
  return new Map(waves.flatMap((names, wave) => names.map((name): [string, number] => [name, wave])));
}
