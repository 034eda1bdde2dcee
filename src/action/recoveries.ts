// A plan that starts again what lies on a host asks first whether it is still what was unpacked there. What is not, or is gone, is
// had again from what git names: an app that is down must not stay down for a damaged file.
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { FetchedRelease } from "../artifact/fetch.ts";
import { recordedRelease } from "../artifact/recorded-release.ts";
import type { Sources } from "../artifact/sources.ts";
import { Failure } from "../core/failure.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import type { Plan } from "../plan/plan-item.ts";
import { lostTargets } from "../plan/plan-rollback.ts";
import { isStillThere, type Lying, lyingReleases, type Place, type Recovery, recoveryKey } from "../plan/recovery.ts";
import type { Recorded } from "../runtime/observed.ts";
import type { Committed } from "./committed.ts";
import type { FleetSession } from "./fleet-session.ts";
import type { Inputs } from "./inputs.ts";

/** Of the releases that a plan starts as they lie there, those that are damaged. A host that does not say so now says it later. */
export async function damagedReleases({ items }: Plan, session: Pick<FleetSession, "client">): Promise<Lying[]> {
  const asked = Map.groupBy(lyingReleases(items), ({ host, app }) => JSON.stringify([host, app]));
  const answers = await Promise.all(
    [...asked.values()].map(async (releases) => {
      const [{ host, app } = { host: "", app: "" }] = releases;
      try {
        const damaged = await session.client(host).damaged(app, releases);
        return releases.filter(({ directory }) => damaged.includes(directory));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return [];
      }
    }),
  );
  return answers.flat();
}

/** What a plan goes back to, and does not lie there. */
export function lostRecords(
  { items }: Plan,
  input: PlanInput,
  { command, version }: Pick<Inputs, "command" | "version">,
): (Place & { record: Recorded })[] {
  if (command === "rollback") {
    const tried = new Set(items.filter((it) => it.transaction ?? it.blocked).map(({ host, app }) => `${host}/${app}`));
    return lostTargets(input, version).filter(({ host, app }) => tried.has(`${host}/${app}`));
  }
  return items.flatMap(({ host, app, unmet, transaction }) => {
    if (unmet === null || transaction === null) return [];
    const present = input.observed.find((it) => it.host === host)?.apps.find(({ name }) => name === app);
    const record = present?.recorded;
    return !present || !record || isStillThere(record, present) ? [] : [{ host, app, record }];
  });
}

/** Each from git at its commit; hosts that lost the same share a release. */
export async function recoveriesOf(
  lost: readonly (Place & { record: Recorded })[],
  given: { committed: Committed; sources: Sources; downloads: string },
): Promise<{ recoveries: Map<string, Recovery>; releases: FetchedRelease[] }> {
  const recoveries = new Map<string, Recovery>();
  const releases = new Map<string, FetchedRelease | { refused: string }>();
  for (const place of lost) {
    const record = await given.committed(place.app, place.host, place.record);
    const key = recoveryKey(place, place.record);
    if ("refused" in record) {
      recoveries.set(key, record);
      continue;
    }
    const of = JSON.stringify([record.digest, record.spec.source, record.version]);
    const directory = await mkdtemp(join(given.downloads, "recovered-"));
    const artifact = releases.get(of) ?? (await recordedRelease(record, given.sources, directory));
    releases.set(of, artifact);
    recoveries.set(key, "refused" in artifact ? artifact : { record, artifact });
  }
  return { recoveries, releases: [...releases.values()].flatMap((it) => ("refused" in it ? [] : [it])) };
}
