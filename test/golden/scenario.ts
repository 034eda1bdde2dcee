// A scenario's folder: two commits' files, the fleet (and what it was before, if it was otherwise), and what the hosts answer; from them a plan, by the real parsers.
// observed.json says per host why it did not answer, or which apps are there: `as` which commit they were deployed, with
// what is otherwise (`but`), whose they are (`by`), by which `commit`, and with what the desired spec failed here (`held`).
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { problem } from "../../src/core/problem.ts";
import { hostChanges } from "../../src/plan/host-changes.ts";
import { plan } from "../../src/plan/plan.ts";
import type { PlanInput } from "../../src/plan/plan-input.ts";
import type { Plan } from "../../src/plan/plan-item.ts";
import { type Apps, wantedProblems } from "../../src/plan/wanted-problems.ts";
import type { ObservedApp } from "../../src/runtime/observed.ts";
import { parseFleet } from "../../src/spec/fleet.ts";
import { readSpecs } from "../../src/spec/read-specs.ts";
import { specDigest } from "../../src/spec/spec-digest.ts";
import { applied } from "../property/model.ts";
import { inputFor } from "../property/wanted.ts";

const observedApp = z.strictObject({
  app: z.string(),
  as: z.enum(["previous", "desired"]),
  but: z.strictObject({ running: z.null().optional(), current: z.string().optional() }).optional(),
  by: z.strictObject({ repository: z.string(), environment: z.string() }).optional(),
  commit: z.literal("a newer one").optional(),
  held: z.string().optional(),
});
const observedFile = z.record(z.string(), z.union([z.string(), z.array(observedApp)]));

const COMMITS = { previous: "11111111aaaa0000", desired: "22222222bbbb0000", newer: "33333333cccc0000" };
const FINGERPRINTS = new Map([
  ["SECRET_KEY_BASE", "0a0b0c0d0e0f"],
  ["NEW_KEY_BASE", "1a1b1c1d1e1f"],
]);

function appsIn(folder: string, commit: string): Apps {
  const paths = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".yaml"))
    : [];
  const tree = { commit, paths, elsewhere: new Map(), read: (path: string) => readFileSync(join(folder, path)) };
  const { apps, problems, warnings } = readSpecs(tree, "apps", "production");
  if (problems.length + warnings.length > 0) throw new Error(JSON.stringify([problems, warnings]));
  return apps;
}

/** The plan of a scenario's folder. */
export function planOf(folder: string): Plan {
  const { fleet } = parseFleet("fleet.yaml", readFileSync(join(folder, "fleet.yaml"), "utf8"), "production");
  if (fleet === undefined) throw new Error(`${folder}/fleet.yaml is wrong`);
  const { hosts } = fleet;
  const before = join(folder, "previous/fleet.yaml");
  const old = existsSync(before) ? parseFleet(before, readFileSync(before, "utf8"), "production").fleet?.hosts : null;
  const commits = {
    previous: appsIn(join(folder, "previous"), COMMITS.previous),
    desired: appsIn(join(folder, "desired"), COMMITS.desired),
  };
  const problems = wantedProblems(commits.desired, fleet, { secrets: null });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));

  /** Each app as its commit's own plan left it on a host. */
  const left = (as: "previous" | "desired", app: string, host: string): ObservedApp => {
    const nothing = hosts.map(({ name }) => ({
      host: name,
      machineId: name,
      supervisor: "daemon" as const,
      apps: [],
    }));
    const given = { hosts, observed: nothing, commit: COMMITS[as], fingerprints: FINGERPRINTS };
    const there = applied(nothing, plan(inputFor(commits[as], given)));
    const found = there.find((each) => each.host === host)?.apps.find(({ name }) => name === app);
    if (found === undefined) throw new Error(`no ${app} on ${host} as ${as}`);
    return found;
  };
  const observe = (host: string, { app, as, but, by, commit, held }: z.infer<typeof observedApp>): ObservedApp => {
    const there = left(as, app, host);
    const spec = commits.desired.get(app)?.spec;
    const recorded = there.recorded && {
      ...there.recorded,
      ...(by && { owner: by }),
      ...(commit && { commit: COMMITS.newer }),
    };
    return {
      ...there,
      recorded,
      held: held === undefined || spec === undefined ? null : { specDigest: specDigest(spec), code: held },
      ...(but?.running === null && { running: null }),
      ...(but?.current && { current: but.current }),
    };
  };

  const file = observedFile.parse(JSON.parse(readFileSync(join(folder, "observed.json"), "utf8")));
  const observed: PlanInput["observed"] = Object.entries(file).flatMap(([host, apps]) =>
    typeof apps === "string"
      ? []
      : [
          {
            host,
            machineId: host,
            supervisor: "daemon" as const,
            apps: apps.map((each) => observe(host, each)),
          },
        ],
  );
  const silent = Object.entries(file).flatMap(([host, detail]) =>
    typeof detail === "string" ? [{ host, detail }] : [],
  );
  return plan(
    inputFor(commits.desired, {
      hosts,
      hostChanges: hostChanges(old ?? null, fleet),
      commit: COMMITS.desired,
      previous: commits.previous,
      observed,
      unobserved: new Map(
        silent.map(({ host, detail }) => [
          host,
          detail.startsWith("not contacted: ")
            ? problem("host_not_contacted", { in: "host", host }, { host, why: detail.slice(15) })
            : problem("host_unreachable", { in: "host", host }, { address: host, detail }),
        ]),
      ),
      fingerprints: FINGERPRINTS,
      ancestry: new Map([
        [COMMITS.previous, "older"],
        [COMMITS.newer, "newer"],
      ]),
    }),
  );
}
