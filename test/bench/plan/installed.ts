import { plan } from "../../../src/plan/plan.ts";
import type { Apps } from "../../../src/plan/wanted-problems.ts";
import type { ObservedApp } from "../../../src/runtime/observed.ts";
import { applied } from "../../property/model.ts";
import { inputFor } from "../../property/wanted.ts";

/** What a host answers of these apps when they are on it as they are wanted. */
export function installed(apps: Apps): ObservedApp[] {
  const hosts = inputFor(new Map())
    .hosts.slice(0, 1)
    .map((host) => ({ ...host, labels: { fleet: "shop" } }));
  const bare = hosts.map(({ name }) => ({ host: name, machineId: name, supervisor: "system" as const, apps: [] }));
  // One by one: the model's work grows with the square of a host's apps.
  return [...apps].flatMap(([name, app]) => {
    const alone = new Map([[name, { ...app, spec: { ...app.spec, hosts: null } }]]);
    const there = applied(bare, plan(inputFor(alone, { hosts, observed: bare })));
    return there.flatMap((host) =>
      host.apps.map((each) => ({ ...each, recorded: each.recorded && { ...each.recorded, spec: app.spec } })),
    );
  });
}
