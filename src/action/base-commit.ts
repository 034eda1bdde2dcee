// Which commit a run compares with: it explains causes, orders removals, and tells a spec that vanished from one that never was.
import { Failure } from "../core/failure.ts";
import type { Problem } from "../core/problem.ts";
import type { Repository } from "../git/repository.ts";
import { EMPTY_TREE } from "../git/repository.ts";
import type { LastDeployment } from "../github/last-deployment.ts";
import { lastDeployment, plainOctokit } from "../github/last-deployment.ts";
import type { Inputs } from "./inputs.ts";
import type { RunContext } from "./run-context.ts";

export type Base = {
  commit: string;
  /** Commits that should have been it, and can't be read. */
  warnings: readonly Problem[];
  /** Which it is and why, for the log; nothing where it does not matter. */
  said: readonly string[];
};

/** What GitHub may take to say what was deployed last, all its answers together. */
const ASK_FOR_MS = 10_000;

/** Asks at once; null where nobody needs the answer: status looks only, a rollback goes by what the hosts have on record. */
export function askForLastDeployment(
  { command, base, token, environment }: Inputs,
  { owner, repo }: RunContext,
  cancelled: AbortSignal,
): Promise<LastDeployment> | null {
  if (base !== null || command === "status" || command === "rollback") return null;
  if (token === "") return Promise.resolve({ kind: "unknown", detail: "there is no github-token", isForbidden: false });
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(ASK_FOR_MS)]);
  return lastDeployment(plainOctokit(token), { owner, repo, environment, signal });
}

/**
 * The input, else what was deployed last, else what the event says was there before, else nothing. What runs is what was
 * deployed last, on a pull request as well: pushes may have failed since.
 */
export async function baseCommit(
  repository: Repository,
  given: {
    inputs: Pick<Inputs, "base" | "environment">;
    context: Pick<RunContext, "before" | "proposal">;
    asked: Promise<LastDeployment> | null;
  },
): Promise<Base> {
  const { base, environment } = given.inputs;
  const { before, proposal } = given.context;
  if (base !== null) {
    const commit = await repository.commit(base, "base");
    return { commit, warnings: [], said: [textOf(commit, "the input base")] };
  }
  const warnings: Problem[] = [];
  const deployed = await given.asked;
  if (deployed?.kind === "found") {
    const commit = await readable(repository, deployed.sha, warnings);
    if (commit !== null)
      return { commit, warnings, said: [textOf(commit, `the last successful deployment to ${environment}`)] };
  }
  const commit = before === null ? null : await readable(repository, before, warnings);
  const chosen = commit ?? EMPTY_TREE;
  const why = proposal !== null ? "the pull request's base" : "the commit before this push";
  const said = deployed === null ? [] : [textOf(chosen, why), `    ${whyNot(deployed, environment)}`];
  return { commit: chosen, warnings, said };
}

/** Null where it can't be read, as after a rewritten history: the hosts know what they run, only causes are less exact. */
async function readable(repository: Repository, commit: string, warnings: Problem[]): Promise<string | null> {
  try {
    return await repository.commit(commit, "base");
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    warnings.push(...error.problems);
    return null;
  }
}

const textOf = (commit: string, why: string): string =>
  commit === EMPTY_TREE ? "base: none, every spec counts as new" : `base: ${commit.slice(0, 7)}, ${why}`;

/** Why it is not what was deployed last. */
function whyNot(deployed: LastDeployment, environment: string): string {
  switch (deployed.kind) {
    case "found":
      return `${deployed.sha.slice(0, 7)}, the last successful deployment to ${environment}, can't be read`;
    case "none":
      return deployed.looked === 0
        ? `GitHub knows of no deployment to ${environment}`
        : `of the last ${deployed.looked} deployments to ${environment} that GitHub knows of, none is a success`;
    case "unknown": {
      const remedy = deployed.isForbidden ? "; it takes the permission deployments: read" : "";
      return `the last deployment to ${environment} is not known: ${deployed.detail}${remedy}`;
    }
  }
}
