// Who starts an app again after a crash or a reboot: systemd for root, a user's own systemd, or nobody. The rest is the same.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, fleetFile, greeterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const UNITS = { root: "/etc/systemd/system", deploy: "/home/deploy/.config/systemd/user" };

const HOSTS = [
  { what: "systemd", user: "root", systemd: true, supervisor: "system" },
  { what: "a user's own systemd", user: "deploy", systemd: true, supervisor: "user" },
  { what: "no systemd", user: "deploy", systemd: false, supervisor: "daemon" },
  { what: "busybox for a shell and tools", user: "root", systemd: false, busybox: true, supervisor: "daemon" },
] as const;

describe.skipIf(because !== undefined).each(HOSTS)(because ?? "on a host with $what", (given) => {
  let shop: Shop;
  let host: Host;
  const root = given.user === "root" ? "/opt/releases" : "/home/deploy/releases";
  const unit = `${UNITS[given.user]}/beamline-counter.service`;
  const isUnit = given.supervisor !== "daemon";
  const vms = async (): Promise<string[]> =>
    (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.split("\n").filter(Boolean);
  const isThere = async (path: string): Promise<boolean> => (await host.exec(["test", "-e", path])).code === 0;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: given.systemd, busybox: "busybox" in given });
    host = shop.lab.host("web1");
    shop.repository.push({
      "fleet.yaml": fleetFile(shop.lab.hosts).replace(
        "user: root, root: /opt/releases",
        `user: ${given.user}, root: ${root}`,
      ),
    });
  });
  afterAll(() => shop.close());

  test("an app is deployed, and runs under it", async () => {
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0") });
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.0.0");
    expect(await isThere(unit)).toBe(isUnit);
    const { stdout } = await host.exec(["sh", "-c", `cat /proc/${(await vms())[0]}/environ | tr '\\0' '\\n'`]);
    expect(stdout).toContain(`BEAMLINE_SUPERVISOR=${given.supervisor}`);
    expect(stdout).toContain(`HOME=${given.user === "root" ? "/root" : "/home/deploy"}`);
  });

  test("it is upgraded and reconfigured", async () => {
    const upgraded = await shop.push({ [APP]: counterSpec("1.1.0") });
    expect(upgraded.code, upgraded.log).toBe(0);
    const reconfigured = await shop.push({ [APP]: counterSpec("1.1.0", { more: "env: {try: 7}" }) });
    expect(reconfigured.code, reconfigured.log).toBe(0);
    expect([await answerOf(host, "/version"), await answerOf(host, "/env/try")]).toEqual(["1.1.0", "{ok,7}"]);
    expect(await vms()).toHaveLength(1);
  });

  test.each([
    ["is not healthy", "1.3.0", "health_check_failed", /database: connection refused/, 5_000],
    // Seen when it dies, two seconds after its start, or more on a busy machine.
    ["crashes at boot", "1.4.0", "start_failed", /boom|BOOM/i, 60_000],
  ])(
    "a version that %s is rolled back, and the app's own last lines are quoted",
    async (_, version, code, said, ms) => {
      const run = await shop.push({
        [APP]: counterSpec(version, {
          more: "env: {try: 7}",
          health: `{type: http, port: 8080, start_timeout: ${ms}, min_healthy_time: 200}`,
        }),
      });
      expect(run.code).toBe(1);
      expect(run.outputs).toMatchObject({ "rolled-back": "1" });
      expect(run.log).toContain(code);
      expect(run.log).toMatch(said);
      expect(run.log).toMatch(/^ {4}\| /m);
      expect([await answerOf(host, "/version"), await answerOf(host, "/env/try")]).toEqual(["1.1.0", "{ok,7}"]);
      expect(await vms()).toHaveLength(1);
    },
  );

  test("a VM that is killed is started again, or that is drift", async () => {
    await shop.push({ [APP]: counterSpec("1.1.0", { more: "env: {try: 8}" }) });
    for (const pid of await vms()) await host.exec(["kill", "-9", pid]);
    if (isUnit) {
      await until("it answers again", async () => (await answerOf(host, "/env/try")) === "{ok,8}", 20_000);
      const next = await shop.run();
      expect([next.code, next.outputs.unchanged], next.log).toEqual([0, "1"]);
    } else {
      const next = await shop.run();
      expect([next.code, next.outputs.deployed], next.log).toEqual([0, "1"]);
      expect(next.log).toContain("drift: it is not running");
    }
    expect(await answerOf(host, "/env/try")).toBe("{ok,8}");
  });

  test("a configuration that somebody has edited on the host is drift, and is as the spec has it again", async () => {
    const config = `${root}/counter/config/$(sed -n 's/.*"config":"\\([^"]*\\)".*/\\1/p' ${root}/.beamline/state/counter)`;
    await host.exec(["sh", "-c", `sed -i 's/8/9/' "${config}/env.config"`]);
    const asked = await shop.run({ inputs: { command: "plan", "on-drift": "report" } });
    expect(asked.log).toContain("its configuration on the host is not what was written there");
    const { code, log } = await shop.run();
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/env/try")).toBe("{ok,8}");
    expect((await host.exec(["sh", "-c", `cat "${config}/env.config"`])).stdout).toContain("{'try',8}");
    expect((await shop.run()).outputs.unchanged).toBe("1");
  });

  test("after a reboot it runs what is on record", async () => {
    await host.kill();
    await host.boot();
    if (isUnit) await until("it answers again", async () => (await answerOf(host, "/env/try")) === "{ok,8}", 30_000);
    const next = await shop.run();
    expect([next.code, next.outputs[isUnit ? "unchanged" : "deployed"]], next.log).toEqual([0, "1"]);
    expect([await answerOf(host, "/version"), await answerOf(host, "/env/try")]).toEqual(["1.1.0", "{ok,8}"]);
  });

  test("command: rollback brings back what was on record before, from what lies on the host", async () => {
    const { code, log } = await shop.run({ inputs: { command: "rollback" } });
    expect(code, log).toBe(0);
    expect([await answerOf(host, "/version"), await answerOf(host, "/env/try")]).toEqual(["1.1.0", "{ok,7}"]);
    expect(await vms()).toHaveLength(1);
  });

  test("removed, it leaves no unit and no process", async () => {
    const { code, log } = await shop.push({ [APP]: null, "apps/greeter/app.yaml": greeterSpec("1.0.0") });
    expect(code, log).toBe(0);
    expect(await isThere(unit)).toBe(false);
    expect(await isThere(`${root}/counter`)).toBe(false);
    expect(await answerOf(host, "/version")).toBe("down");
    expect(await answerOf(host, "/", 8090)).not.toBe("down");
  });
});
