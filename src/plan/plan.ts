// plan(previous, desired, observed): a pure function. It says everything; what runs later adds nothing.
import { dependencyWaves } from "./dependency-waves.ts";
import { nodesOf } from "./embedded-node.ts";
import { reachOf } from "./host-changes.ts";
import { choicesOf, placesOf, presentApps } from "./places.ts";
import { itemsOfApp } from "./plan-app.ts";
import { planDigest } from "./plan-digest.ts";
import type { PlanInput } from "./plan-input.ts";
import type { Plan, PlanItem } from "./plan-item.ts";
import { guarded } from "./removal-guard.ts";
import { wantedApp } from "./wanted-app.ts";
import { dependenciesOf } from "./wanted-problems.ts";

export function plan(input: PlanInput): Plan {
  const [places, present] = [placesOf(input), presentApps(input)];
  const [choice, waves] = [choicesOf(places), wavesOf(input)];
  // App by app, not host by host: what is true of an app is worked out once, and only apps need sorting, not items.
  const turns = [...new Set([...input.desired.keys(), ...present.keys()])]
    .filter((name) => input.only === null || input.only.has(name))
    .flatMap((name) => {
      const wave = waves(name);
      const sourced = input.desired.get(name);
      const app = sourced && wantedApp(input, sourced, { wave: wave.wanted, isOn: choice(sourced.spec.hosts) });
      const { wanted, removed } = itemsOfApp(input, app, places, present.get(name) ?? []);
      return [
        { name, wave: wave.wanted, items: wanted },
        { name, wave: wave.removed, items: removed.map((item) => ({ ...item, wave: wave.removed })) },
      ];
    });
  const all = turns.sort((a, b) => a.wave - b.wave || (a.name < b.name ? -1 : 1)).flatMap((turn) => turn.items);
  return planOf(input, input.maxRemovals === undefined ? all : guarded(input, all, input.maxRemovals));
}

/** A plan of these items. */
export function planOf({ owner: { environment }, hosts, hostChanges }: PlanInput, items: readonly PlanItem[]): Plan {
  const named = new Set<string>();
  for (const { host } of items) {
    named.add(host);
    // There may be a million items, and most plans have some for every host.
    if (named.size === hosts.length) break;
  }
  const reached = hosts.filter(({ name }) => named.has(name)).map(reachOf);
  const digest = planDigest(environment, reached, items);
  return { schema: 1, environment, hosts: reached, hostChanges, items, digest };
}

/**
 * Removals come first, dependents before what they depend on as the previous commit said; then the wanted, dependencies first.
 * An app that moves is removed last: only when it is well where it goes. Where several leave, dependents leave first.
 */
function wavesOf(input: PlanInput): (app: string) => { wanted: number; removed: number } {
  const { previous, desired } = input;
  const wanted = numbersOf(dependenciesOf(desired), nodesOf(input, desired));
  const removed = numbersOf(dependenciesOf(previous), nodesOf(input, previous));
  const removalWaves = Math.max(0, ...removed.values()) + 1;
  const last = removalWaves + 2 * Math.max(0, ...wanted.values()) + 1;
  return (app) => ({
    wanted: removalWaves + (wanted.get(app) ?? 0),
    removed: desired.has(app) ? last - (wanted.get(app) ?? 0) : removalWaves - 1 - (removed.get(app) ?? 0),
  });
}

type Dependencies = ReadonlyMap<string, readonly string[]>;

/** `besides`: what should come first where that makes no cycle. */
function numbersOf(dependencies: Dependencies, besides: Dependencies): Map<string, number> {
  const all = new Map([...dependencies].map(([name, its]) => [name, [...its, ...(besides.get(name) ?? [])]]));
  const wished = dependencyWaves(all);
  const order = "waves" in wished ? wished : dependencyWaves(dependencies);
  // A cycle in the wanted state never comes here; one in an old commit leaves its removals unordered.
  const waves = "waves" in order ? order.waves : [];
  return new Map(waves.flatMap((names, wave) => names.map((name): [string, number] => [name, wave])));
}
