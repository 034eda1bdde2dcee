// What GitHub says of this run: the variables and the event file it sets (GitHub docs, "Variables reference").
import { readFileSync } from "node:fs";
import { z } from "zod";
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";

export type RunContext = {
  eventName: string;
  owner: string;
  repo: string;
  /** The commit whose specs are wanted. */
  sha: string;
  /** The commit that checks are shown on: a pull request's head, not its merge commit. */
  checkSha: string;
  /** What was there before: a push's before, a pull request's base; null where the event has neither. */
  before: string | null;
  /** Of a pull request: its base, and the repository's own branch where that is another one. */
  pullRequest: { base: string | null; defaultBranch: string | null } | null;
  runUrl: string;
  runId: string;
  actor: string;
  workspace: string;
};

const event = z.looseObject({
  before: z.string().optional(),
  pull_request: z
    .looseObject({
      base: z.looseObject({ sha: z.string(), ref: z.string().optional() }),
      head: z.looseObject({ sha: z.string() }),
    })
    .optional(),
  repository: z.looseObject({ default_branch: z.string().optional() }).optional(),
});

export function readRunContext(environment: NodeJS.ProcessEnv): RunContext {
  const required = (name: string): string => {
    const value = environment[name];
    if (value) return value;
    throw new Failure([
      problem(
        "missing_input",
        { in: "input", name },
        { input: name, why: "(GitHub Actions sets it; is this a workflow?)" },
      ),
    ]);
  };
  const eventName = environment.GITHUB_EVENT_NAME ?? "";
  const file = environment.GITHUB_EVENT_PATH;
  const { before, pull_request, repository } = event.parse(file ? JSON.parse(readFileSync(file, "utf8")) : {});
  const [owner = "", repo = ""] = required("GITHUB_REPOSITORY").split("/");
  const sha = required("GITHUB_SHA");
  const runId = environment.GITHUB_RUN_ID ?? "0";
  const server = environment.GITHUB_SERVER_URL ?? "https://github.com";
  return {
    eventName,
    owner,
    repo,
    sha,
    checkSha: pull_request?.head.sha ?? sha,
    before: pull_request?.base.sha ?? before ?? null,
    pullRequest: pull_request || eventName.startsWith("pull_request") ? pullRequestOf(pull_request, repository) : null,
    runUrl: `${server}/${owner}/${repo}/actions/runs/${runId}`,
    runId: `${runId}/${environment.GITHUB_RUN_ATTEMPT ?? "1"}`,
    actor: environment.GITHUB_ACTOR ?? "somebody",
    workspace: environment.GITHUB_WORKSPACE ?? process.cwd(),
  };
}

function pullRequestOf(
  pull: z.infer<typeof event>["pull_request"],
  repository: z.infer<typeof event>["repository"],
): RunContext["pullRequest"] {
  const { sha = null, ref } = pull?.base ?? {};
  const branch = repository?.default_branch;
  return { base: sha, defaultBranch: branch === undefined || branch === ref ? null : branch };
}
