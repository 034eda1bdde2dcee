import { describe, expect, test } from "vitest";
import { head_sha, refused, repo, useRig } from "./rig.ts";

const rig = useRig();
const sendable = { auto_merge: false, required_contexts: [] };
const newDeployment = (environment: string, more: object = {}) =>
  rig().octokit.rest.repos.createDeployment({ ...repo, ref: "main", environment, ...sendable, ...more });

describe("deployments", () => {
  test("keeps deployments and their statuses, newest first", async () => {
    const { double, octokit, repository } = rig();
    const { data, status } = await newDeployment("staging", { payload: { key: "k1" } });
    expect(status).toBe(201);
    expect(data).toMatchObject({
      sha: repository().refs["heads/main"],
      payload: { key: "k1" },
      production_environment: false,
    });
    const deployment_id = "id" in data ? data.id : 0;
    for (const state of ["in_progress", "success"] as const) {
      await octokit.rest.repos.createDeploymentStatus({
        ...repo,
        deployment_id,
        state,
        log_url: "https://example.org/log",
      });
    }
    const listed = await octokit.rest.repos.listDeploymentStatuses({ ...repo, deployment_id });
    expect(listed.data.map((one) => one.state)).toEqual(["success", "in_progress"]);
    const found = await octokit.rest.repos.listDeployments({ ...repo, environment: "staging" });
    expect(found.data.map((one) => one.id)).toEqual([deployment_id]);
    expect((await octokit.rest.repos.listDeployments({ ...repo, environment: "production" })).data).toEqual([]);
    expect(double.violations).toEqual([]);
  });

  test.each([
    ["staging", ["success", "inactive"]],
    ["production", ["success"]],
  ])("retires the earlier success in %s as GitHub does", async (environment, states) => {
    const { octokit, repository } = rig();
    for (const _ of [1, 2]) {
      const { data } = await newDeployment(environment);
      const deployment_id = "id" in data ? data.id : 0;
      await octokit.rest.repos.createDeploymentStatus({ ...repo, deployment_id, state: "success" });
    }
    const [first, second] = repository().deployments;
    expect(first?.statuses.map((one) => one.state)).toEqual(states);
    expect(second?.statuses.map((one) => one.state)).toEqual(["success"]);
  });

  test("merges instead of deploying when auto_merge is left on for a branch", async () => {
    const { repository } = rig();
    repository().refs["heads/feature"] = head_sha;
    const { status } = await newDeployment("staging", { ref: "feature", auto_merge: true });
    expect([status, repository().deployments]).toEqual([202, []]);
  });

  test("answers 409 when required_contexts is left out and a check is still running", async () => {
    const { newRun } = rig();
    await newRun({ status: "in_progress" });
    const all = { ref: head_sha, required_contexts: undefined };
    await expect(newDeployment("staging", all)).rejects.toEqual(refused(409));
    expect((await newDeployment("staging", { ref: head_sha })).status).toBe(201);
  });

  test("refuses a status description of 141 characters, an unknown state, and an unknown ref", async () => {
    const { double, octokit, problems } = rig();
    const { data } = await newDeployment("staging");
    const status = { ...repo, deployment_id: "id" in data ? data.id : 0, state: "success" as const };
    const create = octokit.rest.repos.createDeploymentStatus;
    await expect(create({ ...status, description: "x".repeat(141) })).rejects.toEqual(refused(422));
    await expect(create({ ...status, ...{ state: "done" as "success" } })).rejects.toEqual(refused(422));
    await expect(newDeployment("staging", { ref: "gone" })).rejects.toEqual(refused(422));
    expect(double.violations).toHaveLength(3);
    expect(problems()[0]).toBe("body/description is longer than 140 characters");
    expect(problems()[2]).toBe("No ref found for: gone");
  });

  test("deletes a deployment only once it is inactive", async () => {
    const { octokit, repository } = rig();
    await newDeployment("staging");
    const { data } = await newDeployment("staging");
    const which = { ...repo, deployment_id: "id" in data ? data.id : 0 };
    await expect(octokit.rest.repos.deleteDeployment(which)).rejects.toEqual(refused(422));
    await octokit.rest.repos.createDeploymentStatus({ ...which, state: "inactive" });
    expect((await octokit.rest.repos.deleteDeployment(which)).status).toBe(204);
    expect(repository().deployments).toHaveLength(1);
  });
});
