// One push, ten hosts with systemd, all at once.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNoLab } from "../lab/lab.ts";
import { counterSpec, openShop, type Shop, versionsOf } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const COUNT = 10;

// Ten Erlang VMs that boot at the same moment took 9 s on two busy cores; an unhealthy one is waited for to the end.
const health = (startTimeoutMs: number): string =>
  `{type: http, port: 8080, path: /health, start_timeout: ${startTimeoutMs}}`;

describe.skipIf(because !== undefined)(because ?? "ten hosts with systemd", { timeout: 300_000 }, () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ hosts: COUNT, systemd: true });
  });
  afterAll(() => shop?.close());

  test("are deployed by one push", async () => {
    const { code, log, outputs } = await shop.push({ [APP]: counterSpec("1.0.0", { health: health(60_000) }) });
    expect(code, log).toBe(0);
    expect(outputs).toMatchObject({ status: "synced", changes: `${COUNT}`, deployed: `${COUNT}`, failed: "0" });
    expect(await versionsOf(shop)).toEqual(Array(COUNT).fill("1.0.0"));
  });

  test("are all rolled back from an unhealthy version, each with its app's own last lines from its journal", async () => {
    const run = await shop.push({ [APP]: counterSpec("1.3.0", { health: health(20_000) }) });
    expect(run.code).toBe(1);
    expect(run.outputs).toMatchObject({
      status: "error",
      failed: `${COUNT}`,
      "rolled-back": `${COUNT}`,
      upgraded: "0",
    });
    for (const host of shop.lab.hosts) {
      const begin = `\n${host.name}/counter/8-health: health_check_failed: `;
      expect(run.log.split(begin), run.log).toHaveLength(2);
      const [problem = "", remedy = "", ...rest] = (run.log.split(begin)[1] ?? "").split("\n");
      expect(problem).toContain("status 503, body: database: connection refused");
      expect(remedy).toMatch(/^ {4}→ Read the app's last lines below/);
      const end = rest.findIndex((line) => !line.startsWith("    | "));
      const quoted = rest.slice(0, end).map((line) => line.slice("    | ".length));
      expect(quoted.join("\n")).toContain("counter 1.3.0 listens on port 8080");
      // Their times differ from host to host: each is quoted with its own.
      const journal = await host.exec(["journalctl", "--unit=beamline-counter", "--output=cat", "--no-pager"]);
      expect(journal.stdout.split("\n"), host.name).toEqual(expect.arrayContaining(quoted));
    }
  });

  test("serve the old version afterwards", async () => {
    expect(await versionsOf(shop)).toEqual(Array(COUNT).fill("1.0.0"));
    for (const host of shop.lab.hosts)
      expect((await host.exec(["pgrep", "-xc", "beam.smp"])).stdout, host.name).toBe("1\n");
  });
});
