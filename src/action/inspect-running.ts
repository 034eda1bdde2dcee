// Of apps that may be upgraded hot: what the wanted release is made of, and what runs on each host.
import type { FetchedRelease } from "../artifact/fetch.ts";
import { releaseInventory } from "../artifact/release-inventory.ts";
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";
import { parseInspection } from "../host/inspection.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import type { ObservedApp, ObservedHost } from "../runtime/observed.ts";
import { answersTo, type Look, type Session } from "./ask-nodes.ts";
import type { Wanted } from "./wanted.ts";

/**
 * Looks into those alone that have strategy hot, run, and have another release on record than is wanted; at all of them at once. A
 * host that can't be asked keeps nobody else from being planned.
 */
export async function inspectRunning(
  { desired, fleet }: Pick<Wanted, "desired"> & { fleet: Pick<Wanted["fleet"], "hosts"> },
  session: Session,
  { hosts, releases }: { hosts: readonly ObservedHost[]; releases: ReadonlyMap<string, FetchedRelease> },
): Promise<Pick<PlanInput, "inventories" | "running" | "uninspected">> {
  const inventories = new Map<string, ReleaseInventory>();
  const looks: Look<ReleaseInventory>[] = [];
  const names = new Set(fleet.hosts.map(({ name }) => name));
  for (const { spec, document } of desired.values()) {
    const release = releases.get(spec.name);
    if (spec.strategy.type !== "hot" || spec.isolation !== "vm" || release === undefined) continue;
    const candidates = hosts.flatMap(({ host, apps }) =>
      apps.flatMap((app) =>
        app.name === spec.name && names.has(host) && mayBecome(app, release)
          ? [{ host, version: app.running?.version ?? "" }]
          : [],
      ),
    );
    if (candidates.length === 0) continue;
    // One after the other: each is there as a whole while it is read.
    const wanted = await releaseInventory(release).catch((error: Error) => {
      const facts = { url: release.file, detail: error.message };
      throw new Failure([problem("invalid_artifact", document.at(["source", "url"]), facts)], error);
    });
    inventories.set(spec.name, wanted);
    const alike = { app: spec.name, wanted, parse: parseInspection, answers: new Map() };
    looks.push(...candidates.map((candidate) => ({ ...candidate, ...alike })));
  }

  const { answers: running, uninspected } = await answersTo(looks, session);
  return { inventories, running, uninspected };
}

const mayBecome = ({ recorded, running }: ObservedApp, { digest }: FetchedRelease): boolean =>
  recorded !== null &&
  running?.isUpgradable === true &&
  // Somebody may have made it another one by hand.
  (recorded.digest !== digest || running.release !== recorded.release);
