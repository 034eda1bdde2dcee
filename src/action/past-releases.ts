// Releases that hot upgrades go through, since hosts that skip them would make a leap: those that other hosts have on record.
import { mkdir } from "node:fs/promises";
import type { FetchedRelease } from "../artifact/fetch.ts";
import { recordedRelease } from "../artifact/recorded-release.ts";
import { releaseInventory, Unreadable } from "../artifact/release-inventory.ts";
import type { Sources } from "../artifact/sources.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import { hotAnswer } from "../plan/hot-answer.ts";
import { knownSteps, stepsBetween } from "../plan/known-steps.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import type { ObservedHost, Recorded } from "../runtime/observed.ts";
import type { AppSpec } from "../spec/app-spec.ts";
import type { Committed } from "./committed.ts";

type Seen = Pick<PlanInput, "desired" | "observed" | "inventories" | "running" | "artifacts">;

type Past = { version: string; artifact: FetchedRelease; inventory: ReleaseInventory };

type Given = { sources: Sources; downloads: string; say: (line: string) => void; committed: Committed };

/** By digest. One that can't be had any more is said, and left out. */
export async function pastReleases(seen: Seen, given: Given): Promise<Map<string, Past>> {
  const { say, committed } = given;
  const past = new Map<string, Past>();
  for (const { spec } of seen.desired.values()) {
    // One after the other: each is there as a whole while it is read.
    for (const digest of passedBy(spec, seen)) {
      const found = await foundIn(given, await believed(spec.name, digest, seen.observed, committed));
      if ("refused" in found)
        say(
          `${spec.name} ${found.version} is between what runs and what is wanted, and can't be had: ${found.refused}`,
        );
      else past.set(digest, found);
    }
  }
  return past;
}

type Refused = { version: string; refused: string };

async function foundIn({ sources, downloads }: Given, record: Recorded | Refused): Promise<Past | Refused> {
  if ("refused" in record) return record;
  const { version, digest } = record;
  const directory = `${downloads}/${digest}`;
  await mkdir(directory, { recursive: true });
  const artifact = await recordedRelease(record, sources, directory);
  if ("refused" in artifact) return { version, refused: artifact.refused };
  try {
    return { version, artifact, inventory: await releaseInventory(artifact) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    await sources.drop(artifact.file);
    return { version, refused: error.message };
  }
}

/** Of so many records of a release that differ at the most one is looked for that is true: hosts may have any number. */
const MOST_RECORDS = 20;

/** The first record of a release that is what git has. */
async function believed(
  app: string,
  digest: string,
  observed: readonly ObservedHost[],
  committed: Committed,
): Promise<Recorded | Refused> {
  const records = new Map<string, { host: string; record: Recorded }>();
  for (const { host, apps } of observed)
    for (const { name, recorded, history } of apps)
      for (const record of recorded === null ? history : [recorded, ...history])
        if (name === app && record.digest === digest)
          records.set(JSON.stringify([record.commit, record.version, record.release]), { host, record });
  let first: Refused | undefined;
  for (const { host, record } of [...records.values()].slice(0, MOST_RECORDS)) {
    const found = await committed(app, host, record);
    if (!("refused" in found)) return found;
    first ??= { version: record.version, refused: found.refused };
  }
  return first ?? { version: "", refused: "no host has it on record" };
}

/** The digests of what some host would go through. */
function passedBy({ name, strategy, isolation }: AppSpec, seen: Seen): readonly string[] {
  const { observed, running } = seen;
  const [wanted, artifact] = [seen.inventories.get(name), seen.artifacts.get(name)];
  if (strategy.type !== "hot" || isolation === "embedded" || wanted === undefined || artifact === undefined) return [];
  const known = knownSteps(name, observed);
  const digests = observed.flatMap(({ host, apps }) => {
    const runs = running.get(`${host}/${name}`);
    const recorded = apps.find((app) => app.name === name)?.recorded;
    const steps = recorded ? (stepsBetween(recorded.digest, artifact.digest, known) ?? []) : [];
    return steps.length > 0 && hotAnswer(runs, wanted, { strategy, through: [] }).isLeap ? steps : [];
  });
  return [...new Set(digests)];
}
