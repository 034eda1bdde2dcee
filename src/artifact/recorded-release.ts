import { Failure } from "../core/failure.ts";
import { wordsOf } from "../core/problem.ts";
import type { Recorded } from "../runtime/observed.ts";
import type { FetchedRelease } from "./fetch.ts";
import { fetchRelease } from "./fetch.ts";

/** The release that is on a host's record, from where it was fetched then: the very same, or else why not. */
export async function recordedRelease(
  { spec, digest, version }: Recorded,
  workspace: string,
  directory: string,
): Promise<FetchedRelease | { refused: string }> {
  // What is wrong with it is no mistake in any file that is there now.
  const document = { at: () => ({ in: "input", name: "working-directory" }) as const };
  try {
    const release = await fetchRelease({ spec, document }, workspace, directory);
    return release.digest === digest ? release : { refused: `${version}'s source holds another release by now` };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { refused: wordsOf(error.problems[0]).message };
  }
}
