// Of apps that may be upgraded hot: what the wanted release is made of, and what runs on each host.
import type { FetchedRelease } from "../artifact/fetch.ts";
import { releaseInventory } from "../artifact/release-inventory.ts";
import { Failure } from "../core/failure.ts";
import type { Problem } from "../core/problem.ts";
import { problem, wordsOf } from "../core/problem.ts";
import type { HostClient } from "../host/client.ts";
import { knownDigests, parseInspection } from "../host/inspection.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import type { ObservedApp, ObservedHost } from "../runtime/observed.ts";
import type { Wanted } from "./wanted.ts";

/** The connections, of which nothing but this is asked here. */
type Session = { client(host: string): Pick<HostClient, "inspect"> };

/** One app on one host. */
type Look = {
  app: string;
  host: string;
  /** The version that runs. */
  version: string;
  wanted: ReleaseInventory;
  /** What hosts answered of this app so far: those that answer the same share one value, and what follows from it. */
  answers: Map<string, ReturnType<typeof parseInspection>>;
};

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
  const looks: Look[] = [];
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
    // One after the other: each is there as a whole while it is read.
    const wanted = await releaseInventory(release).catch((error: Error) => {
      const facts = { url: release.file, detail: error.message };
      throw new Failure([problem("invalid_artifact", document.at(["source", "url"]), facts)], error);
    });
    inventories.set(spec.name, wanted);
    const answers: Look["answers"] = new Map();
    looks.push(...candidates.map((candidate) => ({ ...candidate, app: spec.name, wanted, answers })));
  }

  const running = new Map<string, ReleaseInventory>();
  const uninspected = new Map<string, Problem>();
  await Promise.all(
    looks.map(async (look) => {
      const place = `${look.host}/${look.app}`;
      const seen = await answerTo(look, session);
      if (seen !== null && "error" in seen) uninspected.set(place, unanswered(look, seen));
      else if (seen !== null) running.set(place, seen);
    }),
  );
  return { inventories, running, uninspected };
}

const mayBecome = ({ recorded, running }: ObservedApp, { digest }: FetchedRelease): boolean =>
  recorded !== null && running?.isUpgradable === true && recorded.digest !== digest;

/** Why there is none, in words, and what was quoted of it. */
type Unanswered = { error: string; tail?: readonly string[] };

async function answerTo(
  { app, host, version, wanted, answers }: Look,
  session: Session,
): Promise<ReleaseInventory | Unanswered | null> {
  try {
    const lines = await session.client(host).inspect(app, knownDigests(wanted));
    const text = [version, ...lines].join("\n");
    const answer = answers.get(text) ?? parseInspection(lines, wanted, version);
    answers.set(text, answer);
    return answer;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const [first] = error.problems;
    return { error: wordsOf(first).message, tail: first.tail ?? [] };
  }
}

const unanswered = ({ host, app }: Look, { error, tail }: Unanswered): Problem =>
  problem("incomplete_inspection", { in: "host", host, app }, { why: error }, tail);
