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
  /** What was pushed or chosen, as refs/heads/main; null where GitHub does not say. */
  ref: string | null;
  defaultBranch: string | null;
  /** What was there before: a push's before, the base of a pull request or merge group; null where the event has neither. */
  before: string | null;
  /** Of what is not merged, a pull request or a merge group: its base, and the repository's own branch where that is another one. */
  proposal: { base: string | null; defaultBranch: string | null } | null;
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
  merge_group: z.looseObject({ base_sha: z.string(), base_ref: z.string().optional() }).optional(),
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
  const { before, pull_request, merge_group, repository } = event.parse(
    file ? JSON.parse(readFileSync(file, "utf8")) : {},
  );
  const defaultBranch = repository?.default_branch ?? null;
  const base = baseOf(pull_request, merge_group);
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
    ref: environment.GITHUB_REF || null,
    defaultBranch,
    before: base?.sha ?? before ?? null,
    proposal: base || /^(pull_request|merge_group)/.test(eventName) ? proposalOnto(base, defaultBranch) : null,
    runUrl: `${server}/${owner}/${repo}/actions/runs/${runId}`,
    runId: `${runId}/${environment.GITHUB_RUN_ATTEMPT ?? "1"}`,
    actor: environment.GITHUB_ACTOR ?? "somebody",
    workspace: environment.GITHUB_WORKSPACE ?? process.cwd(),
  };
}

type Base = { sha: string; ref?: string | undefined };
type Event = z.infer<typeof event>;

function baseOf(pull: Event["pull_request"], group: Event["merge_group"]): Base | undefined {
  return pull?.base ?? (group && { sha: group.base_sha, ref: group.base_ref?.replace(/^refs\/heads\//, "") });
}

function proposalOnto(base: Base | undefined, branch: string | null): RunContext["proposal"] {
  return { base: base?.sha ?? null, defaultBranch: branch === base?.ref ? null : branch };
}
