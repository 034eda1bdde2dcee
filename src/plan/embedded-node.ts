// The node that an embedded app goes into, as far as the plan depends on it.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { ObservedNode } from "../runtime/observed.ts";
import type { Target } from "../runtime/runtime.ts";
import type { Host } from "../spec/host.ts";
import { selects } from "../spec/host-selection.ts";
import type { Place } from "./places.ts";
import type { PlanInput } from "./plan-input.ts";
import type { Apps } from "./wanted-problems.ts";

/**
 * The app whose VM a host's node is: of one that runs it is seen; of one that does not, releases name their node after themselves
 * unless somebody has it otherwise. Undefined where none of these apps is.
 */
function nodesApp(apps: Apps, host: Host, seen: ObservedNode | null | undefined): string | undefined {
  const name = seen ? seen.app : host.node?.split("@")[0];
  const spec = apps.get(name ?? "")?.spec;
  return spec?.isolation === "vm" && selects(spec.hosts, host) ? spec.name : undefined;
}

/** An embedded app is changed when its node has been, whether its spec says so or not: of each app the apps that are its nodes. */
export function nodesOf({ hosts, observed }: PlanInput, apps: Apps): ReadonlyMap<string, readonly string[]> {
  const nodes = new Map(observed.map(({ host, node }) => [host, node]));
  return new Map(
    [...apps.values()].flatMap(({ spec }) => {
      if (spec.isolation !== "embedded") return [];
      const its = hosts.flatMap((host) =>
        selects(spec.hosts, host) ? (nodesApp(apps, host, nodes.get(host.name)) ?? []) : [],
      );
      return [[spec.name, [...new Set(its)]] as const];
    }),
  );
}

/**
 * What keeps an app from its node; null where nothing does. What is deployed before it may be that very node, and is there by
 * the time: whether it is, the host looks before it changes anything.
 */
export function nodeProblem(
  { desired }: PlanInput,
  { spec, node }: Target,
  { host, node: seen }: Place,
): Problem | null {
  if (spec.isolation !== "embedded") return null;
  const where = { in: "host", host: host.name, app: spec.name } as const;
  if (node === undefined) return problem("no_node", where, { host: host.name });
  if (seen !== null || spec.depends_on.length > 0 || nodesApp(desired, host, seen) !== undefined) return null;
  return problem("node_down", where, { node, detail: "no running VM has that name" });
}

/** Only of a VM that Beamline starts it knows what belongs into it. */
export function nodeWarnings({ spec, node }: Target, { node: seen }: Place): string[] {
  if (spec.isolation !== "embedded" || node === undefined) return [];
  if (seen === null) return [`${node} does not run yet: it must by the time`];
  return seen.app === null ? [`after a restart of ${node} it is gone until the next run`] : [];
}
