import { describe, expect, test } from "vitest";
import { head_sha, refused, repo, useRig } from "./rig.ts";

const rig = useRig();
const annotation = {
  path: "counter.yaml",
  start_line: 3,
  end_line: 3,
  annotation_level: "failure" as const,
  message: "no",
};

describe("check runs", () => {
  test("keeps a check run from its creation to its conclusion", async () => {
    const { double, octokit, repository, newRun } = rig();
    const created = await newRun({ status: "in_progress", external_id: "plan-1" });
    expect(created.status).toBe(201);
    expect(created.data).toMatchObject({ status: "in_progress", conclusion: null, app: { slug: "github-actions" } });
    const check_run_id = created.data.id;
    const output = { title: "done", summary: "3 hosts" };
    await octokit.rest.checks.update({ ...repo, check_run_id, conclusion: "success", output });
    const { data } = await octokit.rest.checks.get({ ...repo, check_run_id });
    expect(data).toMatchObject({
      status: "completed",
      conclusion: "success",
      completed_at: "2026-11-24T05:00:00Z",
      output,
    });
    expect(repository().checkRuns).toMatchObject([{ external_id: "plan-1", conclusion: "success", output }]);
    expect(double.violations).toEqual([]);
  });

  test("appends the annotations of an update to those it has", async () => {
    const { double, octokit, newRun } = rig();
    const fifty = (message: string) => ({
      title: "t",
      summary: "s",
      annotations: Array(50).fill({ ...annotation, message }),
    });
    const { data } = await newRun({ output: fifty("first") });
    await octokit.rest.checks.update({ ...repo, check_run_id: data.id, output: fifty("second") });
    const pages = await octokit.paginate(octokit.rest.checks.listAnnotations, { ...repo, check_run_id: data.id });
    expect(pages.map((one) => one.message)).toEqual([...Array(50).fill("first"), ...Array(50).fill("second")]);
    expect(double.violations).toEqual([]);
  });

  test("lists the latest run of each name for a commit, and all when asked", async () => {
    const { octokit, newRun } = rig();
    await newRun({ external_id: "old" });
    await newRun({ external_id: "new" });
    const latest = await octokit.rest.checks.listForRef({ ...repo, ref: head_sha, check_name: "beamline" });
    expect(latest.data.check_runs.map((run) => run.external_id)).toEqual(["new"]);
    const all = await octokit.rest.checks.listForRef({ ...repo, ref: head_sha, filter: "all" });
    expect(all.data).toMatchObject({ total_count: 2, check_runs: [{ external_id: "new" }, { external_id: "old" }] });
  });

  test("refuses a conclusion GitHub does not know, stores nothing, and records it", async () => {
    const { double, repository, problems, newRun } = rig();
    await expect(newRun({ conclusion: "succeeded" })).rejects.toEqual(refused(422));
    expect(double.violations).toMatchObject([{ side: "request", operationId: "checks/create" }]);
    expect(problems().join()).toContain("body/conclusion must be equal to one of the allowed values");
    expect(repository().checkRuns).toEqual([]);
  });

  test.each([
    ["a completed check run without a conclusion", { status: "completed" }, "a completed check run needs a conclusion"],
    [
      "an end without a conclusion",
      { completed_at: "2026-11-24T05:00:00Z" },
      "completed_at comes without a conclusion",
    ],
    ["stale, which only GitHub may conclude", { conclusion: "stale" }, "only GitHub itself concludes stale"],
    ["a misspelt field", { sumary: "?" }, "body/sumary is no field of this request"],
    [
      "a misspelt field deep down",
      { output: { title: "", summary: "", anotations: [] } },
      "body/output/anotations is no field of this request",
    ],
    ["a short sha", { head_sha: "abc" }, "No commit found for SHA: abc"],
    ["a details_url that is none", { details_url: "localhost" }, "details_url must use http or https scheme"],
    ["a time that is none", { started_at: "now" }, 'body/started_at must match format "date-time"'],
    [
      "a summary of 65536 characters",
      { output: { title: "", summary: "x".repeat(65536) } },
      "body/output/summary must NOT have more than 65535 characters",
    ],
    [
      "a fourth action",
      { actions: Array(4).fill({ label: "a", description: "b", identifier: "c" }) },
      "body/actions must NOT have more than 3 items",
    ],
  ])("refuses %s", async (_, fields, problem) => {
    const { problems, newRun } = rig();
    await expect(newRun(fields)).rejects.toEqual(refused(422));
    expect(problems()).toEqual([problem]);
  });

  test.each([
    ["a 51st annotation", Array(51).fill(annotation), "body/output/annotations must NOT have more than 50 items"],
    [
      "a message over 64 KB",
      [{ ...annotation, message: "é".repeat(32769) }],
      "body/output/annotations/0/message is larger than 64 KB",
    ],
    [
      "a title of 256",
      [{ ...annotation, title: "x".repeat(256) }],
      "body/output/annotations/0/title is longer than 255 characters",
    ],
    [
      "columns over several lines",
      [{ ...annotation, end_line: 4, start_column: 1 }],
      "body/output/annotations/0 has columns but spans more than one line",
    ],
    ["an end before the start", [{ ...annotation, end_line: 2 }], "body/output/annotations/0 ends before it starts"],
    [
      "no message",
      [{ ...annotation, message: undefined }],
      "body/output/annotations/0 must have required property 'message'",
    ],
  ])("refuses annotations with %s", async (_, annotations, problem) => {
    const { problems, newRun } = rig();
    await expect(newRun({ output: { title: "t", summary: "s", annotations } })).rejects.toEqual(refused(422));
    expect(problems()).toEqual([problem]);
  });

  test("takes every field at its limit", async () => {
    const { double, newRun } = rig();
    const most = { ...annotation, start_column: 1, end_column: 2, title: "x".repeat(255), message: "x".repeat(65536) };
    const output = { title: "t", summary: "x".repeat(65535), text: "x".repeat(65535), annotations: [most] };
    await newRun({
      output,
      actions: [{ label: "x".repeat(20), description: "x".repeat(40), identifier: "x".repeat(20) }],
    });
    expect(double.violations).toEqual([]);
  });

  test("knows no check run that was not made", async () => {
    const { double, octokit } = rig();
    await expect(octokit.rest.checks.update({ ...repo, check_run_id: 7, name: "x" })).rejects.toEqual(refused(404));
    expect(double.requests).toMatchObject([{ operationId: "checks/update", status: 404 }]);
  });
});
