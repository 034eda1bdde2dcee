import { getOctokit } from "@actions/github";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
// What plugin-throttling itself is built on, and takes instead of its own.
import Bottleneck from "bottleneck/light.js";

/**
 * GitHub takes 80 writes that create content in a minute, and asks those who make many to pause a second between them (REST,
 * "Rate limits", "Best practices"). A run makes few: twenty at once, then one a second, are 80 in its first minute.
 */
const writes = () =>
  new Bottleneck.Group({
    reservoir: 20,
    reservoirIncreaseAmount: 1,
    reservoirIncreaseInterval: 1_000,
    reservoirIncreaseMaximum: 20,
  });

export type Octokit = ReturnType<typeof getOctokit>;

/** One request may take this long; the deploy never waits for GitHub. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * A client for GITHUB_API_URL that waits out rate limits and repeats what failed on GitHub's side; requests that create
 * something are sent once (`request: {retries: 0}` at the call), since a lost answer would make two.
 */
export function octokitFor(token: string, say: (line: string) => void, timeoutMs = REQUEST_TIMEOUT_MS): Octokit {
  const waitOut = (kind: string) => (retryAfter: number, _options: object, _octokit: unknown, retryCount: number) => {
    say(`GitHub's ${kind} is reached; it asks to wait ${retryAfter} s`);
    return retryCount < 2 && retryAfter <= 60;
  };
  return getOctokit(
    token,
    {
      retry: { retries: 3 },
      throttle: {
        onRateLimit: waitOut("rate limit"),
        onSecondaryRateLimit: waitOut("secondary rate limit"),
        write: writes(),
      },
    },
    // The first is the innermost: each try has its time.
    endingAfter(timeoutMs),
    retry,
    throttling,
  );
}

/** A plugin that ends a request which takes too long. */
const endingAfter = (timeoutMs: number) => (octokit: Pick<Octokit, "hook">) =>
  octokit.hook.before("request", (options) => {
    // The hooks that come after this one are given the options that came before it: it has to be the same object.
    options.request = { ...options.request, signal: AbortSignal.timeout(timeoutMs) };
  });
