// What the double remembers, as plain records a test can read, compare, and fill in before a run.
// Field names are GitHub's: a record here looks like the part of the answer that matters.
import { createHash } from "node:crypto";

/** An annotation of a check run. */
export type Annotation = {
  path: string;
  start_line: number;
  end_line: number;
  start_column?: number;
  end_column?: number;
  annotation_level: "notice" | "warning" | "failure";
  message: string;
  title?: string;
  raw_details?: string;
};

/** A button on a check run. */
export type CheckAction = { label: string; description: string; identifier: string };

/** A check run; its annotations are all that were ever sent, in order. */
export type CheckRun = {
  id: number;
  name: string;
  head_sha: string;
  status: "queued" | "in_progress" | "completed";
  conclusion: string | null;
  external_id: string;
  details_url: string | null;
  started_at: string;
  completed_at: string | null;
  output: { title: string | null; summary: string | null; text: string | null };
  annotations: Annotation[];
  actions: CheckAction[];
};

/** A status of a deployment. */
export type DeploymentStatus = {
  id: number;
  state: "error" | "failure" | "inactive" | "in_progress" | "queued" | "pending" | "success";
  description: string;
  environment: string;
  environment_url: string;
  log_url: string;
  created_at: string;
};

/** A deployment; its statuses stand oldest first. */
export type Deployment = {
  id: number;
  sha: string;
  ref: string;
  task: string;
  environment: string;
  description: string | null;
  payload: Record<string, unknown> | string;
  transient_environment: boolean;
  production_environment: boolean;
  created_at: string;
  statuses: DeploymentStatus[];
};

/** A comment on an issue or a pull request. */
export type Comment = {
  id: number;
  issue_number: number;
  body: string;
  user: string;
  created_at: string;
  updated_at: string;
};

/** A changed file of a commit or a comparison. */
export type ChangedFile = { filename: string; status: "added" | "removed" | "modified" | "renamed" };

/** A commit; one that no test put in place is made up when asked for. */
export type Commit = { sha: string; message: string; parents: string[]; files: ChangedFile[] };

/** A pull request; only tests make them. */
export type Pull = {
  number: number;
  title: string;
  state: "open" | "closed";
  head: { ref: string; sha: string };
  base: { ref: string; sha: string };
  merge_commit_sha: string | null;
};

/** A workflow run; only tests make them. */
export type WorkflowRun = {
  id: number;
  name: string;
  path: string;
  event: string;
  head_sha: string;
  head_branch: string | null;
  status: string;
  conclusion: string | null;
  jobs: { id: number; name: string; status: "queued" | "in_progress" | "completed"; conclusion: string | null }[];
  artifacts: { id: number; name: string; size_in_bytes: number; expired: boolean }[];
};

/** Everything the double knows of one repository. Keys of `refs` are "heads/main", of `comparisons` "base...head". */
export type Repository = {
  owner: string;
  name: string;
  defaultBranch: string;
  refs: Record<string, string>;
  commits: Record<string, Commit>;
  comparisons: Record<string, { status: "ahead" | "behind" | "diverged"; commits: string[]; files: ChangedFile[] }>;
  checkRuns: CheckRun[];
  deployments: Deployment[];
  comments: Comment[];
  pulls: Pull[];
  workflowRuns: WorkflowRun[];
};

/** All repositories, by "owner/name". */
export type State = { repositories: Record<string, Repository> };

/** The named repository, made when first touched: with one branch, main, whose commit follows from the name. */
export function repositoryIn(state: State, owner: string, name: string): Repository {
  const fullName = `${owner}/${name}`;
  const known = state.repositories[fullName];
  if (known !== undefined) return known;
  const made: Repository = {
    owner,
    name,
    defaultBranch: "main",
    refs: { "heads/main": createHash("sha1").update(fullName).digest("hex") },
    commits: {},
    comparisons: {},
    checkRuns: [],
    deployments: [],
    comments: [],
    pulls: [],
    workflowRuns: [],
  };
  state.repositories[fullName] = made;
  return made;
}

/** The commit a branch, tag, full ref or sha names; undefined when the repository has no such ref. */
export function shaOf(repository: Repository, ref: string): string | undefined {
  if (isSha(ref)) return ref;
  const short = ref.replace(/^refs\//, "");
  return repository.refs[short] ?? repository.refs[`heads/${short}`] ?? repository.refs[`tags/${short}`];
}

/** Whether a text is a full commit sha. */
export function isSha(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
