// Which deployment counts as the last, and what is made of an API that does not say.
import { describe, expect, test } from "vitest";
import { lastDeployment } from "../../../src/github/last-deployment.ts";
import { addDeployment } from "../../github/deployed.ts";
import { repo, useRig } from "../../github/rig.ts";

const rig = useRig();
const sha = (n: number): string => n.toString(16).padStart(40, "c");
const asked = (signal = new AbortController().signal, environment = "production") =>
  lastDeployment(rig().octokit, { ...repo, environment, signal });
const operations = (): (string | null)[] => rig().double.requests.map(({ operationId }) => operationId);

describe("what was deployed last is", () => {
  test("the newest success to this environment, found with two requests", async () => {
    addDeployment(rig().repository(), sha(1));
    addDeployment(rig().repository(), sha(2));
    addDeployment(rig().repository(), sha(3), { environment: "staging" });
    expect(await asked()).toEqual({ kind: "found", sha: sha(2) });
    expect(operations()).toEqual(["repos/list-deployments", "repos/list-deployment-statuses"]);
    expect(await asked(undefined, "staging")).toEqual({ kind: "found", sha: sha(3) });
    expect(rig().double.violations).toEqual([]);
  });

  test.each([
    ["is under way, as the one that GitHub makes for this very job", ["queued", "in_progress"]],
    ["waits for approval, and has no status yet", []],
    ["failed", ["in_progress", "failure"]],
    ["was a success until something took it back", ["in_progress", "success", "inactive"]],
  ] as const)("none that %s", async (_, states) => {
    addDeployment(rig().repository(), sha(1));
    addDeployment(rig().repository(), sha(2), { states });
    expect(await asked()).toEqual({ kind: "found", sha: sha(1) });
  });

  test("looked for behind a row of failures, on further pages", async () => {
    addDeployment(rig().repository(), sha(1));
    for (let n = 2; n <= 26; n++) addDeployment(rig().repository(), sha(n), { states: ["failure"] });
    expect(await asked()).toEqual({ kind: "found", sha: sha(1) });
    expect(operations().filter((each) => each === "repos/list-deployments")).toHaveLength(3);
    expect(rig().double.violations).toEqual([]);
  });

  test("nothing where none of the newest hundred is a success, and no older one is asked about", async () => {
    addDeployment(rig().repository(), sha(1));
    for (let n = 2; n <= 101; n++) addDeployment(rig().repository(), sha(n), { states: ["failure"] });
    expect(await asked()).toEqual({ kind: "none", looked: 100 });
    expect(operations().filter((each) => each === "repos/list-deployment-statuses")).toHaveLength(100);
  });

  test("nothing where nothing was deployed", async () => {
    expect(await asked()).toEqual({ kind: "none", looked: 0 });
    expect(operations()).toEqual(["repos/list-deployments"]);
  });
});

describe("an API that", () => {
  const refuses = { kind: "status" as const, path: /deployments/ };
  const forbidden = { message: "Resource not accessible by integration", documentation_url: "https://docs.github.com" };

  test.each([
    ["refuses the token", { ...refuses, status: 403, body: forbidden }, "403 Resource not accessible by integration"],
    ["hides the repository", { ...refuses, status: 404, body: { message: "Not Found" } }, "404 Not Found"],
  ])("%s lacks the permission", async (_, fault, detail) => {
    rig().double.fail(fault);
    expect(await asked()).toEqual({ kind: "unknown", detail, isForbidden: true });
  });

  test.each([
    ["has had too many requests", { ...refuses, status: 403, headers: { "x-ratelimit-remaining": "0" } }],
    ["has had too many requests at once", { ...refuses, status: 403, headers: { "retry-after": "60" } }],
    ["does not know the token", { ...refuses, status: 401 }],
    ["is broken", { ...refuses, status: 502 }],
  ])("%s is asked once, and not taken for a lack of permission", async (_, fault) => {
    addDeployment(rig().repository(), sha(1));
    rig().double.fail(fault);
    expect(await asked()).toEqual({
      kind: "unknown",
      detail: `${fault.status} injected ${fault.status}`,
      isForbidden: false,
    });
    expect(operations()).toHaveLength(1);
  });

  test("breaks in the middle has not said", async () => {
    addDeployment(rig().repository(), sha(1));
    rig().double.fail({ kind: "reset", path: /statuses/ });
    const answer = await asked();
    expect(answer).toMatchObject({ kind: "unknown", isForbidden: false });
    expect(answer).not.toMatchObject({ detail: expect.stringMatching(/^\d/) });
  });

  test("hangs is given up in time; so is one at all once the run is cancelled", async () => {
    addDeployment(rig().repository(), sha(1));
    rig().double.fail({ kind: "slow", path: /statuses/, ms: 60_000, count: 2 });
    const begin = Date.now();
    expect(await asked(AbortSignal.timeout(200))).toEqual({
      kind: "unknown",
      detail: "GitHub did not answer in time",
      isForbidden: false,
    });
    const cancelled = new AbortController();
    setTimeout(() => cancelled.abort(), 200);
    expect(await asked(cancelled.signal)).toMatchObject({ detail: "the run is cancelled" });
    expect(Date.now() - begin).toBeLessThan(20_000);
  });
});
