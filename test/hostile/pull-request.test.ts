// A pull request by somebody who may push a branch: what its files may make the runner do, with the key and the secrets of the job.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job, JobResult } from "../e2e/action.ts";
import { releaseFile } from "../e2e/releases.ts";
import { answerOf, counterSpec, fleetFile, openShop, type Shop, shownLog } from "../e2e/shop.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";

const because = whyNoLab();

describe.skipIf(because !== undefined)(because ?? "a pull request", () => {
  let shop: Shop;
  let host: Host;
  let base: string;
  let fleet: string;

  /** The run on a pull request that changes these files, onto what is merged; nothing of it stays. */
  async function pull(files: Record<string, string>, job: Partial<Job> = {}): Promise<JobResult> {
    const { sha } = shop.repository.push(files);
    const workspace = shop.repository.checkout(sha);
    shop.repository.git("reset", "--quiet", "--hard", base);
    shop.repository.head = base;
    const payload = { pull_request: { base: { sha: base, ref: "main" }, head: { sha } } };
    return shop.run({ workspace, event: { name: "pull_request", sha, payload }, ...job });
  }
  const lastCheck = () => shop.double.repository("acme/shop").checkRuns.at(-1);

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
    fleet = fleetFile(shop.lab.hosts);
    const { code, log } = await shop.push({ "apps/counter/app.yaml": counterSpec("1.0.0") });
    expect(code, log).toBe(0);
    base = shop.repository.head;
  });
  afterAll(() => shop.close());

  test("has nobody contacted whom it brings along, and is planned for the others", async () => {
    const connections: string[] = [];
    // The runner's side of the lab: where an attacker's host would listen.
    const trap = createTcpServer((socket) => {
      connections.push(socket.remoteAddress ?? "");
      socket.destroy();
    });
    trap.listen(0, "127.0.0.1");
    await once(trap, "listening");
    const { port } = trap.address() as AddressInfo;
    const brought = `${fleet}  web2: {address: 127.0.0.1, port: ${port}}\n`;
    const files = { "fleet.yaml": brought, "apps/counter/app.yaml": counterSpec("1.1.0") };
    const planned = await pull(files);
    // That alone is nothing wrong.
    expect(planned.code, planned.log).toBe(0);
    expect(connections).toEqual([]);
    for (const text of [planned.log, planned.summary, lastCheck()?.output.summary ?? ""]) {
      expect(text).toMatch(/web2: host_not_contacted: web2 is not contacted: it is not in the pull request's base/);
      expect(text).toContain("contact-changed-hosts: true");
      expect(text).toMatch(/web2 address +\(none\) → 127\.0\.0\.1 +fleet\.yaml:4/);
    }
    expect(lastCheck()).toMatchObject({ conclusion: "success" });
    expect(planned.log).toContain("1 to upgrade, 1 to plan after the merge");
    expect(planned.log).toMatch(/web1\/counter upgrade 1\.0\.0 → 1\.1\.0/);
    // Nor by any other command of a pull request, where it is an error.
    const looked = await pull(files, { inputs: { command: "status" } });
    expect(looked.code).toBe(1);
    expect(connections).toEqual([]);

    const allowed = await pull(files, { inputs: { "contact-changed-hosts": "true", strict: "true" } });
    expect(connections.length).toBeGreaterThan(0);
    expect(allowed.code).toBe(1);
    trap.close();
  });

  test("does not move a host to another root, user or address to have it looked at there", async () => {
    const before = await host.sshdLog();
    for (const change of ["root: /tmp/planted", "user: nobody"]) {
      const [key = ""] = change.split(":");
      const moved = fleet.replace(`web1: {`, `web1: {${change}, `);
      const { code, log } = await pull({ "fleet.yaml": moved });
      expect(code, log).toBe(0);
      expect(log).toContain(`web1 is not contacted: it is not as in the pull request's base: another ${key}`);
    }
    expect(await host.sshdLog()).toBe(before);
  });

  test("approved is not carried out on hosts that are reached otherwise by then", async () => {
    const version = { "apps/counter/app.yaml": counterSpec("1.1.0") };
    const planned = await pull(version, { inputs: { command: "plan" } });
    const moved = fleet.replace("root: /opt/releases", "root: /opt/elsewhere");
    shop.repository.push({ ...version, "fleet.yaml": moved });
    const { code, log } = await shop.push({}, { inputs: { plan: planned.outputs.plan ?? "" } });
    expect(code).toBe(1);
    expect(log).toContain("plan_stale: ");
    expect(log).toContain("web1 is reached by another root");
    const older = JSON.parse(planned.outputs.plan ?? "{}");
    const stale = await shop.run({ inputs: { plan: JSON.stringify({ ...older, hosts: undefined }) } });
    expect(stale.code).toBe(1);
    expect(stale.log).toContain("it was made by an older version of Beamline");
    shop.repository.git("reset", "--quiet", "--hard", base);
    shop.repository.head = base;
    expect(await answerOf(host, "/version")).toBe("1.0.0");
  });

  test("has no file read that lies outside of the checkout, by its path or through a link", async () => {
    const release = releaseFile("counter", "1.1.0");
    const outside = join(shop.repository.directory, "outside.tar.gz");
    copyFileSync(release, outside);
    const inputs = { "allow-sources": "" };
    for (const url of [`file://${outside}`, "file:build.tar.gz", "file:///proc/self/environ"]) {
      execFileSync("ln", ["-sf", outside, join(shop.repository.origin, "build.tar.gz")]);
      const source = `{type: release, url: "${url}"}`;
      const { code, log } = await pull({ "apps/counter/app.yaml": counterSpec("1.1.0", { source }) }, { inputs });
      expect(code, url).toBe(1);
      expect(log).toMatch(/apps\/counter\/app\.yaml:3:\d+: source_not_allowed: /);
      expect(log).toContain("it is outside of the checkout");
      expect(log).toMatch(/give the workflow's input allow-sources this line: file:\/\/\/\S+\//);
    }
  });

  test("has nothing fetched from the runner's own network, straight or by a redirect", async () => {
    const release = readFileSync(releaseFile("counter", "1.1.0"));
    const asked: string[] = [];
    const serving = async (answer: (path: string) => string | null): Promise<Server> => {
      const server = createServer(({ url = "" }, response) => {
        asked.push(url);
        const location = answer(url);
        if (location === null) response.end(release);
        else response.writeHead(302, { location }).end();
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    };
    const inner = await serving(() => null);
    const innerPort = (inner.address() as AddressInfo).port;
    const outer = await serving(() => `http://127.0.0.1:${innerPort}/secret`);
    const outerPort = (outer.address() as AddressInfo).port;
    const sha256 = "0".repeat(64);
    const from = (url: string, allowed: string) =>
      pull(
        {
          "apps/counter/app.yaml": counterSpec("1.1.0", {
            source: `{type: release, url: "${url}", sha256: "${sha256}"}`,
          }),
        },
        { inputs: { "allow-sources": allowed } },
      );
    for (const name of ["2130706433", "localhost"]) {
      const { code, log } = await from(`http://${name}:${innerPort}/a.tar.gz`, "http://10.0.0.5/");
      expect(code, name).toBe(1);
      expect(log, name).toContain("source_not_allowed: ");
    }
    expect(asked).toEqual([]);
    const { log } = await from(`http://127.0.0.1:${outerPort}/start`, `http://127.0.0.1:${outerPort}/`);
    expect(log).toContain(`source_not_allowed: `);
    expect(log).toContain(`allow-sources this line: http://127.0.0.1:${innerPort}/`);
    expect(asked).toEqual(["/start"]);
    inner.close();
    outer.close();
  });

  test("gets neither the key nor the token of the job as a secret of its app", async () => {
    const key = shop.lab.userKey.text;
    const secrets = JSON.stringify({
      DEPLOY_KEY: key.trim(),
      WRAPPED: `{"k": ${JSON.stringify(key)}}`,
      OTHER: "correct horse",
    });
    for (const secret of ["DEPLOY_KEY", "WRAPPED"]) {
      const more = `os_env: {LOOT: {secret: ${secret}}}`;
      const files = { "apps/counter/app.yaml": counterSpec("1.1.0", { more }) };
      const planned = await pull(files, { inputs: { secrets } });
      expect(planned.code).toBe(1);
      expect(planned.log).toMatch(/apps\/counter\/app\.yaml:5:\d+: secret_withheld: /);
      // Merged it would be the same.
      const pushed = await shop.push(files, { inputs: { secrets } });
      expect(pushed.code).toBe(1);
      expect(pushed.log).toContain(`secret_withheld: secret ${secret} is, or holds, what the input ssh-key is given`);
      expect(shownLog(pushed)).not.toContain(key.split("\n")[1]);
    }
    expect(await answerOf(host, "/version")).toBe("1.0.0");
  });
});
