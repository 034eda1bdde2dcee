// A release crosses the wire as what the host lacks, however often the wire breaks.
import { appendFile, readdir, readFile, rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, greeterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const OPS = "/opt/releases/.beamline/ops";

/** What the last op of a host asked for: round and lines of the manifest. */
async function asked(host: Host): Promise<{ round: number; lacking: string }[]> {
  const last = (await readdir(host.file(OPS))).sort().at(-1);
  const journal = await readFile(host.file(`${OPS}/${last}/journal`), "utf8");
  return journal
    .split("\n")
    .filter((line) => line.includes('"event":"need"'))
    .map((line) => JSON.parse(line));
}

const linesIn = (ranges: string): number =>
  ranges
    .split(",")
    .map((range) => range.split("-").map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);

describe.skipIf(because !== undefined)(because ?? "a release that is sent", () => {
  let shop: Shop;
  let host: Host;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0") });
    expect(code, log).toBe(0);
  });
  afterAll(() => shop.close());

  test("is whole on a host that has nothing", async () => {
    const [need, ...more] = await asked(host);
    expect(more).toEqual([]);
    expect(linesIn(need?.lacking ?? "")).toBeGreaterThan(200);
  });

  test("is what differs where the version before is there", async () => {
    const { code, log } = await shop.push({ [APP]: counterSpec("1.1.0") });
    expect(code, log).toBe(0);
    const [need, ...more] = await asked(host);
    expect(more).toEqual([]);
    expect(linesIn(need?.lacking ?? "")).toBeLessThan(15);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });

  test("is what differs from another app's, which brings the same Erlang", async () => {
    const { code, log } = await shop.push({ "apps/greeter/app.yaml": greeterSpec("1.0.0") });
    expect(code, log).toBe(0);
    const [need] = await asked(host);
    expect(linesIn(need?.lacking ?? "")).toBeLessThan(25);
    expect(await answerOf(host, "/", 8090)).not.toBe("down");
  });

  test("is asked for where the file that was to be copied is damaged, or gone, on the host", async () => {
    const erts = (await host.exec(["sh", "-c", "ls -d /opt/releases/*/[0-9]*/erts-*/bin/epmd"])).stdout
      .trim()
      .split("\n");
    for (const file of erts) await rm(host.file(file));
    const boots = await host.exec(["sh", "-c", "ls /opt/releases/*/[0-9]*/bin/no_dot_erlang.boot"]);
    for (const file of boots.stdout.trim().split("\n")) await appendFile(host.file(file), "damaged");
    const { code, log } = await shop.push({ [APP]: counterSpec("1.2.0") });
    expect(code, log).toBe(0);
    const needs = await asked(host);
    expect(needs.map(({ round }) => round)).toEqual([1, 2]);
    expect(linesIn(needs[1]?.lacking ?? "")).toBeLessThan(5);
    expect(await answerOf(host, "/version")).toBe("1.2.0");
  });
});

describe.skipIf(because !== undefined)(because ?? "a connection that is cut every two seconds", () => {
  test("does not keep a release from arriving, piece by piece", async () => {
    const shop = await openShop({ hosts: 1 });
    const host = shop.lab.host("web1");
    // 3.7 MB need seven seconds.
    await host.limit(500_000);
    const job = await shop.startPush({ [APP]: counterSpec("1.0.0") });
    let isOver = false;
    let cuts = 0;
    const result = job.result.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await Promise.race([result, new Promise((resolve) => setTimeout(resolve, 2000))]);
      const { stdout } = await host.exec(["pgrep", "-f", "^sshd(-session)?: [^/]"]);
      for (const pid of stdout.split("\n").filter(Boolean)) await host.exec(["kill", "-9", pid]);
      if (!isOver && stdout !== "") cuts += 1;
    }
    const { code, log } = await result;
    expect(code, log).toBe(0);
    expect(cuts).toBeGreaterThan(2);
    await until("it serves", async () => (await answerOf(host, "/version")) === "1.0.0");
    await shop.close();
  });
});
