// What GitHub shows of a run, and that a run does not depend on GitHub showing it.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CheckRun } from "../github/state.ts";
import { whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, greeterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

describe.skipIf(because !== undefined)(because ?? "on GitHub", () => {
  let shop: Shop;
  const checksOf = (sha: string): CheckRun[] =>
    shop.double.repository("acme/shop").checkRuns.filter((check) => check.head_sha === sha);
  const checkNamed = (sha: string, name: string): CheckRun | undefined =>
    checksOf(sha).find((check) => check.name === name);

  beforeAll(async () => {
    shop = await openShop({ hosts: 2 });
  });
  afterAll(() => shop.close());
  afterEach(() => shop.double.heal());

  test("a check for each app and one for the run: begun in progress, updated, concluded with hosts, steps and health", async () => {
    const { code } = await shop.push({
      "apps/counter/app.yaml": counterSpec("1.0.0"),
      "apps/greeter/app.yaml": greeterSpec("1.0.0"),
    });
    expect(code).toBe(0);
    const sha = shop.repository.head;
    expect(
      checksOf(sha)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["beamline / counter / production", "beamline / greeter / production", "beamline / production"]);
    for (const check of checksOf(sha)) expect(check).toMatchObject({ status: "completed", conclusion: "success" });
    const summary = checkNamed(sha, "beamline / counter / production")?.output.summary ?? "";
    for (const word of ["web1", "web2", "1.0.0", "stage", "start", "health"]) expect(summary).toContain(word);
    const created = shop.double.requests.filter(({ operationId }) => operationId === "checks/create");
    expect(created.map(({ body }) => body)).toEqual(
      Array(3).fill(expect.objectContaining({ status: "in_progress", head_sha: sha })),
    );
  });

  test("a failed app fails its check and the run's, says why, and leaves the other app's check alone", async () => {
    const { code } = await shop.push({ "apps/counter/app.yaml": counterSpec("1.4.0") });
    expect(code).toBe(1);
    const sha = shop.repository.head;
    const check = checkNamed(sha, "beamline / counter / production");
    expect(check).toMatchObject({ status: "completed", conclusion: "failure" });
    expect(check?.output.summary).toContain("boom_at_boot");
    expect(check?.output.summary).toContain("rolled back");
    expect(checkNamed(sha, "beamline / production")).toMatchObject({ conclusion: "failure" });
    expect(checkNamed(sha, "beamline / greeter / production")).toBeUndefined();
  });

  test("a pull request shows the plan on its head commit, and no host changes", async () => {
    const { sha } = shop.repository.push({ "apps/counter/app.yaml": counterSpec("1.1.0") });
    const head = "a".repeat(40);
    const base = shop.repository.git("rev-parse", `${sha}~2`).trim();
    const { code, outputs, summary } = await shop.run({
      workspace: shop.repository.checkout(sha),
      event: { name: "pull_request", sha, payload: { pull_request: { base: { sha: base }, head: { sha: head } } } },
    });
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ "has-changes": "true", changes: "2" });
    expect(JSON.parse(outputs.plan ?? "").digest).toBe(outputs["plan-digest"]);
    const check = checkNamed(head, "beamline / production");
    expect(check).toMatchObject({ status: "completed", conclusion: "success" });
    for (const text of [summary, check?.output.summary]) expect(text).toMatch(/counter.*upgrade.*1\.0\.0 → 1\.1\.0/s);
    for (const host of shop.lab.hosts) expect(await answerOf(host, "/version")).toBe("1.0.0");
  });

  test.each([
    ["answers 502", { kind: "status", status: 502 } as const],
    ["closes every connection", { kind: "reset" } as const],
    [
      "refuses the token",
      { kind: "status", status: 403, body: { message: "Resource not accessible by integration" } } as const,
    ],
  ])("if the API %s the deploy still happens, and the log says what could not be posted", async (_, harm) => {
    shop.double.fail({ path: /./, count: 1_000, ...harm });
    const version = (await answerOf(shop.lab.host("web1"), "/version")) === "1.1.0" ? "1.2.0" : "1.1.0";
    const { code, log, outputs } = await shop.push({ "apps/counter/app.yaml": counterSpec(version) });
    expect(code, log).toBe(0);
    expect(outputs).toMatchObject({ status: "synced", upgraded: "2" });
    expect(log).toMatch(/github_unavailable: create check run beamline \/ production failed/);
    for (const host of shop.lab.hosts) expect(await answerOf(host, "/version")).toBe(version);
  });

  test("if nothing answers at the API's address the deploy still happens", async () => {
    const { code, log, outputs } = await shop.push(
      { "apps/greeter/app.yaml": greeterSpec("1.1.0") },
      { apiUrl: "http://127.0.0.1:9" },
    );
    expect(code, log).toBe(0);
    expect(outputs).toMatchObject({ upgraded: "2" });
    expect(log).toMatch(/github_unavailable: /);
  });

  test("status prints each app's state, posts nothing and changes nothing", async () => {
    const requests = shop.double.requests.length;
    const { code, log, outputs } = await shop.run({ inputs: { command: "status" } });
    expect(code).toBe(0);
    expect(log).toMatch(/web1\/greeter.*1\.1\.0.*healthy/);
    expect(JSON.parse(outputs.state ?? "").greeter.web2).toMatchObject({
      version: "1.1.0",
      status: "running",
      health: "healthy",
    });
    expect(shop.double.requests).toHaveLength(requests);
    const [, killed] = shop.lab.hosts;
    await killed?.exec(["pkill", "-9", "-f", "releases/greeter"]);
    const after = await shop.run({ inputs: { command: "status" } });
    expect(JSON.parse(after.outputs.state ?? "").greeter.web2).toMatchObject({ status: "failed", health: "unknown" });
    expect(after.log).toMatch(/web2\/greeter.*failed/);
  });
});
