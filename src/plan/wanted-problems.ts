// What is wrong with a whole wanted state, beyond each file by itself. All of it is found before any host is touched.
import { didYouMean } from "../core/did-you-mean.ts";
import type { Problem } from "../core/problem.ts";
import { placeOf, problem } from "../core/problem.ts";
import type { Fleet } from "../spec/fleet.ts";
import { addressOf, type Host } from "../spec/host.ts";
import { hostSelectionProblems, selects } from "../spec/host-selection.ts";
import type { SourcedSpec } from "../spec/parse-app.ts";
import { dependencyWaves } from "./dependency-waves.ts";

export type Apps = ReadonlyMap<string, SourcedSpec>;

/** `secrets`: the names given to this run, or null where others than those may be known by the time. */
export function wantedProblems(
  apps: Apps,
  { hosts, proxies }: Pick<Fleet, "hosts" | "proxies">,
  given: {
    secrets: ReadonlySet<string> | null;
    /** Secrets that no app may have, with the input that each belongs to. */
    withheld?: ReadonlyMap<string, string>;
    /** Apps that this run is about; null is all. */
    only?: ReadonlySet<string> | null;
    /** Where a spec could not be read, what depends on it is not wrong for that. */
    areAllRead?: boolean;
  },
): Problem[] {
  const { secrets, withheld = new Map(), only = null, areAllRead = true } = given;
  const chosen: Apps = new Map([...apps].filter(([name]) => only === null || only.has(name)));
  return [
    ...(areAllRead ? dependencyProblems(apps) : []),
    ...[...apps.values()].flatMap((app) => hostSelectionProblems(app, hosts)),
    ...[...apps.values()].flatMap((app) => nodeProblems(app, hosts)),
    ...portProblems(apps, hosts),
    ...[...apps.values()].flatMap((app) => machineProblems(app, hosts)),
    ...[...apps.values()].flatMap((app) => proxyProblems(app, Object.keys(proxies))),
    ...secretProblems([...chosen.values()], secrets, withheld),
  ];
}

function dependencyProblems(apps: Apps): Problem[] {
  const unknown = [...apps.values()].flatMap(({ spec, document }) =>
    spec.depends_on.flatMap((dependency, index) =>
      apps.has(dependency)
        ? []
        : [
            problem("unknown_dependency", document.at(["depends_on", index]), {
              app: spec.name,
              dependency,
              suggestion: didYouMean(dependency, [...apps.keys()]),
            }),
          ],
    ),
  );
  const order = dependencyWaves(dependenciesOf(apps));
  if ("waves" in order) return unknown;
  const first = apps.get(order.cycle[0] ?? "");
  if (first === undefined) return unknown;
  return [...unknown, problem("dependency_cycle", first.document.at(["depends_on"]), { cycle: order.cycle })];
}

/** What each app depends on, by name. */
export const dependenciesOf = (apps: Apps): Map<string, readonly string[]> =>
  new Map([...apps].map(([name, { spec }]) => [name, spec.depends_on]));

/** Of all hosts that an embedded app is for, those that have no node. */
const nodeProblems = ({ spec, document }: SourcedSpec, hosts: readonly Host[]): Problem[] =>
  spec.isolation !== "embedded"
    ? []
    : hosts
        .filter((host) => host.node === undefined && selects(spec.hosts, host))
        .map(({ name }) =>
          document.has(["isolation"])
            ? problem("no_node", document.at(["isolation"]), { host: name })
            : problem("no_node", document.at(["source"]), { host: name, why: WHY_EMBEDDED }),
        );

const WHY_EMBEDDED = "this app is embedded, since its source.type is not release and isolation is not given";

function portProblems(apps: Apps, hosts: readonly Host[]): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, string>();
  const byPort = Map.groupBy(apps.values(), ({ spec }) => spec.health.port);
  for (const { spec, document } of apps.values()) {
    const { port } = spec.health;
    // Most ports are one app's alone, whatever the hosts.
    if (port === undefined || byPort.get(port)?.length === 1) continue;
    for (const host of hosts.filter((candidate) => selects(spec.hosts, candidate))) {
      const machine = addressOf(host);
      const other = taken.get(`${machine} ${port}`);
      taken.set(`${machine} ${port}`, spec.name);
      // The same app on two entries of one machine is told as that.
      if (other === undefined || other === spec.name) continue;
      const facts = { port, apps: [other, spec.name], host: host.name } as const;
      problems.push(problem("port_conflict", document.at(["health", "port"]), facts));
      break;
    }
  }
  return problems;
}

/** An app of its own VM on two roots of one machine. */
function machineProblems({ spec, document }: SourcedSpec, hosts: readonly Host[]): Problem[] {
  if (spec.isolation === "embedded") return [];
  const byMachine = Map.groupBy(
    hosts.filter((host) => selects(spec.hosts, host)),
    addressOf,
  );
  const path = document.has(["hosts"]) ? ["hosts"] : ["name"];
  return [...byMachine].flatMap(([address, [one, other]]) =>
    one === undefined || other === undefined
      ? []
      : [
          problem("twice_on_machine", document.at(path), {
            app: spec.name,
            hosts: [one.name, other.name],
            address,
          }),
        ],
  );
}

/** The lines of specs that are gone, of apps that others still depend on: `problems` names the others' lines. */
export const removedDependencies = (problems: readonly Problem[], previous: Apps): Problem[] =>
  problems.flatMap((of) => {
    const gone = of.code === "unknown_dependency" ? previous.get(of.facts.dependency) : undefined;
    if (of.code !== "unknown_dependency" || gone === undefined) return [];
    const facts = { app: of.facts.dependency, dependent: of.facts.app, place: placeOf(of.where) };
    return [problem("removed_dependency", gone.document.at(["name"]), facts)];
  });

/** A proxy that is named must be in the fleet file. */
function proxyProblems({ spec: { strategy }, document }: SourcedSpec, known: readonly string[]): Problem[] {
  if (strategy.type !== "blue-green" || typeof strategy.proxy !== "string" || known.includes(strategy.proxy)) return [];
  const facts = { proxy: strategy.proxy, suggestion: didYouMean(strategy.proxy, known) };
  return [problem("unknown_proxy", document.at(["strategy", "proxy"]), facts)];
}

/** Of specs, and of drafts of such, what is wrong with the secrets that they name. */
export function secretProblems(
  apps: readonly SourcedSpec[],
  secrets: ReadonlySet<string> | null,
  withheld: ReadonlyMap<string, string>,
): Problem[] {
  return apps.flatMap(({ spec, document }) =>
    Object.entries(spec.os_env).flatMap(([name, value]) => {
      if (!("secret" in value) || secrets?.has(value.secret)) return [];
      const { secret } = value;
      const [at, input] = [document.at(["os_env", name]), withheld.get(secret)];
      if (input !== undefined) return [problem("secret_withheld", at, { secret, input })];
      if (secrets === null) return [];
      return [problem("missing_secret", at, { secret, suggestion: didYouMean(secret, [...secrets]) })];
    }),
  );
}
