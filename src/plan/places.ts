// The hosts as the planner looks at them, and what is there of each app.
import type { ObservedApp, ObservedNode, Supervisor } from "../runtime/observed.ts";
import type { HostSelector } from "../spec/app-spec.ts";
import type { Host } from "../spec/host.ts";
import { selects } from "../spec/host-selection.ts";
import type { PlanInput } from "./plan-input.ts";

/** A host with all that is true of it for every app. */
export type Place = {
  host: Host;
  /** Its place in the fleet's order. */
  index: number;
  supervisor: Supervisor;
  /** The node of the host that embedded apps go into; null where it does not run, or there is none. */
  node: ObservedNode | null;
  /** Hosts of one kind get the same item, but for their names, of an app of which they have nothing yet. */
  kind: string;
};

/** The hosts in the fleet's order. */
export function placesOf({ hosts, observed }: PlanInput): Place[] {
  const supervisors = new Map(observed.map(({ host, supervisor }) => [host, supervisor]));
  const nodes = new Map(observed.map(({ host, node = null }) => [host, node]));
  // The best that the host has, unless the fleet file says that nobody shall start apps again.
  const supervisorOn = (host: Host): Supervisor =>
    host.supervisor === "daemon" ? "daemon" : (supervisors.get(host.name) ?? "daemon");
  return hosts.map((host, index) => {
    const supervisor = supervisorOn(host);
    const node = nodes.get(host.name) ?? null;
    // What only tells hosts apart is left out; all else counts, so that a field that comes to hosts is not overlooked.
    const { name: _, address: __, port: ___, labels: ____, hostKey: _____, ...others } = host;
    return { host, index, supervisor, node, kind: JSON.stringify([supervisor, node, others]) };
  });
}

/** What a selector takes. A thousand apps choose their hosts in a few ways: each way is asked of each host once. */
export function choicesOf(places: readonly Place[]): (selector: HostSelector) => readonly boolean[] {
  const known = new Map<string, readonly boolean[]>();
  return (selector) => {
    const way = JSON.stringify(selector);
    const choice = known.get(way) ?? places.map(({ host }) => selects(selector, host));
    known.set(way, choice);
    return choice;
  };
}

/** What is there of each app, by the index of the host's place: an array with holes. */
export function presentApps({ hosts, observed }: PlanInput): Map<string, ObservedApp[]> {
  const answers = new Map(observed.map(({ host, apps }) => [host, apps]));
  const present = new Map<string, ObservedApp[]>();
  for (const [index, { name }] of hosts.entries())
    for (const app of answers.get(name) ?? []) {
      const row = present.get(app.name) ?? [];
      row[index] = app;
      present.set(app.name, row);
    }
  return present;
}
