// isolation: embedded. An application comes into a node that runs, changes there, and leaves nothing; the node goes on.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { lodgerSpec, LODGER_PORT as PORT } from "./lodger.ts";
import { answerOf, counterSpec, fleetFile, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const COUNTER = "apps/counter/app.yaml";
const LODGER = "apps/lodger/app.yaml";
const AT_START = "/opt/releases/counter/run/embedded/lodger.erl";

describe.skipIf(because !== undefined).each([
  ["systemd", true],
  ["no systemd", false],
])(because ?? "an embedded app on a host with %s", { timeout: 300_000 }, (_, systemd) => {
  let shop: Shop;
  let host: Host;

  const lodger = (path: string): Promise<string> => answerOf(host, path, PORT);
  const vms = async (): Promise<string> => (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.trim();
  const pushed = (spec: string | null) => shop.push({ [LODGER]: spec });
  const state = async () => JSON.parse((await shop.run({ inputs: { command: "status" } })).outputs.state ?? "").lodger;
  /** What the node answers to an expression. */
  const asked = async (expression: string): Promise<string> => {
    const call = "$(ls -d /opt/releases/counter/current/erts-*/bin/erl_call)";
    const { stdout } = await host.exec(["sh", "-c", `echo '${expression}' | HOME=/root ${call} -sname counter -R -e`]);
    return stdout.trim();
  };

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd });
    [host] = shop.lab.hosts as [Host];
    const fleet = fleetFile(shop.lab.hosts, { web1: ", node: counter" });
    const { code, log } = await shop.push({ "fleet.yaml": fleet, [COUNTER]: counterSpec("1.0.0") });
    expect(code, log).toBe(0);
  });
  afterAll(() => shop.close());

  test("is deployed into the node that runs, with what it brings along, and exactly its env", async () => {
    const before = await vms();
    const { code, log } = await pushed(lodgerSpec("1.0.0", { env: "{port: 8070, level: !atom info}" }));
    expect(log).toMatch(/lodger deploy 1\.0\.0 \(cause: spec; strategy: restart; connections: none yet/);
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("1.0.0");
    expect(await lodger("/lib")).toBe("lib 1.0.0");
    expect(await lodger("/env")).toBe('[{greeting,"default"},{level,info},{port,8070}]');
    expect(await vms()).toBe(before);
    expect(await answerOf(host, "/version")).toBe("1.0.0");
    // The node's own stays.
    expect(await asked("code:lib_dir(stdlib).")).toContain("/counter/1.0.0/lib/stdlib-");
  });

  test("is there for status: embedded, in that node, with no process of its own", async () => {
    expect((await state())[host.name]).toMatchObject({
      version: "1.0.0",
      status: "running",
      health: "healthy",
      isolation: "embedded",
      node: "counter",
      pid: null,
      os_pid: null,
      path: "/opt/releases/lodger/1.0.0",
    });
  });

  test("is left alone where nothing changed", async () => {
    await lodger("/count");
    const { code, outputs } = await shop.push({ "README.md": "# Shop\n" });
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ "has-changes": "false", unchanged: "2" });
    expect(await lodger("/count")).toBe("2");
  });

  test("is upgraded by a stop and a start of the application, and of nothing else", async () => {
    const before = await vms();
    await answerOf(host, "/count");
    const { code, log } = await pushed(lodgerSpec("1.1.0"));
    expect(log).toMatch(/connections: cut, the application restarts, its node goes on/);
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("1.1.0");
    expect(await lodger("/lib")).toBe("lib 1.1.0");
    expect(await lodger("/env")).toBe('[{greeting,"default"},{port,8070}]');
    expect(await vms()).toBe(before);
    expect(await answerOf(host, "/count")).toBe("2");
  });

  test("stays what it has become where what its node brings back at its start comes late", async () => {
    const late = (await host.exec(["cat", AT_START])).stdout.replaceAll("1.1.0", "1.0.0");
    await host.exec(["sh", "-c", "cat >/tmp/late.erl"], { input: late });
    const count = Number(await lodger("/count"));
    expect(await asked('file:eval("/tmp/late.erl").')).toContain("ok");
    expect(await lodger("/version")).toBe("1.1.0");
    expect(await lodger("/count")).toBe(String(count + 1));
  });

  test.each([
    ["1.2.0", /rolled back to 1\.1\.0: health_check_failed/],
    ["1.3.0", /rolled back to 1\.1\.0: start_failed.*boom_at_start/],
    ["1.4.0", /rolled back to 1\.1\.0: not_embeddable.*it needs the application nowhere/],
  ])("goes back to the old application where %s fails", async (version, why) => {
    const before = await vms();
    const { code, log } = await pushed(lodgerSpec(version));
    expect(code).toBe(1);
    expect(log).toMatch(why);
    expect(await lodger("/version")).toBe("1.1.0");
    expect(await lodger("/lib")).toBe("lib 1.1.0");
    expect(await vms()).toBe(before);
  });

  test("is reconfigured: vanished keys are as if they had never been set", async () => {
    await pushed(lodgerSpec("1.1.0", { env: "{port: 8070, greeting: hi, more: 1}" }));
    expect(await lodger("/env")).toBe('[{greeting,<<"hi">>},{more,1},{port,8070}]');
    const { code, outputs } = await pushed(lodgerSpec("1.1.0", { env: "{port: 8070, other: 2}" }));
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ reconfigured: "1" });
    expect(await lodger("/env")).toBe('[{greeting,"default"},{other,2},{port,8070}]');
  });

  test("with strategy hot is reconfigured while it runs, and is told of it", async () => {
    await pushed(lodgerSpec("1.1.0", { strategy: "hot", env: "{port: 8070, other: 2}" }));
    const count = Number(await lodger("/count"));
    const { code, log } = await pushed(lodgerSpec("1.1.0", { strategy: "hot", env: "{port: 8070, greeting: hot}" }));
    expect(log).toContain("connections: kept");
    expect(code, log).toBe(0);
    expect(await lodger("/env")).toBe('[{greeting,<<"hot">>},{port,8070}]');
    expect(await lodger("/told")).toBe('{[{greeting,<<"hot">>}],[],[other]}');
    expect(await lodger("/count")).toBe(String(count + 1));
  });

  test("comes back when its node is started again, by whomever", async () => {
    const before = await vms();
    await host.exec(["kill", "-9", before]);
    if (!systemd) {
      const { code, log } = await shop.push({ "README.md": "# Shop, once more\n" });
      expect(log).toContain("drift: it is not running");
      expect(code, log).toBe(0);
    }
    await expect.poll(() => lodger("/version"), { timeout: 15_000 }).toBe("1.1.0");
    expect(await lodger("/env")).toBe('[{greeting,<<"hot">>},{port,8070}]');
    expect(await vms()).not.toBe(before);
  });

  test("comes back with an upgrade of its node's app", async () => {
    const { code, log } = await shop.push({ [COUNTER]: counterSpec("1.1.0") });
    expect(code, log).toBe(0);
    await expect.poll(() => lodger("/version"), { timeout: 15_000 }).toBe("1.1.0");
    const { outputs } = await shop.run();
    expect(outputs).toMatchObject({ "has-changes": "false", unchanged: "2" });
  });

  test("that somebody stopped is drift, and healed by the next run", async () => {
    expect(await asked("application:stop(lodger).")).toContain("ok");
    const { code, log } = await shop.run();
    expect(log).toMatch(/lodger deploy 1\.1\.0 \(cause: drift/);
    expect(log).toContain("drift: it does not run in counter");
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("1.1.0");
  });

  test("may be one application at the top of its tarball", async () => {
    const { code, log } = await pushed(lodgerSpec("1.5.0", { build: "1.5.0-flat" }));
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("1.5.0");
    expect(await asked("code:lib_dir(lodger).")).toContain("/lodger");
    // What came along with the old version went with it.
    expect(await asked("code:is_loaded(lodger_lib).")).toContain("false");
  });

  test("goes back by a rollback to what was there before", async () => {
    const { code, log } = await shop.run({ inputs: { command: "rollback", apps: "lodger" } });
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("1.1.0");
    expect(await lodger("/lib")).toBe("lib 1.1.0");
  });

  test("leaves nothing when it is removed, and the node goes on", async () => {
    const before = await vms();
    const { code, log } = await pushed(null);
    expect(log).toMatch(/connections: cut, the application stops, its node goes on/);
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("down");
    expect(await vms()).toBe(before);
    const there =
      '[X || X <- [A || {A, _, _} <- application:loaded_applications()] ++ code:get_path() ++ [F || {_, F} <- code:all_loaded(), is_list(F)] ++ [K || {K, _} <- persistent_term:get(), element(1, K) =:= beamline], string:find(io_lib:format("~p", [X]), "lodger") =/= nomatch].';
    expect(await asked(there)).toBe("{ok, []}");
    expect(
      (await host.exec(["sh", "-c", "find / -xdev -name 'lodger*' -not -path '/proc/*' -not -path '*/lock/*'"])).stdout,
    ).toBe("");
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });

  test("is not tried where its node does not run, and nothing changes", async () => {
    const fleet = fleetFile(shop.lab.hosts, { web1: ", node: elsewhere" });
    const { code, log } = await shop.push({ "fleet.yaml": fleet, [LODGER]: lodgerSpec("1.0.0") });
    expect(code).toBe(1);
    expect(log).toMatch(/lodger +blocked: node elsewhere does not run on this host/);
    expect((await host.exec(["ls", "/opt/releases"])).stdout).toBe("counter\n");
  });

  test("is refused at its line where its host names no node", async () => {
    const { code, log } = await shop.push({ "fleet.yaml": fleetFile(shop.lab.hosts) });
    expect(code).toBe(1);
    expect(log).toMatch(/apps\/lodger\/app\.yaml:4:\d+.*web1 has no node for embedded apps/);
  });
});

describe.skipIf(because !== undefined).each([
  { what: "root, on a host with busybox", user: "root", busybox: true },
  { what: "a user of its own", user: "shop", busybox: false },
])(because ?? "a node that somebody else started, as $what", { timeout: 300_000 }, ({ user, busybox }) => {
  let shop: Shop;
  let host: Host;
  const lodger = (path: string): Promise<string> => answerOf(host, path, PORT);
  const hot = (version: string) => lodgerSpec(version, { strategy: "{type: hot, on_no_appup: fail}" });
  const vm = async (): Promise<string> => (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.trim();
  /** As releases run: modules are loaded at boot, or not at all. */
  const startNode = async (flags = ""): Promise<void> => {
    const erl = `exec setsid erl ${flags} -mode embedded -noinput -sname market -setcookie monster </dev/null >/dev/null 2>&1`;
    const become =
      user === "root" ? "" : `setpriv --reuid=${user} --regid=${user} --init-groups env HOME=/home/${user} `;
    await host.exec(["sh", "-c", `${become}sh -c '${erl}' &`]);
    await until("the node runs", async () => (await vm()) !== "");
  };

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: false, busybox });
    [host] = shop.lab.hosts as [Host];
    if (user !== "root") await host.exec(["useradd", "--create-home", user]);
    await startNode();
  });
  afterAll(() => shop.close());

  test("takes an app in; the plan says that its restart takes it away", async () => {
    const fleet = fleetFile(shop.lab.hosts, { web1: ", node: market@web1" });
    const spec = lodgerSpec("1.0.0", { env: "{port: 8070, secretive: yes}" });
    const { code, log } = await shop.push({ "fleet.yaml": fleet, [LODGER]: spec });
    expect(log).toContain("warning: after a restart of market@web1 it is gone until the next run");
    expect(code, log).toBe(0);
    expect(await lodger("/lib")).toBe("lib 1.0.0");
    expect(await lodger("/env")).toBe('[{greeting,"default"},{port,8070},{secretive,<<"yes">>}]');
  });

  test("has the old one again where the new one fails, and another one where that is well", async () => {
    const failed = await shop.push({ [LODGER]: lodgerSpec("1.2.0") });
    expect(failed.log).toMatch(/rolled back to 1\.0\.0: health_check_failed/);
    expect(await lodger("/version")).toBe("1.0.0");
    const { code, log } = await shop.push({ [LODGER]: lodgerSpec("1.1.0") });
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("1.1.0");
  });

  test("without sasl has no version that comes while it runs", async () => {
    const { code, log } = await shop.push({ [LODGER]: hot("1.6.0") });
    expect(code).toBe(1);
    expect(log).toMatch(/blocked: .*its node has no sasl/);
    expect((await shop.push({ [LODGER]: lodgerSpec("1.1.0") })).code).toBe(0);
  });

  test("that was restarted has it again after the next run", async () => {
    const before = await vm();
    await host.exec(["kill", "-9", before]);
    await expect.poll(vm).toBe("");
    const { log } = await shop.run();
    expect(log).toMatch(/lodger +blocked: node market@web1 does not run on this host/);
    await startNode("-boot start_sasl");
    const healed = await shop.run();
    expect(healed.log).toMatch(/lodger deploy 1\.1\.0 \(cause: drift/);
    expect(healed.code, healed.log).toBe(0);
    expect(await lodger("/version")).toBe("1.1.0");
  });

  test("with sasl has another version while it runs", async () => {
    const [before, count] = [await vm(), Number(await lodger("/count"))];
    const { code, log } = await shop.push({ [LODGER]: hot("1.6.0") });
    expect(log).toContain("state migrated: lodger_http");
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("1.6.0");
    expect([await vm(), await lodger("/count")]).toEqual([before, String(count + 1)]);
  });

  test("goes on when it is removed", async () => {
    const before = await vm();
    const { code, log } = await shop.push(
      { [LODGER]: null, "apps/counter/app.yaml": counterSpec("1.0.0") },
      { inputs: { "max-removals": "100%" } },
    );
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("down");
    expect((await vm()).split("\n")).toContain(before);
    expect((await host.exec(["ls", "/opt/releases"])).stdout).toBe("counter\n");
  });
});
