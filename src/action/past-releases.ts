// Releases that hot upgrades go through, since hosts that skip them would make a leap: those that other hosts have on record.
import { mkdir } from "node:fs/promises";
import type { FetchedRelease } from "../artifact/fetch.ts";
import { recordedRelease } from "../artifact/recorded-release.ts";
import { releaseInventory } from "../artifact/release-inventory.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import { hotAnswer } from "../plan/hot-answer.ts";
import { knownSteps, stepsBetween } from "../plan/known-steps.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import type { Recorded } from "../runtime/observed.ts";
import type { AppSpec } from "../spec/app-spec.ts";

type Seen = Pick<PlanInput, "desired" | "observed" | "inventories" | "running" | "artifacts">;

type Past = { version: string; artifact: FetchedRelease; inventory: ReleaseInventory };

/** By digest. One that can't be had any more is said, and left out. */
export async function pastReleases(
  seen: Seen,
  { workspace, downloads, say }: { workspace: string; downloads: string; say: (line: string) => void },
): Promise<Map<string, Past>> {
  const past = new Map<string, Past>();
  for (const { spec } of seen.desired.values()) {
    // One after the other: each is there as a whole while it is read.
    for (const record of passedBy(spec, seen)) {
      const { version, digest } = record;
      const directory = `${downloads}/${digest}`;
      await mkdir(directory, { recursive: true });
      const release = await recordedRelease(record, workspace, directory);
      if ("refused" in release)
        say(`${spec.name} ${version} is between what runs and what is wanted, and can't be had: ${release.refused}`);
      else past.set(digest, { version, artifact: release, inventory: await releaseInventory(release) });
    }
  }
  return past;
}

/** What some host would go through. */
function passedBy({ name, strategy, isolation }: AppSpec, seen: Seen): readonly Recorded[] {
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
  return [...new Set(digests)].flatMap((digest) => known.records.get(digest) ?? []);
}
