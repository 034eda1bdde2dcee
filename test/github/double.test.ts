import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { head_sha, refused, repo, useRig } from "./rig.ts";

const rig = useRig();

describe("the door", () => {
  test("answers 401 without a token, and changes nothing", async () => {
    const { double } = rig();
    const body = JSON.stringify({ body: "hello" });
    const response = await fetch(`${double.url}/repos/acme/shop/issues/7/comments`, { method: "POST", body });
    expect([response.status, double.state.repositories]).toEqual([401, {}]);
  });

  test("answers an unknown route 404 and records it", async () => {
    const { double, octokit } = rig();
    await expect(octokit.request("GET /repos/{owner}/{repo}/topics", repo)).rejects.toEqual(refused(404));
    expect(double.violations).toMatchObject([{ operationId: null, path: "/repos/acme/shop/topics" }]);
  });

  test("refuses a query parameter that GitHub would ignore", async () => {
    const { octokit, problems } = rig();
    const misspelt = { ...repo, issue_number: 7, "per-page": 5 };
    await expect(octokit.request("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", misspelt)).rejects.toEqual(
      refused(422),
    );
    expect(problems()).toEqual(['query must NOT have additional properties: "per-page"']);
  });

  test("refuses a body that is no JSON", async () => {
    const { double, problems } = rig();
    const headers = { authorization: "Bearer t" };
    const response = await fetch(`${double.url}/repos/acme/shop/check-runs`, { method: "POST", headers, body: "{" });
    expect([response.status, problems()]).toEqual([422, ["body must be object"]]);
  });

  test("tells every request in order, with its body and status", async () => {
    const { double, octokit, newRun } = rig();
    await newRun();
    await octokit.rest.repos.listDeployments({ ...repo, per_page: 1 });
    expect(double.requests).toEqual([
      {
        method: "POST",
        path: "/repos/acme/shop/check-runs",
        query: {},
        operationId: "checks/create",
        body: { name: "beamline", head_sha },
        status: 201,
      },
      {
        method: "GET",
        path: "/repos/acme/shop/deployments",
        query: { per_page: "1" },
        operationId: "repos/list-deployments",
        body: undefined,
        status: 200,
      },
    ]);
  });

  test("records an answer of its own that GitHub would never give", async () => {
    const { double, octokit, repository, newRun } = rig();
    await newRun();
    Object.assign(repository().checkRuns[0] ?? {}, { status: "half-done" });
    await expect(octokit.rest.checks.listForRef({ ...repo, ref: head_sha })).rejects.toEqual(refused(500));
    expect(double.violations).toMatchObject([{ side: "answer", operationId: "checks/list-for-ref" }]);
  });
});

describe("faults", () => {
  test("answers the status it was told, as often as it was told, storing nothing", async () => {
    const { double, repository, newRun } = rig();
    double.fail({ operationId: "checks/create", kind: "status", status: 502, count: 2 });
    await expect(newRun()).rejects.toEqual(refused(502));
    await expect(newRun()).rejects.toEqual(refused(502));
    expect(repository().checkRuns).toEqual([]);
    expect((await newRun()).status).toBe(201);
    expect(double.requests.map((one) => one.status)).toEqual([502, 502, 201]);
  });

  test("sends the headers and the body of a rate limit", async () => {
    const { double, newRun } = rig();
    const body = { message: "You have exceeded a secondary rate limit" };
    double.fail({
      path: /\/check-runs$/,
      method: "POST",
      kind: "status",
      status: 403,
      headers: { "retry-after": "1" },
      body,
    });
    const response = expect.objectContaining({ headers: expect.objectContaining({ "retry-after": "1" }), data: body });
    await expect(newRun()).rejects.toEqual(expect.objectContaining({ status: 403, response }));
  });

  test("judges a request even when a fault answers it", async () => {
    const { double, problems, newRun } = rig();
    double.fail({ operationId: "checks/create", kind: "status", status: 502 });
    await expect(newRun({ status: "completed" })).rejects.toEqual(refused(502));
    expect(problems()).toEqual(["a completed check run needs a conclusion"]);
  });

  test("says so when it breaks down itself", async () => {
    const { double } = rig();
    await expect(fetch(`${double.url}/repos/acme/%zz`)).rejects.toThrow();
    expect(double.violations).toMatchObject([{ side: "answer", problems: ["URIError: URI malformed"] }]);
  });

  test("leaves other requests alone", async () => {
    const { double, octokit, newRun } = rig();
    double.fail({ path: /\/check-runs$/, method: "GET", kind: "reset" });
    double.fail({ operationId: "issues/create-comment", kind: "reset" });
    expect((await newRun()).status).toBe(201);
    double.heal();
    expect((await octokit.rest.issues.createComment({ ...repo, issue_number: 7, body: "b" })).status).toBe(201);
  });

  test("resets the connection with nothing stored", async () => {
    const { double, repository, newRun } = rig();
    double.fail({ operationId: "checks/create", kind: "reset" });
    await expect(newRun()).rejects.toThrow();
    expect(repository().checkRuns).toEqual([]);
    expect(double.requests).toMatchObject([{ status: "reset" }]);
  });

  test("shows the duplicate of a client that sends again after a lost answer", async () => {
    const { double, repository, newRun } = rig();
    double.fail({ operationId: "checks/create", kind: "store-then-reset" });
    await expect(newRun()).rejects.toThrow();
    await newRun();
    expect(repository().checkRuns).toHaveLength(2);
    expect(double.requests.map((one) => one.status)).toEqual(["reset", 201]);
  });

  test("keeps the client waiting, the effect already stored", async () => {
    const { double, repository, newRun } = rig();
    double.fail({ operationId: "checks/create", kind: "slow", ms: 120 });
    const began = performance.now();
    const waiting = newRun();
    await expect.poll(() => repository().checkRuns.length).toBe(1);
    await waiting;
    expect(performance.now() - began).toBeGreaterThan(100);
  });

  test("closes under a client that still waits", async () => {
    const { double, newRun } = rig();
    double.fail({ operationId: "checks/create", kind: "slow", ms: 60_000 });
    const waiting = expect(newRun()).rejects.toThrow();
    await expect.poll(() => double.requests.length).toBe(1);
    await double.close();
    await waiting;
  });
});

test("runs by itself, prints its address first, and fails at the end when it saw a violation", async () => {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./main.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const output = createInterface(child.stdout).on("line", (line) => lines.push(line));
  await once(output, "line");
  await fetch(`${lines[0]}/nowhere`);
  child.kill("SIGTERM");
  const [code] = await once(child, "close");
  expect(code).toBe(1);
  expect(lines.slice(1)).toEqual(["404 GET /nowhere", expect.stringMatching(/^violation /)]);
});
