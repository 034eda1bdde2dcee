// Under a root login an app's VM has a user of its own, which can do and see no more than the app needs.
import { mkdtempSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, counterSpec, fleetFile, greeterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const GREETER = "apps/greeter/app.yaml";
const ROOT = "/opt/releases";
const SECRETS = { secrets: JSON.stringify({ DB: "the password" }) };
const WITH_SECRET = "os_env: {PASSWORD: {secret: DB}}";

describe.skipIf(because !== undefined).each([
  { what: "systemd", systemd: true },
  { what: "no systemd", systemd: false },
])(because ?? "on a host with $what", ({ systemd }) => {
  let shop: Shop;
  let host: Host;
  const vms = async (): Promise<string[]> =>
    (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.split("\n").filter(Boolean);
  /** Users of the VMs, each once. */
  const users = async (): Promise<string[]> => {
    const owners = (await vms()).map(async (pid) =>
      (await host.exec(["stat", "-c", "%U", `/proc/${pid}`])).stdout.trim(),
    );
    return [...new Set(await Promise.all(owners))].sort();
  };
  /** What a user may do: the exit code of a shell's line. */
  const may = async (user: string, line: string): Promise<boolean> =>
    (await host.exec(["setpriv", `--reuid=${user}`, `--regid=${user}`, "--init-groups", "sh", "-c", line])).code === 0;
  const runningAs = (user: string | null): Record<string, string> => ({
    "fleet.yaml": fleetFile(shop.lab.hosts, user === null ? {} : { web1: `, run_as: "${user}"` }),
  });
  const push = (files: Record<string, string | null>) =>
    shop.push(files, { inputs: { ...SECRETS, "max-removals": "100%" } });
  const counter = (version: string, attempt: number, startTimeoutMs = 60_000, source = ""): string =>
    counterSpec(version, {
      more: `${WITH_SECRET}\nenv: {try: ${attempt}}`,
      health: `{type: http, port: 8080, path: /health, start_timeout: ${startTimeoutMs}, min_healthy_time: 200}`,
      source,
    });
  const answers = async (): Promise<string[]> => [await answerOf(host, "/version"), await answerOf(host, "/env/try")];

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd });
    host = shop.lab.host("web1");
    await host.exec(["useradd", "--create-home", "shop"]);
    await host.exec(["useradd", "--system", "--no-create-home", "counter"]);
    await host.exec(["useradd", "--create-home", "greeter"]);
    const { code, log } = await push({ [APP]: counter("1.0.0", 1) });
    expect(code, log).toBe(0);
    expect(await users()).toEqual(["root"]);
  });
  afterAll(() => shop.close());

  test("a user that the host does not have is refused before anything stops", async () => {
    const before = await vms();
    const { code, log, outputs } = await push({ ...runningAs("ghost"), [APP]: counter("1.1.0", 2) });
    expect(code).toBe(1);
    expect(log).toContain("user_missing: run_as is ghost, and the host has no such user");
    expect(outputs).toMatchObject({ "rolled-back": "1" });
    expect(await vms()).toEqual(before);
  });

  test("run_as that is switched on is a change that the plan shows, and restarts the VM as that user", async () => {
    const { code, log, outputs } = await push({ ...runningAs("shop"), [APP]: counter("1.0.0", 1) });
    expect(code, log).toBe(0);
    expect(log).toMatch(/run_as +root → shop/);
    expect(outputs.reconfigured).toBe("1");
    expect(await users()).toEqual(["shop"]);
    expect(await answers()).toEqual(["1.0.0", "{ok,1}"]);
    expect(await answerOf(host, "/os-env/HOME")).toBe("/home/shop");
    const again = await shop.run({ inputs: SECRETS });
    expect([again.code, again.outputs.changes], again.log).toEqual([0, "0"]);
  });

  test("it is upgraded, and runs as that user", async () => {
    const { code, log } = await push({ [APP]: counter("1.1.0", 2) });
    expect(code, log).toBe(0);
    expect(await users()).toEqual(["shop"]);
    expect(await answers()).toEqual(["1.1.0", "{ok,2}"]);
    expect(await answerOf(host, "/os-env/PASSWORD")).toBe("the password");
  });

  test("the user reads what the app needs, writes none of it, and sees nothing of Beamline's own", async () => {
    const config = `${ROOT}/counter/config`;
    expect(await may("shop", `cat ${ROOT}/counter/current/releases/1.1.0/sys.config ${config}/*/os_env`)).toBe(false);
    const [current] = (
      await host.exec([
        "sh",
        "-c",
        `cat /proc/$(pgrep -x beam.smp)/environ | tr '\\0' '\\n' | sed -n s/BEAMLINE_CONFIG=//p`,
      ])
    ).stdout.split("\n");
    expect(await may("shop", `cat ${ROOT}/counter/current/releases/1.1.0/sys.config ${config}/${current}/os_env`)).toBe(
      true,
    );
    for (const path of [
      "new",
      "current/new",
      "current/lib/new",
      "config/new",
      `config/${current}/new`,
      "log/new",
      "run/new",
    ])
      expect(await may("shop", `: >${ROOT}/counter/${path}`), path).toBe(false);
    for (const path of [
      "current/releases/1.1.0/sys.config",
      `config/${current}/env.config`,
      `config/${current}/os_env`,
    ])
      expect(await may("shop", `: >>${ROOT}/counter/${path}`), path).toBe(false);
    expect(await may("shop", `mv ${ROOT}/counter/run/as/shop ${ROOT}/counter/run/as/gone`)).toBe(false);
    expect(await may("shop", `: >${ROOT}/counter/run/as/shop/its-own && : >>${ROOT}/counter/log/erl_crash.dump`)).toBe(
      true,
    );
    for (const path of [
      ".beamline",
      ".beamline/agent",
      ".beamline/state/counter",
      "counter/log/console.log",
      "counter/run/pid",
    ])
      expect(await may("shop", `ls ${ROOT}/${path} && cat ${ROOT}/${path}`), path).toBe(false);
    // Somebody else comes no further than the root.
    expect(await may("deploy", `ls ${ROOT}/counter`)).toBe(false);
    expect(await may("deploy", `cat ${ROOT}/counter/current/releases/1.1.0/sys.config`)).toBe(false);
  });

  test.each([
    ["is not healthy", "1.3.0", "health_check_failed", 5_000],
    ["crashes at boot", "1.4.0", "start_failed", 60_000],
  ])("a version that %s is rolled back, to the same user", async (_, version, failed, ms) => {
    const { code, log, outputs } = await push({
      [APP]: counter(version, 3, ms),
    });
    expect([code, outputs["rolled-back"]], log).toEqual([1, "1"]);
    expect(log).toContain(failed);
    if (failed === "start_failed") expect(log).toMatch(/boom|BOOM/i);
    expect(log).toMatch(/^ {4}\| /m);
    expect(await users()).toEqual(["shop"]);
    expect(await answers()).toEqual(["1.1.0", "{ok,2}"]);
  });

  test("a VM that is killed, and a host that reboots, come back as that user", async () => {
    for (const strike of [
      async () => void (await host.exec(["pkill", "-9", "-x", "beam.smp"])),
      async () => {
        await host.kill();
        await host.boot();
      },
    ]) {
      await push({ [APP]: counter("1.1.0", 2) });
      await strike();
      if (systemd) await until("it answers again", async () => (await answerOf(host, "/env/try")) === "{ok,2}", 30_000);
      const next = await shop.run({ inputs: SECRETS });
      expect([next.code, next.outputs[systemd ? "unchanged" : "deployed"]], next.log).toEqual([0, "1"]);
      expect(await users()).toEqual(["shop"]);
    }
  });

  test("a bad version that comes with another user goes back to the user before", async () => {
    const { code, log } = await push({
      ...runningAs("greeter"),
      [APP]: counter("1.3.0", 4, 5_000),
    });
    expect(code, log).toBe(1);
    expect(log).toMatch(/run_as +shop → greeter/);
    expect(await users()).toEqual(["shop"]);
    expect(await answers()).toEqual(["1.1.0", "{ok,2}"]);
    expect(await may("greeter", `ls ${ROOT}/counter`)).toBe(false);
  });

  test("{name} is a user for each app, and none reads what is another's", async () => {
    const { code, log } = await push({
      ...runningAs("{name}"),
      [APP]: counter("1.1.0", 5),
      [GREETER]: greeterSpec("1.0.0"),
    });
    expect(code, log).toBe(0);
    expect(await users()).toEqual(["counter", "greeter"]);
    expect(await answers()).toEqual(["1.1.0", "{ok,5}"]);
    // It has no home, so it got one.
    expect(await answerOf(host, "/os-env/HOME")).toBe(`${ROOT}/counter/run/as/counter`);
    const vm = (await host.exec(["pgrep", "-u", "counter", "-x", "beam.smp"])).stdout.trim();
    for (const [user, can] of [
      ["counter", true],
      ["greeter", false],
      ["shop", false],
      ["deploy", false],
    ] as const) {
      const configs = await readdir(host.file(`${ROOT}/counter/config`));
      const readable = await Promise.all(
        configs.map((config) => may(user, `cat ${ROOT}/counter/config/${config}/os_env`)),
      );
      expect([user, readable.includes(true), await may(user, `cat /proc/${vm}/environ`)]).toEqual([user, can, can]);
    }
  });

  test.each([
    { user: "shop", whose: "another user's" },
    { user: "greeter", whose: "the app's own user's" },
  ])("$whose process that says it is the app's VM has nothing executed that lies beside it", async ({ user }) => {
    // Next to a program by the name of the one that Beamline asks nodes with.
    const evil = `/home/${user}/evil`;
    const script = `#!/bin/sh\nid -u >>${evil}/who\n`;
    await host.exec(["install", "-d", "-o", user, evil]);
    await host.exec(["sh", "-c", `cp /bin/sh ${evil}/beam.smp; cat >${evil}/erl_call; chmod 755 ${evil}/*`], {
      input: script,
    });
    await host.exec(
      systemd ? ["systemctl", "stop", "beamline-greeter"] : ["pkill", "-9", "-u", "greeter", "-x", "beam.smp"],
    );
    await until("it has ended", async () => !(await users()).includes("greeter"));
    const said = `BEAMLINE_APP=greeter BEAMLINE_ROOT=${ROOT} BEAMLINE_RELEASE=1.0.0 HOME=/home/${user}`;
    const fake = host.exec([
      "setpriv",
      `--reuid=${user}`,
      `--regid=${user}`,
      "--init-groups",
      "env",
      "-i",
      ...said.split(" "),
      `${evil}/beam.smp`,
      "-c",
      "sleep 300; :",
      "x",
      "-sname",
      "x",
    ]);
    await until("it runs", async () => (await host.exec(["pgrep", "-u", user, "-x", "beam.smp"])).code === 0);
    const healed = await shop.run({ inputs: SECRETS });
    expect(healed.code, healed.log).toBe(0);
    expect((await host.exec(["cat", `${evil}/who`])).stdout).toBe("");
    expect((await host.exec(["pgrep", "-u", user, "-x", "sleep"])).code).toBe(0);
    await host.exec(["pkill", "-u", user, "-x", "sleep"]);
    await fake;
    expect(await users()).toEqual(["counter", "greeter"]);
  });

  test("command: rollback goes back to the user of then", async () => {
    const { code, log } = await shop.run({ inputs: { command: "rollback", apps: "counter" } });
    expect(code, log).toBe(0);
    expect(log).toMatch(/run_as +counter → shop/);
    expect(await users()).toEqual(["greeter", "shop"]);
    expect(await answers()).toEqual(["1.1.0", "{ok,2}"]);
  });

  test("run_as that is switched off makes it root's again, and closes it", async () => {
    const { code, log } = await push({ ...runningAs(null), [APP]: counter("1.1.0", 6) });
    expect(code, log).toBe(0);
    expect(await users()).toEqual(["root"]);
    expect(await answers()).toEqual(["1.1.0", "{ok,6}"]);
    for (const user of ["shop", "counter", "greeter"]) expect(await may(user, `ls ${ROOT}/counter`)).toBe(false);
  });

  test("a release whose start script fills in templates runs as a user that can't write there", async () => {
    const work = mkdtempSync(join(tmpdir(), "templates-"));
    const file = join(work, "counter-1.5.0.tar.gz");
    // Its version is what its files say, which is 1.2.0.
    const script =
      'mkdir $0/r; tar -xzf "$1" -C $0/r; cd $0/r; mv releases/1.2.0/vm.args releases/1.2.0/vm.args.src; chmod -R 777 .; tar -czf "$2" *';
    await must(["sh", "-ec", script, work, releaseFile("counter", "1.2.0"), file]);
    const { code, log } = await push({
      ...runningAs("shop"),
      [APP]: counter("1.2.0", 8, 60_000, `{type: release, url: "file://${file}"}`),
    });
    rmSync(work, { recursive: true });
    expect(code, log).toBe(0);
    expect(await may("shop", `ls ${ROOT}/counter/run/as/shop/vm.args`)).toBe(true);
    expect(await may("shop", `: >>${ROOT}/counter/current/bin/counter`)).toBe(false);
    expect(await answers()).toEqual(["1.2.0", "{ok,8}"]);
  });

  test("a mix release, whose cookie is in its arguments, runs as a user without a home", async () => {
    const herald = [
      'name: herald\nversion: "1.0.0"',
      `source: {type: release, url: "file://${releaseFile("herald")}"}`,
      "health: {type: http, port: 4000, path: /}\n",
    ].join("\n");
    const { code, log } = await push({ ...runningAs("counter"), "apps/herald/app.yaml": herald, [APP]: null });
    expect(code, log).toBe(0);
    expect(await users()).toEqual(["counter"]);
    const upgraded = await push({ "apps/herald/app.yaml": herald.replace("1.0.0", "1.1.0") });
    expect(upgraded.code, upgraded.log).toBe(0);
  });

  test("removed, it leaves nothing", async () => {
    const { code, log } = await push({ [GREETER]: null, "apps/herald/app.yaml": null, [APP]: counter("1.0.0", 7) });
    expect(code, log).toBe(0);
    expect((await readdir(host.file(ROOT))).sort()).toEqual([".beamline", "counter"]);
    expect(await users()).toEqual(["counter"]);
  });
});

describe.skipIf(because !== undefined)(because ?? "a host where no other user can do it", () => {
  test("says what is in the way before anything stops", async () => {
    const shop = await openShop({ hosts: [{}, {}] });
    const [closed, bare] = [shop.lab.host("web1"), shop.lab.host("web2")];
    for (const host of [closed, bare]) await host.exec(["useradd", "--create-home", "shop"]);
    await bare.exec(["ln", "-sf", "/usr/bin/busybox", "/usr/bin/setpriv"]);
    await closed.exec(["install", "-d", "-m", "700", "/srv/closed"]);
    const fleet = fleetFile(shop.lab.hosts, { web1: ", run_as: shop, root: /srv/closed/apps", web2: ", run_as: shop" });
    const { code, log } = await shop.push({
      "fleet.yaml": fleet,
      [APP]: `${counterSpec("1.0.0")}rollout: {max_failures: 2}\n`,
    });
    expect(code).toBe(1);
    expect(log).toContain("web1/counter/3-preflight: root_not_reachable: /srv/closed/apps can't be reached by shop");
    expect(log).toContain("web2/counter/3-preflight: host_lacks: the host has no setpriv (of util-linux)");
    await shop.close();
  });
});
