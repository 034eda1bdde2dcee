// Of apps that may be upgraded hot: what the wanted release is made of, and what runs on each host.
import type { FetchedRelease } from "../artifact/fetch.ts";
import { releaseInventory } from "../artifact/release-inventory.ts";
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";
import { knownDigests, parseInspection } from "../host/inspection.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import type { ObservedApp, ObservedHost } from "../runtime/observed.ts";
import type { FleetSession } from "./fleet-session.ts";
import type { Wanted } from "./wanted.ts";

/** Looks into those alone that have strategy hot, run, and have another release on record than is wanted. */
export async function inspectRunning(
  { desired, fleet }: Wanted,
  session: FleetSession,
  { hosts, releases }: { hosts: readonly ObservedHost[]; releases: ReadonlyMap<string, FetchedRelease> },
): Promise<Pick<PlanInput, "inventories" | "running">> {
  const inventories = new Map<string, ReleaseInventory>();
  const running = new Map<string, ReleaseInventory>();
  const names = new Set(fleet.hosts.map(({ name }) => name));
  for (const { spec, document } of desired.values()) {
    const release = releases.get(spec.name);
    if (spec.strategy.type !== "hot" || release === undefined) continue;
    const candidates = hosts.flatMap(({ host, apps }) =>
      apps.flatMap((app) =>
        app.name === spec.name && names.has(host) && mayBecome(app, release)
          ? [{ host, version: app.running?.version ?? "" }]
          : [],
      ),
    );
    if (candidates.length === 0) continue;
    const inventory = await releaseInventory(release).catch((error: Error) => {
      const facts = { url: release.file, detail: error.message };
      throw new Failure([problem("invalid_artifact", document.at(["source", "url"]), facts)], error);
    });
    inventories.set(spec.name, inventory);
    // Hosts that answer the same share one value, so that what follows from it is worked out once.
    const answers = new Map<string, ReleaseInventory | null>();
    await Promise.all(
      candidates.map(async ({ host, version }) => {
        const lines = await session.client(host).inspect(spec.name, knownDigests(inventory));
        const text = [version, ...lines].join("\n");
        const answer = answers.get(text) ?? parseInspection(lines, inventory, version);
        answers.set(text, answer);
        if (answer !== null) running.set(`${host}/${spec.name}`, answer);
      }),
    );
  }
  return { inventories, running };
}

const mayBecome = ({ recorded, running }: ObservedApp, { digest }: FetchedRelease): boolean =>
  recorded !== null && running?.isUpgradable === true && recorded.digest !== digest;
