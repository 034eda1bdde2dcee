import { Failure } from "../core/failure.ts";
import { wordsOf } from "../core/problem.ts";
import type { Recorded } from "../runtime/observed.ts";
import type { FetchedRelease } from "./fetch.ts";
import { fetchRelease } from "./fetch.ts";
import type { Sources } from "./sources.ts";

/** The release of a record whose spec is git's (see committedIn): the very same that was deployed, or else why not. */
export async function recordedRelease(
  { spec, digest, version }: Recorded,
  sources: Sources,
  directory: string,
): Promise<FetchedRelease | { refused: string }> {
  // What is wrong with it is no mistake in any file that is there now.
  const document = { at: () => ({ in: "input", name: "working-directory" }) as const };
  try {
    const release = await fetchRelease({ spec, document }, sources, directory);
    if (release.digest === digest) return release;
    await sources.drop(release.file);
    return { refused: `${version}'s source does not hold what is on record` };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { refused: wordsOf(error.problems[0]).message };
  }
}
