// A runner that reaches the world through a proxy only.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, counterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

describe.skipIf(because !== undefined)(because ?? "behind a proxy", () => {
  let shop: Shop;
  let proxy: Server;
  const asked: string[] = [];
  const release = releaseFile("counter").replace("{version}", "1.0.0");

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    // It is asked for an http: url as a whole (RFC 9112, 3.2.2), and would be asked for a tunnel to an https: one.
    proxy = createServer(({ url }, response) => {
      asked.push(url ?? "");
      response.end(readFileSync(release));
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
  });
  afterAll(async () => {
    proxy.close();
    await shop.close();
  });

  test("a release comes through it, and what no_proxy names does not", async () => {
    const sha256 = createHash("sha256").update(readFileSync(release)).digest("hex");
    const source = `{type: release, url: "http://releases.invalid/counter.tar.gz", sha256: ${sha256}}`;
    const { port } = proxy.address() as AddressInfo;
    const { code, log } = await shop.push(
      { "apps/counter/app.yaml": counterSpec("1.0.0", { source }) },
      { environment: { http_proxy: `http://127.0.0.1:${port}`, no_proxy: "127.0.0.1" } },
    );
    expect(log).not.toContain("::error");
    expect(code).toBe(0);
    expect(await answerOf(shop.lab.host("web1"), "/version")).toBe("1.0.0");
    expect(asked).toEqual(["http://releases.invalid/counter.tar.gz"]);
    // The checks were posted without it.
    expect(shop.double.repository("acme/shop").checkRuns.at(-1)).toMatchObject({ conclusion: "success" });
  });
});
