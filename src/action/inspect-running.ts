// Of apps that may be upgraded hot: what the wanted release is made of, and what runs on each host.
import type { FetchedRelease } from "../artifact/fetch.ts";
import { embeddedInventory, releaseInventory, Unreadable } from "../artifact/release-inventory.ts";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { parseEmbedded } from "../host/embedded-inspection.ts";
import { parseInspection } from "../host/inspection.ts";
import type { EmbeddedApplication } from "../otp/embedded-upgrade.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import type { ObservedApp, ObservedHost } from "../runtime/observed.ts";
import { answersTo, type Look, type Session } from "./ask-nodes.ts";
import type { Wanted } from "./wanted.ts";

/**
 * Looks into those alone that have strategy hot, run, and have another release on record than is wanted; at all of them at once. A
 * host that can't be asked keeps nobody else from being planned, nor does a release that can't be read.
 */
export async function inspectRunning(
  { desired, fleet }: Pick<Wanted, "desired"> & { fleet: Pick<Wanted["fleet"], "hosts"> },
  session: Session,
  { hosts, releases }: { hosts: readonly ObservedHost[]; releases: ReadonlyMap<string, FetchedRelease> },
): Promise<Pick<PlanInput, "inventories" | "running" | "embedded" | "uninspected">> {
  const inventories = new Map<string, ReleaseInventory>();
  const vms: Look<ReleaseInventory>[] = [];
  const guests: Look<EmbeddedApplication>[] = [];
  const unread = new Map<string, Problem>();
  const known = new Map(fleet.hosts.map((host) => [host.name, host]));
  for (const { spec, document } of desired.values()) {
    const release = releases.get(spec.name);
    if (spec.strategy.type !== "hot" || release === undefined) continue;
    const isEmbedded = spec.isolation === "embedded";
    const candidates = hosts.flatMap(({ host, apps }) => {
      const place = known.get(host);
      const app = apps.find(({ name }) => name === spec.name);
      if (place === undefined || app === undefined) return [];
      const { node } = place;
      const version = app.running?.version ?? "";
      if (!isEmbedded) return mayBecome(app, release) ? [{ host, version }] : [];
      return node !== undefined && mayBecomeIn(node, app, release) ? [{ host, node, version }] : [];
    });
    if (candidates.length === 0) continue;
    // One after the other: each is there as a whole while it is read.
    const reading = isEmbedded ? embeddedInventory(spec.name, release) : releaseInventory(release);
    const wanted = await reading.catch((error: unknown) => {
      if (error instanceof Unreadable) return error.message;
      throw error;
    });
    if (typeof wanted === "string") {
      const facts = { url: "url" in spec.source ? spec.source.url : "", detail: wanted };
      const why = problem("invalid_artifact", document.at(["source", "url"]), facts);
      for (const { host } of candidates) unread.set(`${host}/${spec.name}`, why);
      continue;
    }
    inventories.set(spec.name, wanted);
    const alike = { app: spec.name, wanted, answers: new Map() };
    if (isEmbedded) guests.push(...candidates.map((it) => ({ ...it, ...alike, parse: parseEmbedded })));
    else vms.push(...candidates.map((it) => ({ ...it, ...alike, parse: parseInspection })));
  }

  const [ofVms, ofGuests] = await Promise.all([answersTo(vms, session), answersTo(guests, session)]);
  const uninspected = new Map([...unread, ...ofVms.uninspected, ...ofGuests.uninspected]);
  return { inventories, running: ofVms.answers, embedded: ofGuests.answers, uninspected };
}

const mayBecome = ({ recorded, running }: ObservedApp, { digest }: FetchedRelease): boolean =>
  recorded !== null &&
  running?.isUpgradable === true &&
  // Somebody may have made it another one by hand.
  (recorded.digest !== digest || running.release !== recorded.release);

const mayBecomeIn = (node: string, { recorded, running }: ObservedApp, { digest }: FetchedRelease): boolean =>
  recorded?.node === node && running !== null && recorded.digest !== digest;
