// A commit that would remove much of what runs is refused, as a plan and as a push, until somebody says that it is meant.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import type { JobResult } from "./action.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, counterSpec, greeterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

const HERALD = `name: herald
version: "1.0.0"
source: {type: release, url: "file://${releaseFile("herald")}"}
health: {type: http, port: 4000, path: /}
`;
// As patient as a spec is by default: how fast an app boots is not the matter here.
const COUNTER = counterSpec("1.0.0", { health: "{type: http, port: 8080, path: /health}" });
const REFUSED =
  /input max-removals: too_many_removals: 2 of the 2 apps deployed from here would be removed, max-removals \((\S+)\) allows 1: counter, greeter\n {4}→ If all of them are to go, set max-removals: 2 /;

describe.skipIf(because !== undefined)(because ?? "a commit that removes all that runs", () => {
  let shop: Shop;
  let host: Host;
  let before: string;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
    const files = { "apps/counter/app.yaml": COUNTER, "apps/greeter/app.yaml": greeterSpec("1.0.0") };
    const { code, log } = await shop.push(files);
    expect(code, log).toBe(0);
    before = await filesOfOurs();
    // Its folder is not empty: another app comes.
    shop.repository.push({ "apps/counter": null, "apps/greeter": null, "apps/herald/app.yaml": HERALD });
  });
  afterAll(() => shop.close());

  /** Every file below the root with its time: any change shows. */
  const filesOfOurs = async (): Promise<string> =>
    (await host.exec(["find", "/opt/releases", "-printf", "%p %T@\\n"])).stdout;
  const run = (inputs: Record<string, string> = {}, pull?: { head: string }): Promise<JobResult> => {
    const sha = shop.repository.head;
    const before = shop.repository.git("rev-parse", "HEAD~1").trim();
    const event =
      pull === undefined
        ? { name: "push", sha, payload: { before } }
        : {
            name: "pull_request",
            sha,
            payload: { pull_request: { base: { sha: before }, head: { sha: pull.head } } },
          };
    return shop.run({ workspace: shop.repository.checkout(sha), event, inputs });
  };
  const check = (sha: string) => shop.double.repository("acme/shop").checkRuns.findLast((run) => run.head_sha === sha);
  const expectUntouched = async (): Promise<void> => {
    expect(await answerOf(host, "/version")).toBe("1.0.0");
    expect(await answerOf(host, "/version", 8090)).toBe("1.0.0");
    expect(await filesOfOurs()).toBe(before);
  };

  test("is refused before any host is changed, by default and where one may go", async () => {
    for (const limit of ["", "99%", "1"]) {
      const { code, log, outputs, summary } = await run({ "max-removals": limit });
      expect(code, log).toBe(1);
      expect(REFUSED.exec(log)?.[1]).toBe(limit || "50%");
      expect(outputs.status).toBe("error");
      expect(summary).toContain("nothing was done");
      expect(check(shop.repository.head)).toMatchObject({
        conclusion: "failure",
        output: { title: "too_many_removals: nothing was done", summary: expect.stringContaining("counter, greeter") },
      });
      await expectUntouched();
    }
  });

  test("is shown in the pull request with what it would do, and as an error", async () => {
    const head = "a".repeat(40);
    const { code, log, outputs, summary } = await run({}, { head });
    expect(code, log).toBe(1);
    expect(log).toMatch(/web1\/counter remove 1\.0\.0/);
    expect(log).toMatch(REFUSED);
    expect(outputs).toMatchObject({ "has-changes": "true", changes: "3" });
    for (const text of [summary, check(head)?.output.summary ?? ""]) {
      expect(text).toContain("too_many_removals");
      expect(text).toMatch(/counter.*remove.*1\.0\.0/);
    }
    expect(check(head)).toMatchObject({ name: "beamline / production", conclusion: "failure" });
    await expectUntouched();
  });

  test("is refused with its approved plan, too: whoever approved it saw it as an error", async () => {
    const { outputs } = await run({ command: "plan" });
    const { code, log } = await run({ plan: outputs.plan ?? "" });
    expect(code, log).toBe(1);
    expect(log).toMatch(REFUSED);
    await expectUntouched();
  });

  test("is not refused where the input apps leaves one of them, and all of them where it is said to be meant", async () => {
    const one = await run({ apps: "counter" });
    expect(one.code, one.log).toBe(0);
    expect(one.outputs).toMatchObject({ removed: "1", deployed: "0" });
    expect([await answerOf(host, "/version"), await answerOf(host, "/version", 8090)]).toEqual(["down", "1.0.0"]);

    // Both are there again, and all of them go.
    const again = { "apps/counter/app.yaml": COUNTER, "apps/greeter/app.yaml": greeterSpec("1.0.0") };
    expect((await shop.push({ ...again, "apps/herald/app.yaml": null })).code).toBe(0);
    shop.repository.push({ "apps/counter": null, "apps/greeter": null, "apps/herald/app.yaml": HERALD });
    const all = await run({ "max-removals": "2" });
    expect(all.code, all.log).toBe(0);
    expect(all.outputs).toMatchObject({ removed: "2", deployed: "1" });
    expect(await answerOf(host, "/version", 8090)).toBe("down");
  });
});
