import { getOctokit } from "@actions/github";
import { describe, expect, test } from "vitest";
import { head_sha, refused, repo, useRig } from "./rig.ts";

const rig = useRig();

describe("comments", () => {
  test("keeps a comment, its update, and the pages of a long thread", async () => {
    const { double, octokit } = rig();
    const first = await octokit.rest.issues.createComment({ ...repo, issue_number: 7, body: "plan 1" });
    for (let n = 0; n < 34; n++) await octokit.rest.issues.createComment({ ...repo, issue_number: 7, body: `${n}` });
    await octokit.rest.issues.createComment({ ...repo, issue_number: 8, body: "elsewhere" });
    await octokit.rest.issues.updateComment({ ...repo, comment_id: first.data.id, body: "plan 2" });
    const all = await octokit.paginate(octokit.rest.issues.listComments, { ...repo, issue_number: 7 });
    expect([all.length, all[0]?.body, all[0]?.user?.login]).toEqual([35, "plan 2", "github-actions[bot]"]);
    await octokit.rest.issues.deleteComment({ ...repo, comment_id: first.data.id });
    await expect(octokit.rest.issues.getComment({ ...repo, comment_id: first.data.id })).rejects.toEqual(refused(404));
    expect(double.violations).toEqual([]);
  });

  test("refuses a comment of 65537 characters", async () => {
    const { octokit, problems } = rig();
    const create = (length: number) =>
      octokit.rest.issues.createComment({ ...repo, issue_number: 7, body: "x".repeat(length) });
    await create(65536);
    await expect(create(65537)).rejects.toEqual(refused(422));
    expect(problems()).toEqual(["Body is too long (maximum is 65536 characters)"]);
  });
});

describe("what is only read", () => {
  test("answers every read operation within its description", async () => {
    const { double, octokit, repository } = rig();
    const main = repository().refs["heads/main"] ?? "";
    Object.assign(repository().commits, {
      [head_sha]: { sha: head_sha, message: "m", parents: [main], files: [{ filename: "a", status: "added" }] },
    });
    repository().comparisons["main...feature"] = {
      status: "ahead",
      commits: [head_sha],
      files: [{ filename: "a", status: "added" }],
    };
    repository().refs["heads/feature"] = head_sha;
    const [head, base] = [
      { ref: "feature", sha: head_sha },
      { ref: "main", sha: main },
    ];
    repository().pulls.push({ number: 7, title: "t", state: "open", head, base, merge_commit_sha: null });
    const job = { id: 11, name: "deploy", status: "in_progress" as const, conclusion: null };
    const artifact = { id: 12, name: "plan", size_in_bytes: 3, expired: false };
    const run = {
      id: 10,
      name: "deploy",
      path: ".github/workflows/d.yml",
      event: "push",
      head_sha,
      head_branch: "main",
    };
    repository().workflowRuns.push({
      ...run,
      status: "in_progress",
      conclusion: null,
      jobs: [job],
      artifacts: [artifact],
    });

    const { rest } = octokit;
    expect((await rest.repos.get(repo)).data).toMatchObject({ full_name: "acme/shop", default_branch: "main" });
    expect((await rest.git.getRef({ ...repo, ref: "heads/main" })).data.object.sha).toBe(main);
    expect((await rest.git.getCommit({ ...repo, commit_sha: head_sha })).data.parents[0]?.sha).toBe(main);
    expect((await rest.repos.getCommit({ ...repo, ref: "feature" })).data.files?.[0]?.filename).toBe("a");
    const compared = await rest.repos.compareCommitsWithBasehead({ ...repo, basehead: "main...feature" });
    expect(compared.data).toMatchObject({ status: "ahead", ahead_by: 1, files: [{ filename: "a" }] });
    expect((await rest.pulls.get({ ...repo, pull_number: 7 })).data.head.sha).toBe(head_sha);
    expect((await rest.pulls.list({ ...repo, head: "acme:feature" })).data).toHaveLength(1);
    const pulls = await rest.repos.listPullRequestsAssociatedWithCommit({ ...repo, commit_sha: head_sha });
    expect(pulls.data.map((pull) => pull.number)).toEqual([7]);
    expect((await rest.actions.getWorkflowRun({ ...repo, run_id: 10 })).data.name).toBe("deploy");
    expect((await rest.actions.listJobsForWorkflowRun({ ...repo, run_id: 10 })).data.jobs[0]?.id).toBe(11);
    expect((await rest.actions.listWorkflowRunArtifacts({ ...repo, run_id: 10 })).data.total_count).toBe(1);
    expect((await rest.actions.listArtifactsForRepo({ ...repo, name: "other" })).data.total_count).toBe(0);
    expect((await rest.actions.getArtifact({ ...repo, artifact_id: 12 })).data.name).toBe("plan");
    expect((await rest.rateLimit.get()).data.rate.limit).toBe(1000);
    await expect(rest.users.getAuthenticated()).rejects.toEqual(refused(403));
    const person = getOctokit("ghp_test", { baseUrl: double.url });
    expect((await person.rest.users.getAuthenticated()).data.login).toBe("octocat");
    expect(double.violations).toEqual([]);
  });

  test("does not make up what lies between two commits", async () => {
    const { octokit } = rig();
    const basehead = `${"b".repeat(40)}...${head_sha}`;
    await expect(octokit.rest.repos.compareCommitsWithBasehead({ ...repo, basehead })).rejects.toEqual(refused(404));
  });
});
