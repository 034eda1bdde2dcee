// Which commit a run compares with: what was deployed last, where GitHub says so, and what it makes of that.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { addDeployment } from "../github/deployed.ts";
import { type GitHubDouble, startDouble } from "../github/double.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { type Job, type JobResult, runJob } from "./action.ts";
import { answerOf, counterSpec, greeterSpec, openShop, type Shop, TOKEN } from "./shop.ts";
import { SpecRepository } from "./spec-repository.ts";

const FLEET = 'hosts: {web1: {address: 192.0.2.11, host_key: "ssh-ed25519 AAAA"}}\n';
const COUNTER = "apps/counter/app.yaml";
const DISPATCH = { name: "workflow_dispatch", payload: {} };

// Without a key: no host is asked, and the plan shows what differs from the base.
describe("a plan of the specs alone", () => {
  let origin: SpecRepository;
  let double: GitHubDouble;
  const shas: string[] = [];
  const sha = (index: number): string => shas[index] ?? "";

  beforeAll(async () => {
    origin = new SpecRepository();
    double = await startDouble();
    for (const version of ["1.0.0", "1.1.0", "1.2.0"])
      shas.push(origin.push({ "fleet.yaml": FLEET, [COUNTER]: counterSpec(version) }).sha);
    const github = double.repository("acme/shop");
    addDeployment(github, sha(0));
    addDeployment(github, sha(1), { environment: "staging" });
    // Failed, and under way: as GitHub makes one for a job with an environment.
    addDeployment(github, sha(1), { states: ["in_progress", "failure"] });
    addDeployment(github, sha(2), { states: ["in_progress"] });
  });
  afterAll(async () => {
    origin.remove();
    await double.close();
    expect(double.violations).toEqual([]);
  });
  afterEach(() => double.heal());

  const planned = (
    event: { name: string; payload: object } = { name: "push", payload: { before: sha(1) } },
    inputs: Record<string, string> = {},
  ): Promise<JobResult> => {
    const job: Job = {
      workspace: origin.checkout(sha(2)),
      event: { sha: sha(2), ...event },
      apiUrl: double.url,
      inputs: { command: "plan", "github-token": TOKEN, ...inputs },
    };
    return runJob(job);
  };
  const base = (index: number, why: string): string => `base: ${sha(index).slice(0, 7)}, ${why}\n`;

  test.each([
    ["a push", undefined],
    ["a run by hand", DISPATCH],
    ["a schedule", { name: "schedule", payload: { schedule: "17 * * * *" } }],
    ["a tag", { name: "push", payload: { ref: "refs/tags/v1", before: "0".repeat(40) } }],
    [
      "a pull request",
      {
        name: "pull_request",
        payload: { pull_request: { base: { sha: "a".repeat(40) }, head: { sha: "b".repeat(40) } } },
      },
    ],
  ])("on %s compares with what was deployed last, not with what failed or is under way", async (_, event) => {
    const { code, log } = await planned(event);
    expect(code, log).toBe(0);
    expect(log).toContain(base(0, "the last successful deployment to production"));
    expect(log).toMatch(/version +1\.0\.0 → 1\.2\.0/);
    expect(log).not.toMatch(/unknown_commit|deployments: read/);
  });

  test("compares each environment with its own last deployment", async () => {
    const { log } = await planned(DISPATCH, { environment: "staging" });
    expect(log).toContain(base(1, "the last successful deployment to staging"));
    expect(log).toMatch(/version +1\.1\.0 → 1\.2\.0/);
  });

  test("compares with the input base, and then asks GitHub nothing about deployments", async () => {
    const before = double.requests.length;
    const { log } = await planned(undefined, { base: sha(1) });
    expect(log).toContain(base(1, "the input base"));
    const asked = double.requests.slice(before).map(({ operationId }) => operationId);
    expect(asked).not.toContain("repos/list-deployments");
  });

  test.each([
    [
      "lacks the permission",
      { status: 403, body: { message: "Resource not accessible by integration" } },
      /takes the permission deployments: read$/m,
    ],
    [
      "has too many requests",
      { status: 403, headers: { "x-ratelimit-remaining": "0" } },
      /is not known: 403 injected 403$/m,
    ],
    ["meets a broken GitHub", { status: 502 }, /is not known: 502 injected 502$/m],
  ])(
    "of a job that %s compares with what was there before the push, says why, and does not ask again",
    async (_, fault, why) => {
      double.fail({ kind: "status", path: /deployments/, ...fault });
      const before = double.requests.length;
      const { code, log } = await planned();
      expect(code, log).toBe(0);
      expect(log).toContain(base(1, "the commit before this push"));
      expect(log).toMatch(why);
      expect(log).toMatch(/version +1\.1\.0 → 1\.2\.0/);
      const asked = double.requests.slice(before).filter(({ path }) => path.includes("/deployments"));
      expect(asked).toHaveLength(1);
    },
  );

  test("waits ten seconds for a GitHub that hangs, and goes on", async () => {
    double.fail({ kind: "slow", path: /deployments/, ms: 60_000 });
    const begin = Date.now();
    const { code, log } = await planned();
    expect(code, log).toBe(0);
    expect(log).toMatch(/is not known: GitHub did not answer in time$/m);
    expect(log).toMatch(/version +1\.1\.0 → 1\.2\.0/);
    expect(Date.now() - begin).toBeLessThan(45_000);
  });

  test("without a token compares with what was there before the push", async () => {
    const { code, log } = await planned(undefined, { "github-token": "" });
    expect(code, log).toBe(0);
    expect(log).toContain(base(1, "the commit before this push"));
    expect(log).toContain("is not known: there is no github-token");
  });
});

const because = whyNoLab();

describe.skipIf(because !== undefined)(because ?? "a run that no push started", () => {
  let shop: Shop;
  let host: Host;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
    const files = { [COUNTER]: counterSpec("1.0.0"), "apps/greeter/app.yaml": greeterSpec("1.0.0") };
    expect((await shop.push(files)).code).toBe(0);
  });
  afterAll(() => shop.close());

  const started = (inputs: Record<string, string> = {}): Promise<JobResult> => {
    const sha = shop.repository.head;
    return shop.run({ workspace: shop.repository.checkout(sha), event: { ...DISPATCH, sha }, inputs });
  };
  const killGreeter = async (): Promise<void> => {
    expect((await host.exec(["pkill", "-9", "-f", "releases/greeter"])).code).toBe(0);
  };

  test("is red for drift that it only reports, also where nothing was deployed that GitHub knows of", async () => {
    await killGreeter();
    const { code, log } = await started({ command: "plan", "on-drift": "report" });
    expect(log).toContain("base: none, every spec counts as new");
    expect(code, log).toBe(1);
    expect(log).toMatch(/web1\/greeter: drift_found: drifted: it is not running/);
  });

  test("tells what changed since the last deployment from what an earlier run left undone, and from drift", async () => {
    addDeployment(shop.double.repository("acme/shop"), shop.repository.head);
    shop.repository.push({ [COUNTER]: counterSpec("1.1.0") });
    const changed = await started({ command: "plan" });
    expect(changed.log).toMatch(/web1\/counter upgrade 1\.0\.0 → 1\.1\.0 \(cause: spec/);
    expect(changed.log).toMatch(/web1\/greeter deploy 1\.0\.0 \(cause: drift/);
    // A job that ended well, and yet did not get to this host.
    addDeployment(shop.double.repository("acme/shop"), shop.repository.head);
    const left = await started();
    expect(left.code, left.log).toBe(0);
    expect(left.log).toMatch(/web1\/counter upgrade 1\.0\.0 → 1\.1\.0 \(cause: retry/);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    expect(await answerOf(host, "/version", 8090)).toBe("1.0.0");
  });

  test("says nothing about a base where none matters: status and rollback ask GitHub nothing about deployments", async () => {
    const before = shop.double.requests.length;
    const { log } = await started({ command: "status" });
    const back = await started({ command: "rollback", apps: "counter" });
    expect(back.code, back.log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.0.0");
    for (const text of [log, back.log]) expect(text).not.toMatch(/^base: /m);
    const asked = shop.double.requests.slice(before).map(({ operationId }) => operationId);
    expect(asked).not.toContain("repos/list-deployments");
  });
});
