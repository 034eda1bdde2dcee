// What tests put in place and Beamline only reads: the repository, its commits, pull requests, workflow runs.
import { type Answer, addressIn, type Call, docs, listAnswer, type Model, notFound, pageOf, refusal } from "./call.ts";
import { type Json, sampleOf } from "./sample.ts";
import { type ChangedFile, type Commit, isSha, type Pull, shaOf, type WorkflowRun } from "./state.ts";

/** The operations that change nothing, by operation id. */
export const reads: Record<string, Model> = {
  "repos/get": (call) => ({ status: 200, body: repositoryShown(call, "full-repository") }),
  "users/get-authenticated": ({ token }) => {
    // A workflow's own token (ghs_…) is no user; /user refuses it.
    const message = "Resource not accessible by integration";
    if (token.startsWith("ghs_")) return { status: 403, body: { message, documentation_url: docs, status: "403" } };
    return { status: 200, body: sampleOf("public-user", { login: "octocat", id: 1, type: "User" }) };
  },
  "git/get-ref": (call) => {
    const ref = call.path.ref ?? "";
    const sha = call.repository.refs[ref];
    if (sha === undefined) return notFound();
    const object = { type: "commit", sha, url: addressIn(call, `/git/commits/${sha}`) };
    return { status: 200, body: sampleOf("git-ref", { ref: `refs/${ref}`, node_id: `REF_${ref}`, object }) };
  },
  "git/get-commit": (call) => {
    const sha = call.path.commit_sha ?? "";
    if (!isSha(sha)) return notFound();
    const { message, parents } = commitOf(call, sha);
    const known = parents.map((parent) => sampleOf("git-commit", { sha: parent }));
    const body = sampleOf("git-commit", { sha, message, url: addressIn(call, `/git/commits/${sha}`), parents: known });
    return { status: 200, body };
  },
  "repos/get-commit": (call) => {
    const sha = shaOf(call.repository, call.path.ref ?? "");
    if (sha === undefined) return refusal(`No commit found for SHA: ${call.path.ref}`);
    const commit = commitOf(call, sha);
    return { status: 200, body: { ...commitShown(call, commit), files: commit.files.map(fileShown) } };
  },
  "repos/compare-commits-with-basehead": compared,
  "repos/list-pull-requests-associated-with-commit": (call) => {
    const sha = call.path.commit_sha;
    const found = call.repository.pulls.filter((pull) => pull.head.sha === sha || pull.merge_commit_sha === sha);
    return listAnswer(
      call,
      addressIn(call, `/commits/${sha}/pulls`),
      found.map((pull) => pullShown(call, pull)),
    );
  },
  "pulls/list": (call) => {
    const { state = "open", head, base } = call.query;
    const isAsked = (pull: Pull) =>
      (state === "all" || pull.state === state) &&
      (head === undefined || head === `${call.repository.owner}:${pull.head.ref}`) &&
      (base === undefined || base === pull.base.ref);
    const found = call.repository.pulls.filter(isAsked).reverse();
    return listAnswer(
      call,
      addressIn(call, "/pulls"),
      found.map((pull) => pullShown(call, pull)),
    );
  },
  "pulls/get": (call) => {
    const pull = call.repository.pulls.find((one) => one.number === Number(call.path.pull_number));
    return pull === undefined ? notFound() : { status: 200, body: pullShown(call, pull, "pull-request") };
  },
  "actions/get-workflow-run": (call) => withRun(call, (run) => ({ status: 200, body: runShown(call, run) })),
  "actions/list-jobs-for-workflow-run": (call) =>
    withRun(call, ({ id, jobs, head_sha }) => {
      const all = jobs.map((job) => sampleOf("job", { ...job, run_id: id, head_sha }));
      const { items, headers } = pageOf(call, addressIn(call, `/actions/runs/${id}/jobs`), all);
      return { status: 200, headers, body: { total_count: all.length, jobs: items } };
    }),
  "actions/list-workflow-run-artifacts": (call) =>
    withRun(call, (run) => artifactsAnswer(call, [run], `/actions/runs/${run.id}/artifacts`)),
  "actions/list-artifacts-for-repo": (call) =>
    artifactsAnswer(call, call.repository.workflowRuns, "/actions/artifacts"),
  "actions/get-artifact": (call) => {
    const all = call.repository.workflowRuns.flatMap((run) => run.artifacts);
    const found = all.find((one) => one.id === Number(call.path.artifact_id));
    return found === undefined ? notFound() : { status: 200, body: artifactShown(call, found) };
  },
};

function compared(call: Call): Answer {
  const basehead = call.path.basehead ?? "";
  const [base, head] = basehead.split("...").map((ref) => shaOf(call.repository, ref));
  if (base === undefined || head === undefined) return notFound();
  const known = call.repository.comparisons[basehead] ?? call.repository.comparisons[`${base}...${head}`];
  // What lies between two commits cannot be made up: a test that compares must say it.
  if (known === undefined && base !== head) return notFound();
  const { status, commits, files } = known ?? { status: "identical", commits: [], files: [] };
  const shown = (sha: string) => commitShown(call, commitOf(call, sha));
  const body = sampleOf("commit-comparison", {
    url: addressIn(call, `/compare/${basehead}`),
    base_commit: shown(base),
    merge_base_commit: shown(base),
    status,
    ahead_by: status === "behind" ? 0 : commits.length,
    total_commits: commits.length,
    commits: commits.map(shown),
    files: files.map(fileShown),
  });
  return { status: 200, body };
}

function commitOf({ repository }: Call, sha: string): Commit {
  return repository.commits[sha] ?? { sha, message: "", parents: [], files: [] };
}

function commitShown(call: Call, { sha, message, parents }: Commit): Json {
  const url = addressIn(call, `/commits/${sha}`);
  const commit = sampleOf("git-commit", { message, url: addressIn(call, `/git/commits/${sha}`), comment_count: 0 });
  const known = parents.map((parent) => ({ sha: parent, url: addressIn(call, `/commits/${parent}`) }));
  return sampleOf("commit", { sha, url, node_id: `C_${sha}`, commit, parents: known });
}

function fileShown(file: ChangedFile): Json {
  return sampleOf("diff-entry", file);
}

function repositoryShown(call: Call, schema: string): Json {
  const { owner, name, defaultBranch } = call.repository;
  return sampleOf(schema, {
    id: 1,
    name,
    full_name: `${owner}/${name}`,
    owner: sampleOf("simple-user", { login: owner, id: 1, type: "Organization" }),
    html_url: `https://github.com/${owner}/${name}`,
    url: addressIn(call, ""),
    default_branch: defaultBranch,
  });
}

function pullShown(call: Call, pull: Pull, schema = "pull-request-simple"): Json {
  const { owner } = call.repository;
  const user = sampleOf("simple-user", { login: owner, id: 1 });
  const side = (one: Pull["head"]) => ({
    ...one,
    label: `${owner}:${one.ref}`,
    user,
    repo: repositoryShown(call, "repository"),
  });
  return sampleOf(schema, {
    ...pull,
    id: pull.number,
    url: addressIn(call, `/pulls/${pull.number}`),
    html_url: `https://github.com/${owner}/${call.repository.name}/pull/${pull.number}`,
    head: side(pull.head),
    base: side(pull.base),
    user,
  });
}

function withRun(call: Call, then: (run: WorkflowRun) => Answer): Answer {
  const run = call.repository.workflowRuns.find((one) => one.id === Number(call.path.run_id));
  return run === undefined ? notFound() : then(run);
}

function runShown(call: Call, { jobs: _, artifacts: __, ...run }: WorkflowRun): Json {
  const repository = repositoryShown(call, "minimal-repository");
  return sampleOf("workflow-run", {
    ...run,
    url: addressIn(call, `/actions/runs/${run.id}`),
    html_url: `https://github.com/${call.repository.owner}/${call.repository.name}/actions/runs/${run.id}`,
    display_title: run.name,
    run_attempt: 1,
    pull_requests: [],
    repository,
    head_repository: repository,
  });
}

function artifactsAnswer(call: Call, runs: WorkflowRun[], where: string): Answer {
  const found = runs.flatMap((run) => run.artifacts).filter((one) => one.name === (call.query.name ?? one.name));
  const { items, headers } = pageOf(
    call,
    addressIn(call, where),
    found.map((one) => artifactShown(call, one)),
  );
  return { status: 200, headers, body: { total_count: found.length, artifacts: items } };
}

function artifactShown(call: Call, artifact: WorkflowRun["artifacts"][number]): Json {
  const url = addressIn(call, `/actions/artifacts/${artifact.id}`);
  return sampleOf("artifact", { ...artifact, node_id: `A_${artifact.id}`, url, archive_download_url: `${url}/zip` });
}
