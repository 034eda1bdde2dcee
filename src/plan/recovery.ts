// What a plan goes back to where it does not lie on its host any more as it was: it is sent again, from what git names.
import type { ObservedApp, ObservedHost, Recorded } from "../runtime/observed.ts";
import type { Action } from "../runtime/transaction.ts";
import type { PlanItem } from "./plan-item.ts";
import type { Artifact } from "./release-target.ts";

/** A record as git has it, with its release; or why that can't be had. */
export type Recovery = { record: Recorded; artifact: Artifact } | { refused: string };

export type Place = { host: string; app: string };

/** By `recoveryKey`: what was looked for so far. */
export type Recoveries = ReadonlyMap<string, Recovery>;

export const recoveryKey = ({ host, app }: Place, { digest, commit }: Recorded): string =>
  JSON.stringify([host, app, digest, commit]);

/** Whether release and configuration of a record still lie on the host, as far as its mark tells. */
export const isStillThere = ({ release, digest, config }: Recorded, { releases, configs }: ObservedApp): boolean =>
  configs.includes(config) && releases.some((each) => each.directory === release && each.digest === digest);

/** A release that an item starts as it lies on its host. */
export type Lying = Place & { directory: string; digest: string };

/** Those that are started since what ran is gone or was wrong: nothing else would tell before it is too late that they are damaged. */
export function lyingReleases(items: readonly PlanItem[]): Lying[] {
  return items.flatMap(({ host, app, cause, unmet, transaction }) => {
    if (transaction === null || (unmet === null && cause !== "drift" && cause !== "rollback")) return [];
    const actions = transaction.steps.map(({ action }) => action);
    const named = (verbs: readonly Action["verb"][]) =>
      new Set(
        actions.flatMap((action) => ("release" in action && verbs.includes(action.verb) ? [action.release] : [])),
      );
    const [staged, started] = [named(["stage"]), named(["start", "embed"])];
    return actions.flatMap((action) =>
      (action.verb === "preflight" || action.verb === "embeddable") &&
      started.has(action.release) &&
      !staged.has(action.release)
        ? [{ host, app, directory: action.release, digest: action.digest }]
        : [],
    );
  });
}

/** What was observed, with these as what they are: nobody's whole release. */
export const withDamaged = (observed: readonly ObservedHost[], damaged: readonly Lying[]): readonly ObservedHost[] =>
  observed.map((host) => {
    const here = damaged.filter((it) => it.host === host.host);
    if (here.length === 0) return host;
    const isDamaged = (app: string, directory: string): boolean =>
      here.some((it) => it.app === app && it.directory === directory);
    const apps = host.apps.map((app) => ({
      ...app,
      releases: app.releases.map((it) => (isDamaged(app.name, it.directory) ? { ...it, digest: null } : it)),
    }));
    return { ...host, apps };
  });
