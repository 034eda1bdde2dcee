// Releases that hosts lack. Where the specs already tell that one is new it is under way while the hosts are still looked at.
import type { FetchedRelease } from "../artifact/fetch.ts";
import { fetchRelease } from "../artifact/fetch.ts";
import type { Sources } from "../artifact/sources.ts";
import { Failure } from "../core/failure.ts";
import type { Problem } from "../core/problem.ts";
import { sortedProblems } from "../core/problem.ts";
import { isSameSource, needsArtifact } from "../plan/release-target.ts";
import type { ObservedHost } from "../runtime/observed.ts";
import { selects } from "../spec/host-selection.ts";
import type { SourcedSpec } from "../spec/parse-app.ts";
import type { Inputs } from "./inputs.ts";
import type { Wanted } from "./wanted.ts";

/** Apps of which some host may lack the wanted release. */
export const appsWithoutRelease = (
  { desired, fleet }: Wanted,
  observed: readonly ObservedHost[],
  only: Inputs["apps"],
): SourcedSpec[] =>
  chosenOf(desired, only).filter(({ spec }) => {
    const names = fleet.hosts.filter((host) => selects(spec.hosts, host)).map(({ name }) => name);
    const present = observed
      .filter(({ host }) => names.includes(host))
      .map(({ apps }) => apps.find((app) => app.name === spec.name));
    return needsArtifact(spec, present);
  });

/** Apps whose release some host will most probably lack, as far as specs tell: its source is not the one before. */
export const appsWithNewSource = ({ previous, desired }: Wanted, only: Inputs["apps"]): SourcedSpec[] =>
  chosenOf(desired, only).filter(({ spec }) => {
    const before = previous.get(spec.name)?.spec;
    return spec.source.sha256 === undefined || before === undefined || !isSameSource(before, spec);
  });

const chosenOf = (desired: Wanted["desired"], only: Inputs["apps"]): SourcedSpec[] =>
  [...desired.values()].filter(({ spec }) => only === null || only.has(spec.name));

/** Fetches an app's release, or answers with what was asked for before. */
export type Fetching = (app: SourcedSpec) => Promise<FetchedRelease>;

/** `sources` and `directory` are fetchRelease's. */
export function fetchingOnce(sources: Sources, directory: string): Fetching {
  const asked = new Map<string, Promise<FetchedRelease>>();
  return (app) => {
    const { name } = app.spec;
    const release = asked.get(name) ?? fetchRelease(app, sources, directory);
    asked.set(name, release);
    // Whoever waits for it is told; one that turns out not to be needed may be wrong.
    release.catch(() => undefined);
    return release;
  };
}

/** Every artifact that is wrong is reported, and then nothing else happens. */
export async function fetchReleases(
  needed: readonly SourcedSpec[],
  fetching: Fetching,
): Promise<Map<string, FetchedRelease>> {
  const releases = new Map<string, FetchedRelease>();
  const problems: Problem[] = [];
  await Promise.all(
    needed.map(async (app) => {
      try {
        releases.set(app.spec.name, await fetching(app));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        problems.push(...error.problems);
      }
    }),
  );
  const [first, ...rest] = sortedProblems(problems);
  if (first) throw new Failure([first, ...rest]);
  return releases;
}
