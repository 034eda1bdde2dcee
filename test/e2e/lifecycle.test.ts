// The main job: a push deploys, upgrades, reconfigures, leaves alone, removes.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, greeterSpec, openShop, type Shop, versionsOf } from "./shop.ts";

const because = whyNoLab();

/** Every file of a host with its times and size, every folder with the time of its last new or lost name; any write shows. */
async function filesOf(host: Host): Promise<string> {
  // The machine's own /usr is mounted read-only.
  const argv = ["find", "/", "-xdev", "(", "-path", "/usr", "-o", "-path", "/proc", ")", "-prune", "-o"];
  const shown = ["-type", "d", "-printf", "%p %T@\\n", "-o", "-printf", "%p %s %T@ %C@\\n"];
  return (await host.exec([...argv, ...shown])).stdout.split("\n").sort().join("\n");
}

describe.skipIf(because !== undefined)(because ?? "a push", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ hosts: 3 });
  });
  afterAll(() => shop.close());

  test("deploys new specs to all hosts", async () => {
    const { code, outputs, summary, leftovers } = await shop.push({
      "apps/counter/app.yaml": counterSpec("1.0.0"),
      "apps/greeter/app.yaml": greeterSpec("1.0.0"),
    });
    expect(await versionsOf(shop)).toEqual(["1.0.0", "1.0.0", "1.0.0"]);
    expect(code).toBe(0);
    expect(outputs).toMatchObject({
      status: "synced",
      "has-changes": "true",
      changes: "6",
      deployed: "6",
      failed: "0",
    });
    const healthy = { status: "running", version: "1.0.0", health: "healthy" };
    const onAll = Object.fromEntries(shop.lab.hosts.map(({ name }) => [name, expect.objectContaining(healthy)]));
    expect(JSON.parse(outputs.state ?? "")).toEqual({ counter: onAll, greeter: onAll });
    expect(summary).toContain("web3");
    expect(leftovers).toEqual([]);
  });

  test("upgrades an app on all hosts at the same time", async () => {
    const { code, log, outputs } = await shop.push({ "apps/counter/app.yaml": counterSpec("1.1.0") });
    expect(await versionsOf(shop)).toEqual(["1.1.0", "1.1.0", "1.1.0"]);
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ upgraded: "3", unchanged: "3" });
    const lines = log.split("\n");
    const isStart = (line: string): boolean => line.endsWith(" …");
    const isEnd = (line: string): boolean => /upgraded 1.0.0 → 1.1.0 in /.test(line);
    expect(lines.filter(isStart)).toHaveLength(3);
    expect(lines.findLastIndex(isStart)).toBeLessThan(lines.findIndex(isEnd));
  });

  test("reconfigures an app whose env changed: same release, new values, new VM", async () => {
    const { code, outputs } = await shop.push({
      "apps/counter/app.yaml": counterSpec("1.1.0", { more: "env: {greeting: hello, port: 8080}" }),
    });
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ reconfigured: "3", upgraded: "0" });
    const [host] = shop.lab.hosts;
    expect(host && (await answerOf(host, "/env/greeting"))).toBe('{ok,<<"hello">>}');
  });

  test("does nothing where nothing changed: one connection and one command a host, and not a byte written", async () => {
    const before = await Promise.all(shop.lab.hosts.map(filesOf));
    const logsBefore = await Promise.all(shop.lab.hosts.map((host) => host.sshdLog()));
    const { code, outputs } = await shop.push({ "README.md": "# Shop\n" });
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ status: "synced", "has-changes": "false", changes: "0", unchanged: "6" });
    expect(await Promise.all(shop.lab.hosts.map(filesOf))).toEqual(before);
    for (const [index, host] of shop.lab.hosts.entries()) {
      const said = (await host.sshdLog()).slice(logsBefore[index]?.length);
      expect(said.match(/Accepted publickey/g)).toHaveLength(1);
      expect(said.match(/Starting session: command/g)).toHaveLength(1);
      // The connection ends with the run. sshd writes that a moment after it.
      const closed = async () =>
        (await host.sshdLog()).slice(logsBefore[index]?.length).match(/Disconnected from user/g);
      await expect.poll(closed, { timeout: 5000 }).toHaveLength(1);
    }
  });

  test("removes an app whose folder is gone, and leaves the others alone", async () => {
    const { code, outputs } = await shop.push({ "apps/counter": null });
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ removed: "3", unchanged: "3" });
    expect(await versionsOf(shop)).toEqual(["down", "down", "down"]);
    for (const host of shop.lab.hosts) {
      expect(await answerOf(host, "/version", 8090)).toBe("1.0.0");
      expect((await host.exec(["ls", "/opt/releases"])).stdout).toBe("greeter\n");
      expect((await host.exec(["ls", "/opt/releases/.beamline/state"])).stdout).toBe("greeter\n");
    }
  });

  test("deploys what was removed once more", async () => {
    const { code, outputs } = await shop.push({ "apps/counter/app.yaml": counterSpec("1.0.0") });
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ deployed: "3" });
    expect(await versionsOf(shop)).toEqual(["1.0.0", "1.0.0", "1.0.0"]);
  });
});
