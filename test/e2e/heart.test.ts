// A release that runs under heart(3), on a host where nobody else would start it again.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { changedRelease, releaseFile } from "./releases.ts";
import { answerOf, counterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const COMMAND = "os_env: {HEART_COMMAND: /opt/releases/counter/current/bin/counter daemon}";

describe.skipIf(because !== undefined)(because ?? "an app under heart", { timeout: 180_000 }, () => {
  let shop: Shop;
  let host: Host;
  const built = mkdtempSync(join(tmpdir(), "heart-"));
  const named = async (name: string): Promise<string[]> =>
    (await host.exec(["pgrep", "-x", name])).stdout.split("\n").filter(Boolean);

  beforeAll(async () => {
    const file = changedRelease(built, releaseFile("counter", "1.0.0"), "echo -heart >>releases/1.0.0/vm.args");
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
    const source = `{type: release, url: "file://${file}"}`;
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0", { source, more: COMMAND }) });
    expect(code, log).toBe(0);
    expect(await named("heart")).toHaveLength(1);
  });
  afterAll(async () => {
    rmSync(built, { recursive: true });
    await shop.close();
  });

  test("is stopped for the next version, and nothing starts it again", async () => {
    const { code, log } = await shop.push({ [APP]: counterSpec("1.1.0") });
    expect(code, log).toBe(0);
    await until("heart has ended", async () => (await named("heart")).length === 0);
    // What it was told to start would be there by now.
    await pause(3_000);
    expect([await answerOf(host, "/version"), (await named("beam.smp")).length]).toEqual(["1.1.0", 1]);
  });
});
