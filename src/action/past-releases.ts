// What apps were wanted as before, of those whose hot upgrade skips versions: by way of these it may go step by step.
import { mkdir } from "node:fs/promises";
import type { FetchedRelease } from "../artifact/fetch.ts";
import { fetchRelease } from "../artifact/fetch.ts";
import { releaseInventory } from "../artifact/release-inventory.ts";
import { Failure } from "../core/failure.ts";
import { wordsOf } from "../core/problem.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import { between } from "../otp/known-path.ts";
import { isLeapFrom } from "../plan/in-place.ts";
import type { PastRelease, PlanInput } from "../plan/plan-input.ts";
import { notCarriedOut } from "../runtime/not-carried-out.ts";
import type { SourcedSpec } from "../spec/parse-app.ts";
import { readSpecs } from "../spec/read-specs.ts";
import { specDigest } from "../spec/spec-digest.ts";
import { specFilesOf } from "../spec/spec-files.ts";
import type { Wanted } from "./wanted.ts";

/** How many commits of an app are looked through: who lags further behind starts anew. */
const COMMITS = 20;

type Given = Pick<PlanInput, "inventories" | "running"> & {
  environment: string;
  workspace: string;
  downloads: string;
  say: (line: string) => void;
};

type Had = { artifact: FetchedRelease; inventory: ReleaseInventory };

/** By app, the oldest first; and all that was fetched for it. */
export async function pastReleases(
  wanted: Wanted,
  given: Given,
): Promise<{ past: Map<string, readonly PastRelease[]>; fetched: FetchedRelease[] }> {
  const past = new Map<string, readonly PastRelease[]>();
  const fetched: FetchedRelease[] = [];
  for (const app of wanted.desired.values()) {
    const lagging = versionsBefore(app, wanted, given);
    if (lagging.size === 0) continue;
    const history = await historyOf(app, wanted, given.environment);
    const versions = history.map(({ spec }) => spec.version);
    const needed = new Set([...lagging].flatMap((version) => between(versions, version, app.spec.version)));
    const releases = await Promise.all(
      history.map((it, index) => (needed.has(index) ? had(it, `${app.spec.name}-${index}`, given) : null)),
    );
    if (needed.size === 0) continue;
    fetched.push(...releases.flatMap((it) => it?.artifact ?? []));
    past.set(
      app.spec.name,
      history.map(({ spec }, index) => ({
        version: spec.version,
        specDigest: specDigest(spec),
        release: releases[index] ?? null,
      })),
    );
  }
  return { past, fetched };
}

/** The versions that run somewhere and are not those that the wanted one is known to follow. */
function versionsBefore(
  { spec: { name, strategy, isolation, version } }: SourcedSpec,
  { fleet }: Pick<Wanted, "fleet">,
  { inventories, running }: Given,
): Set<string> {
  const release = inventories.get(name);
  if (strategy.type !== "hot" || isolation === "embedded" || release === undefined) return new Set();
  const found = new Set(fleet.hosts.flatMap(({ name: host }) => running.get(`${host}/${name}`) ?? []));
  return new Set(
    [...found].flatMap((it) => (it.version !== version && isLeapFrom(it, release, strategy) ? [it.version] : [])),
  );
}

/** An app as each version that it was wanted in, the oldest first; the wanted one only where it was left in between. */
async function historyOf(
  { spec, document }: SourcedSpec,
  { repository, commit, folder }: Wanted,
  environment: string,
): Promise<SourcedSpec[]> {
  const place = document.file.split("/").slice(0, -1).join("/");
  const wantedIn = (paths: readonly string[]): string[] => specFilesOf(paths, folder, environment);
  const history: SourcedSpec[] = [];
  for (const each of await repository.commitsOf(place, commit, COMMITS)) {
    const tree = await repository.tree(each, place, wantedIn);
    const app = readSpecs(tree, folder, environment).apps.get(spec.name);
    // A spec that was wrong then was never deployed.
    if (app !== undefined && app.spec.version !== (history[0]?.spec ?? spec).version) history.unshift(app);
  }
  return history;
}

/** Null where it can't be had any more, which is said: then nothing leads through it. */
async function had(app: SourcedSpec, place: string, { workspace, downloads, say }: Given): Promise<Had | null> {
  if (notCarriedOut(app).length > 0) return null;
  const { name, version } = app.spec;
  try {
    const directory = `${downloads}/${place}`;
    await mkdir(directory);
    const artifact = await fetchRelease(app, workspace, directory);
    return { artifact, inventory: await releaseInventory(artifact) };
  } catch (error) {
    const why = error instanceof Failure ? wordsOf(error.problems[0]).message : (error as Error).message;
    say(`${name} ${version} is between what runs and what is wanted, and can't be had any more: ${why}`);
    return null;
  }
}
