// What was deployed last, as GitHub knows it. The client neither repeats nor waits for rate limits: whoever asks has a run to
// get on with, and can do without the answer.
import { getOctokit } from "@actions/github";

/** `none`: no success among those looked at. `unknown`: GitHub did not say; `isForbidden` where it will not tell this token. */
export type LastDeployment =
  | { kind: "found"; sha: string }
  | { kind: "none"; looked: number }
  | { kind: "unknown"; detail: string; isForbidden: boolean };

/** Mostly it is among the newest two, and a listing carries much about each that nobody needs here. */
const PER_PAGE = 10;
const MOST_PAGES = 10;

/** The commit of the newest deployment to an environment whose latest status is success; whatever fails is an answer, too. */
export async function lastDeployment(
  octokit: ReturnType<typeof getOctokit>,
  of: { owner: string; repo: string; environment: string; signal: AbortSignal },
): Promise<LastDeployment> {
  const { environment, signal, ...repository } = of;
  const asked = { ...repository, request: { signal } };
  let looked = 0;
  try {
    for (let page = 1; page <= MOST_PAGES; page++) {
      const { data } = await octokit.rest.repos.listDeployments({ ...asked, environment, per_page: PER_PAGE, page });
      for (const { id, sha } of data) {
        looked += 1;
        // A listing has no states. This run's own deployment, if its job has an environment, is not a success yet.
        const { data: statuses } = await octokit.rest.repos.listDeploymentStatuses({ ...asked, deployment_id: id });
        const latest = statuses.reduce<(typeof statuses)[number] | null>(
          (newest, each) => (newest === null || each.id > newest.id ? each : newest),
          null,
        );
        if (latest?.state === "success") return { kind: "found", sha };
      }
      if (data.length < PER_PAGE) break;
    }
    return { kind: "none", looked };
  } catch (error) {
    return { kind: "unknown", ...reasonOf(error, signal) };
  }
}

/** A client for GITHUB_API_URL that asks once. */
export const plainOctokit = (token: string): ReturnType<typeof getOctokit> => getOctokit(token);

type ApiError = Error & { status?: number; response?: { headers: Record<string, string | number | undefined> } };

function reasonOf(error: unknown, signal: AbortSignal): { detail: string; isForbidden: boolean } {
  const { message, status, response } = error as ApiError;
  if (signal.aborted) {
    const isLate = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
    return { detail: isLate ? "GitHub did not answer in time" : "the run is cancelled", isForbidden: false };
  }
  // Octokit gives a lost connection a status of its own (500); only an answer has headers.
  if (response === undefined) return { detail: message, isForbidden: false };
  // A rate limit is a 403, too (GitHub docs, "Rate limits for the REST API").
  const isLimited = response.headers["x-ratelimit-remaining"] === "0" || response.headers["retry-after"] !== undefined;
  const said = message.split(/\n| - https?:/)[0];
  return { detail: `${status} ${said}`, isForbidden: (status === 403 || status === 404) && !isLimited };
}
