// Fleets of n apps and n hosts in a few situations: the specs read by the real parser, what is on record as a plan records it.
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import type { Apps } from "../../../src/plan/wanted-problems.ts";
import type { ObservedApp } from "../../../src/runtime/observed.ts";
import type { Host } from "../../../src/spec/host.ts";
import { selects } from "../../../src/spec/host-selection.ts";
import { readSpecs } from "../../../src/spec/read-specs.ts";
import { inputFor } from "../../property/wanted.ts";
import { treeOf } from "../../unit/spec/reading.ts";
import { installed } from "./installed.ts";
import { specFiles } from "./spec-files.ts";

export const SITUATIONS = {
  unchanged: "all apps on all hosts, nothing to do",
  apart: "the same, each host's answers values of its own",
  upgraded: "the same, one app to upgrade everywhere",
  new: "all apps to deploy to all hosts",
  "ten-hosts": "each app on ten hosts, all to upgrade",
  named: "each app on ten hosts, all to deploy, each spec names its host",
} as const;

export type Situation = keyof typeof SITUATIONS;

export function appsOf(files: Readonly<Record<string, string>>): Apps {
  const { apps, problems } = readSpecs(treeOf(files), "apps", "production");
  if (problems.length > 0) throw new Error(JSON.stringify(problems[0]));
  return apps;
}

const hostsOf = (size: number): Host[] =>
  Array.from({ length: size }, (_, index) => ({
    name: `web${index}`,
    address: `192.0.2.${index}`,
    port: 22,
    user: "deploy",
    root: "/opt/releases",
    labels: { fleet: "shop", group: `g${Math.floor(index / 10)}` },
  }));

/** All that plan() gets. */
export function inputOf(situation: Situation, size: number): PlanInput {
  const hosts = hostsOf(size);
  const isNew = situation === "new" || situation === "named";
  const files = {
    size,
    isEverywhere: situation !== "ten-hosts" && situation !== "named",
    site: situation === "named" ? "{host}" : "shop",
  } as const;
  const previous: Apps = isNew ? new Map() : appsOf(specFiles({ ...files, upgraded: 0 }));
  const upgraded = situation === "ten-hosts" ? size : situation === "upgraded" ? 1 : 0;
  const desired = appsOf(specFiles({ ...files, upgraded }));

  const there = installed(previous);
  // A million records would need more memory than the runner has: what hosts answer alike is one value. `apart`: but for the record.
  const answerOf = (app: ObservedApp): ObservedApp => (situation === "apart" ? { ...app } : app);
  const observed = hosts.map((host) => {
    const apps = there.filter(({ recorded }) => selects(recorded?.spec.hosts ?? null, host)).map(answerOf);
    return { host: host.name, machineId: host.name, supervisor: "system" as const, apps };
  });
  // Every source is pinned: what is on record everywhere is not fetched.
  const fetched = [...inputFor(desired).artifacts].filter(
    ([name]) => desired.get(name)?.spec.version !== previous.get(name)?.spec.version,
  );
  return inputFor(desired, { hosts, previous, observed, artifacts: new Map(fetched) });
}
