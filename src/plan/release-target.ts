import { canonicalJson } from "../core/digest.ts";
import type { ObservedApp } from "../runtime/observed.ts";
import type { ReleaseOnHost } from "../runtime/runtime.ts";
import type { AppSpec } from "../spec/app-spec.ts";

/** A verified release tarball, by the digest of its contents, which two builds share. */
export type Artifact = { digest: string; sizeBytes: number; unpackedBytes: number };

/** Whether two specs name the very same bytes. */
export const isSameSource = (a: AppSpec, b: AppSpec): boolean =>
  a.version === b.version && canonicalJson(a.source) === canonicalJson(b.source);

/** Apps whose release must be fetched before planning: some host has not recorded exactly this source, or nothing pins its bytes. */
export function needsArtifact(spec: AppSpec, present: readonly (ObservedApp | undefined)[]): boolean {
  if (spec.source.sha256 === undefined) return true;
  return present.some((app) => {
    const recorded = app?.recorded;
    if (!recorded || !isSameSource(recorded.spec, spec)) return true;
    return !app.releases.some(({ directory, digest }) => directory === recorded.release && digest === recorded.digest);
  });
}

const besideOf = (version: string, digest: string): string => `${version}+${digest.slice(0, 8)}`;

/** Whether that is how releaseOnHost names the directory of a release: what a host says may be anything. */
export function isReleaseDirectory(directory: string, version: string, digest: string): boolean {
  const beside = besideOf(version, digest);
  return (
    directory === version ||
    directory === beside ||
    (directory.startsWith(`${beside}.`) && /^\d{1,6}$/.test(directory.slice(beside.length + 1)))
  );
}

/**
 * Where the release lies on the host, and whether it must be sent. A directory is named after the version; the same version
 * with other contents gets a directory of its own beside it, so that what runs is never overwritten.
 */
export function releaseOnHost(
  version: string,
  artifact: Artifact | undefined,
  app: ObservedApp | undefined,
): ReleaseOnHost {
  const releases = app?.releases ?? [];
  if (artifact === undefined) {
    // needsArtifact() saw this very release recorded and lying there.
    return { directory: app?.recorded?.release ?? version, digest: app?.recorded?.digest ?? "", artifact: null };
  }
  const { digest, sizeBytes, unpackedBytes } = artifact;
  const beside = besideOf(version, digest);
  const there = releases.find((it) => it.digest === digest && isReleaseDirectory(it.directory, version, digest));
  if (there) return { directory: there.directory, digest, artifact: null };
  const names = [version, beside, ...releases.map((_, index) => `${beside}.${index + 2}`)];
  const directory = names.find((name) => releases.every((taken) => taken.directory !== name)) ?? beside;
  return { directory, digest, artifact: { sizeBytes, unpackedBytes } };
}
