// What the plan is made from, what it is held to, and where releases come from.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, counterSpec, greeterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

describe.skipIf(because !== undefined)(because ?? "a plan", () => {
  let shop: Shop;
  let host: Host;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
    const { code } = await shop.push({
      "apps/counter/app.yaml": counterSpec("1.0.0"),
      "apps/greeter/app.yaml": greeterSpec("1.0.0"),
    });
    expect(code).toBe(0);
  });
  afterAll(() => shop.close());

  test("approved is carried out as it is; refused when the world moved, with what differs", async () => {
    shop.repository.push({ "apps/counter/app.yaml": counterSpec("1.1.0") });
    const planned = await shop.push({}, { inputs: { command: "plan" } });
    expect(planned.outputs.changes).toBe("1");
    const approved = planned.outputs.plan ?? "";

    const moved = { "apps/counter/app.yaml": counterSpec("1.2.0") };
    const stale = await shop.push(moved, { inputs: { plan: approved } });
    expect(stale.code).toBe(1);
    expect(stale.log).toMatch(/plan_stale: the world changed since the plan was approved: .*counter/);
    expect(await answerOf(host, "/version")).toBe("1.0.0");

    // An app that has crashed since is started again: nobody is interrupted who was not to be.
    const killed = await host.exec(["pkill", "-9", "-f", "releases/greeter"]);
    expect(killed.code).toBe(0);
    const back = { "apps/counter/app.yaml": counterSpec("1.1.0") };
    const applied = await shop.push(back, { inputs: { plan: approved } });
    expect(applied.code, applied.log).toBe(0);
    expect(applied.outputs).toMatchObject({ changes: "2" });
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });

  test("that is no plan is refused before anything is asked", async () => {
    for (const text of ["{", "[]", '{"items": 3}', '{"digest": "x", "items": [{}]}']) {
      const { code, log } = await shop.run({ inputs: { plan: text } });
      expect(code).toBe(1);
      expect(log).toMatch(/invalid_input: input plan must be/);
    }
  });

  test("heals drift, and only reports it where that is asked for", async () => {
    const find =
      "for pid in $(pgrep -x beam.smp); do grep -qz '^BEAMLINE_APP=counter$' /proc/$pid/environ && echo $pid; done";
    const { stdout } = await host.exec(["sh", "-c", find]);
    await host.exec(["kill", "-9", ...stdout.split("\n").filter(Boolean)]);
    const reported = await shop.run({ inputs: { "on-drift": "report" } });
    expect(reported.code).toBe(1);
    expect(reported.log).toMatch(/drift_found: drifted: /);
    expect(await answerOf(host, "/version")).toBe("down");
    const healed = await shop.run();
    expect(healed.code, healed.log).toBe(0);
    expect(healed.log).toMatch(/web1\/counter .*drift/);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });

  test("without ssh-key shows what changes in the specs, and connects to nobody", async () => {
    const before = await host.sshdLog();
    const inputs = { command: "plan", "ssh-key": "" };
    const { code, log, summary } = await shop.push({ "apps/counter/app.yaml": counterSpec("1.2.0") }, { inputs });
    expect(code, log).toBe(0);
    expect(await host.sshdLog()).toBe(before);
    expect(summary).toMatch(/counter.*version +\S+ → 1\.2\.0/s);
    expect((await shop.push({}, { inputs })).summary).toContain("No spec changes.");
  });

  test("leaves what another repository deployed alone, and says whose it is", async () => {
    const { code, log } = await shop.run({ environment: {}, inputs: { environment: "staging" } });
    expect(code).toBe(1);
    expect(log).toMatch(/foreign_app: counter belongs to acme\/shop.*production/);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });

  test("takes a release from an https server, verified by its sha256", async () => {
    const at = (name: string): string => join(shop.repository.directory, name);
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"],
        ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", at("tls.key"), "-out", at("tls.crt")],
      ],
      { stdio: "ignore" },
    );
    const release = readFileSync(releaseFile("counter", "1.2.0"));
    const asked: string[] = [];
    const server = createServer(
      { key: readFileSync(at("tls.key")), cert: readFileSync(at("tls.crt")) },
      (request, response) => {
        asked.push(request.url ?? "");
        if (request.url === "/counter-1.2.0.tar.gz") response.end(release);
        else response.writeHead(404).end();
      },
    );
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const sha256 = createHash("sha256").update(release).digest("base64");
    const source = (file: string): string =>
      `{type: release, url: "https://127.0.0.1:${port}/${file}", sha256: "${sha256}"}`;
    const environment = { NODE_EXTRA_CA_CERTS: at("tls.crt") };

    const missing = await shop.push(
      { "apps/counter/app.yaml": counterSpec("1.2.0", { source: source("none.tar.gz") }) },
      { environment },
    );
    expect(missing.code).toBe(1);
    expect(missing.log).toMatch(/fetch_failed: https:\S+ can't be fetched: the server answers 404/);
    const untrusted = await shop.push({
      "apps/counter/app.yaml": counterSpec("1.2.0", { source: source("counter-{version}.tar.gz") }),
    });
    expect(untrusted.log).toMatch(/fetch_failed: .*certificate/);
    const { code, log } = await shop.run({ environment });
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.2.0");

    // What the host has already is not fetched again.
    asked.length = 0;
    const unchanged = await shop.push({ "README.md": "# Shop\n" }, { environment });
    expect(unchanged.outputs.changes).toBe("0");
    expect(asked).toEqual([]);
    await new Promise((closed) => server.close(closed));
  });
});
