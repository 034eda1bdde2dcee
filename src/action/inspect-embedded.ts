// Of embedded apps that may be upgraded hot: what the wanted version brings along, and what there is of it in each host's node.
import type { FetchedRelease } from "../artifact/fetch.ts";
import { embeddedInventory } from "../artifact/release-inventory.ts";
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";
import { parseEmbedded } from "../host/embedded-inspection.ts";
import type { EmbeddedApplication } from "../otp/embedded-upgrade.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import type { ObservedApp, ObservedHost } from "../runtime/observed.ts";
import { answersTo, type Look, type Session } from "./ask-nodes.ts";
import type { Wanted } from "./wanted.ts";

/** As inspectRunning. */
export async function inspectEmbedded(
  { desired, fleet }: Pick<Wanted, "desired"> & { fleet: Pick<Wanted["fleet"], "hosts"> },
  session: Session,
  { hosts, releases }: { hosts: readonly ObservedHost[]; releases: ReadonlyMap<string, FetchedRelease> },
): Promise<Pick<PlanInput, "inventories" | "embedded" | "uninspected">> {
  const inventories = new Map<string, ReleaseInventory>();
  const looks: Look<EmbeddedApplication>[] = [];
  const nodes = new Map(fleet.hosts.map(({ name, node }) => [name, node]));
  for (const { spec, document } of desired.values()) {
    const release = releases.get(spec.name);
    if (spec.strategy.type !== "hot" || spec.isolation !== "embedded" || release === undefined) continue;
    const candidates = hosts.flatMap(({ host, apps }) => {
      const node = nodes.get(host);
      const app = apps.find(({ name }) => name === spec.name);
      if (node === undefined || app === undefined || !mayBecome(app, release, node)) return [];
      return [{ host, node, version: app.running?.version ?? "" }];
    });
    if (candidates.length === 0) continue;
    const wanted = await embeddedInventory(spec.name, release).catch((error: Error) => {
      const facts = { url: release.file, detail: error.message };
      throw new Failure([problem("invalid_artifact", document.at(["source", "url"]), facts)], error);
    });
    inventories.set(spec.name, wanted);
    const alike = { app: spec.name, wanted, parse: parseEmbedded, answers: new Map() };
    looks.push(...candidates.map((candidate) => ({ ...candidate, ...alike })));
  }
  const { answers: embedded, uninspected } = await answersTo(looks, session);
  return { inventories, embedded, uninspected };
}

const mayBecome = ({ recorded, running }: ObservedApp, { digest }: FetchedRelease, node: string): boolean =>
  recorded?.node === node && running !== null && recorded.digest !== digest;
