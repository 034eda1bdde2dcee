// An app that writes into the data of its release (as tzdata does): that is its own, and keeps nobody from anything.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { changedRelease, releaseFile } from "./releases.ts";
import { answerOf, counterSpec, openShop, type Shop, shownLog } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const TABLE = "lib/counter-1.0.0/priv/release_ets/2021e.v2.ets";

describe.skipIf(because !== undefined)(because ?? "an app that changes its own data", () => {
  let shop: Shop;
  let host: Host;
  let source: string;
  const built = mkdtempSync(join(tmpdir(), "own-data-"));

  beforeAll(async () => {
    const change = `mkdir -p $(dirname ${TABLE}) && echo table >${TABLE}`;
    const file = changedRelease(built, releaseFile("counter", "1.0.0"), change);
    source = `{type: release, url: "file://${file}"}`;
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0", { source }) });
    expect(code, log).toBe(0);
    await host.exec([
      "sh",
      "-c",
      `cd /opt/releases/counter/1.0.0 && rm ${TABLE} && echo new >$(dirname ${TABLE})/2026b.v2.ets`,
    ]);
  });
  afterAll(async () => {
    rmSync(built, { recursive: true });
    await shop.close();
  });

  test("is reconfigured, and it is said what is not as it came", async () => {
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0", { source, more: "env: {try: 2}" }) });
    expect(code, log).toBe(0);
    expect(shownLog({ log })).toContain(`has changed data of its own in the release, which stays as it is: ./${TABLE}`);
    expect(await answerOf(host, "/env/try")).toBe("{ok,2}");
  });

  test("is gone back to", async () => {
    expect((await shop.push({ [APP]: counterSpec("1.1.0") })).code).toBe(0);
    const { code, log } = await shop.run({ inputs: { command: "rollback" } });
    expect(code, log).toBe(0);
    expect([await answerOf(host, "/version"), await answerOf(host, "/env/try")]).toEqual(["1.0.0", "{ok,2}"]);
  });
});
