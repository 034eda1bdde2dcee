// Applications that do not stop, or do not stay: the manager's part in it, under systemd.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, greeterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";

describe.skipIf(because !== undefined)(because ?? "under systemd an app", { timeout: 300_000 }, () => {
  let shop: Shop;
  let host: Host;
  const vms = async (): Promise<string[]> =>
    (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.split("\n").filter(Boolean);

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: true });
    host = shop.lab.host("web1");
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0") });
    expect(code, log).toBe(0);
  });
  afterAll(() => shop.close());

  test("that hangs in its shutdown is killed in the end, and upgraded", async () => {
    const call = "ls -d /opt/releases/counter/current/erts-*/bin/erl_call";
    // It is suspended for as long as who suspends it lives.
    const hang = "is_pid(spawn(fun() -> erlang:suspend_process(whereis(counter_sup)), receive never -> ok end end)).";
    const { stdout } = await host.exec(["sh", "-c", `echo '${hang}' | $(${call}) -sname counter -R -e`]);
    expect(stdout.trim()).toBe("{ok, true}");
    const { code, log } = await shop.push({ [APP]: counterSpec("1.1.0") });
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    expect(await vms()).toHaveLength(1);
  });

  test("that has crashed and is about to be started again is upgraded, not rolled back", async () => {
    for (const pid of await vms()) await host.exec(["kill", "-9", pid]);
    const { code, log } = await shop.push({ [APP]: counterSpec("1.2.0") });
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.2.0");
    expect(await vms()).toHaveLength(1);
  });

  test("that has crashed is removed whole: nothing starts it again", async () => {
    for (const pid of await vms()) await host.exec(["kill", "-9", pid]);
    const { code, log } = await shop.push({ [APP]: null, "apps/greeter/app.yaml": greeterSpec("1.0.0") });
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("down");
    expect((await host.exec(["systemctl", "cat", "beamline-counter"])).code).toBe(1);
    expect(await vms()).toHaveLength(1);
  });
});
