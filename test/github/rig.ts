// A fresh double for each test of a file, and the client that Beamline uses, pointed at it.
import { getOctokit } from "@actions/github";
import { afterEach, beforeEach, expect } from "vitest";
import { type GitHubDouble, startDouble } from "./double.ts";
import type { Repository } from "./state.ts";

/** The repository all tests use, as the client wants it named. */
export const repo = { owner: "acme", repo: "shop" };

/** A commit. */
export const head_sha = "a".repeat(40);

/** Matches the error the client throws for an answer of this status. */
export const refused = (status: number): unknown => expect.objectContaining({ status });

/** What the tests of a file share; the fields are the current test's own. */
export type Rig = {
  double: GitHubDouble;
  octokit: ReturnType<typeof getOctokit>;
  repository(): Repository;
  problems(): string[];
  newRun(more?: object): ReturnType<Rig["octokit"]["rest"]["checks"]["create"]>;
};

/** Starts a double before each test and closes it after. */
export function useRig(): () => Rig {
  let rig: Rig | undefined;
  beforeEach(async () => {
    const double = await startDouble({ now: () => new Date("2026-11-24T05:00:00.123Z") });
    const octokit = getOctokit("ghs_test", { baseUrl: double.url });
    rig = {
      double,
      octokit,
      repository: () => double.repository("acme/shop"),
      problems: () => double.violations.flatMap((one) => one.problems),
      newRun: (more = {}) => octokit.rest.checks.create({ ...repo, name: "beamline", head_sha, ...more }),
    };
  });
  afterEach(() => rig?.double.close());
  return () => {
    if (rig === undefined) throw new Error("no test is running");
    return rig;
  };
}
