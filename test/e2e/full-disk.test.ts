// A disk without space is said to be one, and nothing that runs suffers from it.
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";

describe.skipIf(because !== undefined)(because ?? "a full disk", () => {
  let shop: Shop;
  let host: Host;
  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: true, disk: "40m" });
    host = shop.lab.host("web1");
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0") });
    expect(code, log).toBe(0);
    // Ends for want of space.
    await host.exec(["sh", "-c", "cat /dev/zero >/opt/filler"]);
  });
  afterAll(() => shop.close());

  test.each([
    ["an upgrade", "1.1.0", ""],
    ["a change of env", "1.0.0", "env: {try: 2}"],
  ])("refuses %s as disk_full, and the app runs on", async (_, version, more) => {
    const { code, log } = await shop.push({ [APP]: counterSpec(version, { more }) });
    expect(code).toBe(1);
    expect(log).toMatch(/disk_full: \/opt\/releases has .* free, .* are needed/);
    expect(log).not.toContain("BROKEN");
    expect([await answerOf(host, "/version"), await answerOf(host, "/env/try")]).toEqual(["1.0.0", "undefined"]);
  });

  test("keeps no VM from coming back after a crash", async () => {
    const pid = async (): Promise<string> => (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.trim();
    const before = await pid();
    await host.exec(["pkill", "-9", "-x", "beam.smp"]);
    await expect.poll(pid, { timeout: 20_000 }).not.toMatch(new RegExp(`^(${before})?$`));
    await expect.poll(() => answerOf(host, "/version"), { timeout: 20_000 }).toBe("1.0.0");
  });

  test("keeps no later run from going on, once there is space", async () => {
    await rm(host.file("/opt/filler"));
    const { code, log } = await shop.run();
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/env/try")).toBe("{ok,2}");
  });
});
