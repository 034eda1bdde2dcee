// isolation: embedded, strategy: hot. An application becomes another version in the node that it lives in, with its state.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { LODGER_PORT, lodgerSpec } from "./lodger.ts";
import { answerOf, counterSpec, fleetFile, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const LODGER = "apps/lodger/app.yaml";

describe.skipIf(because !== undefined)(because ?? "an embedded app that is upgraded hot", { timeout: 300_000 }, () => {
  let shop: Shop;
  let host: Host;

  const lodger = (path: string): Promise<string> => answerOf(host, path, LODGER_PORT);
  const vms = async (): Promise<string> => (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.trim();
  const pushed = (spec: string | null) => shop.push({ [LODGER]: spec });
  const state = async () => JSON.parse((await shop.run({ inputs: { command: "status" } })).outputs.state ?? "").lodger;
  /** What the node answers to an expression. */
  const asked = async (expression: string): Promise<string> => {
    const call = "$(ls -d /opt/releases/counter/current/erts-*/bin/erl_call)";
    const { stdout } = await host.exec(["sh", "-c", `echo '${expression}' | HOME=/root ${call} -sname counter -R -e`]);
    return stdout.trim();
  };
  const hot = (version: string, given: Parameters<typeof lodgerSpec>[1] = {}) =>
    lodgerSpec(version, { strategy: "{type: hot, on_no_appup: fail, linger_timeout: 2000}", ...given });
  const pid = () => asked("whereis(lodger_http).");
  const counted = async (): Promise<number> => Number(await lodger("/count"));

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: true });
    [host] = shop.lab.hosts as [Host];
    const { code, log } = await shop.push({
      "fleet.yaml": fleetFile(shop.lab.hosts, { web1: ", node: counter" }),
      "apps/counter/app.yaml": counterSpec("1.0.0"),
      [LODGER]: lodgerSpec("1.1.0", { env: "{port: 8070, greeting: hot}" }),
    });
    expect(code, log).toBe(0);
  });
  afterAll(() => shop.close());

  test("becomes another version while it runs: processes go on, with their state, and are told of their env", async () => {
    const [before, count, same] = [await vms(), await counted(), await pid()];
    const spec = hot("1.6.0", { env: "{port: 8070, greeting: six}" });
    const planned = await shop.push({ [LODGER]: spec }, { inputs: { command: "plan", rehearse: "true" } });
    expect(planned.log).toContain("can't be rehearsed here: the node that it is embedded in is the host's");
    expect(planned.code, planned.log).toBe(0);
    const { code, log } = await shop.run();
    expect(log).toMatch(/lodger upgrade 1\.1\.0 → 1\.6\.0 \(cause: spec; strategy: hot; connections: kept/);
    expect(log).toContain(
      "hot: 1 module loaded; state migrated: lodger_http; lodger_lib 1.1.0 → 1.6.0 by a generated appup; lodger 1.1.0 → 1.6.0 by a generated appup",
    );
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("1.6.0");
    expect(await lodger("/lib")).toBe("lib 1.6.0");
    expect(await lodger("/env")).toBe('[{greeting,<<"six">>},{port,8070}]');
    expect(await lodger("/told")).toBe('{[{greeting,<<"six">>}],[],[]}');
    expect([await vms(), await counted(), await pid()]).toEqual([before, count + 1, same]);
    expect(await asked("code:which(lodger_lib).")).toContain("/lodger/1.1.0/");
    expect(await asked("[code:lib_dir(A) || A <- [lodger, lodger_lib]].")).toMatch(
      /lodger\/1\.6\.0\/lib\/lodger-1\.6\.0".*lodger\/1\.6\.0\/lib\/lodger_lib-1\.6\.0"/s,
    );
    expect((await state())[host.name]).toMatchObject({ version: "1.6.0", health: "healthy" });
  });

  test("goes by an appup that comes with it", async () => {
    const [count, same] = [await counted(), await pid()];
    const { code, log } = await pushed(hot("1.7.0", { env: "{port: 8070, greeting: six}" }));
    expect(log).toContain("lodger 1.6.0 → 1.7.0 by its appup");
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("1.7.0");
    expect(await lodger("/told")).toBe("by_appup");
    expect([await counted(), await pid()]).toEqual([count + 1, same]);
  });

  test("that is unhealthy goes back the way it came, with its state and its env", async () => {
    const [before, count, same] = [await vms(), await counted(), await pid()];
    const { code, log } = await pushed(hot("1.8.0", { env: "{port: 8070, greeting: eight, more: 1}" }));
    expect(code).toBe(1);
    expect(log).toMatch(/rolled back to 1\.7\.0: health_check_failed/);
    expect(log).not.toContain("state is lost");
    expect(await lodger("/version")).toBe("1.7.0");
    expect(await lodger("/lib")).toBe("lib 1.7.0");
    expect(await lodger("/env")).toBe('[{greeting,<<"six">>},{port,8070}]');
    expect([await vms(), await counted(), await pid()]).toEqual([before, count + 1, same]);
  });

  test("whose code_change crashes is started anew as it was, alone, and says what that costs", async () => {
    const before = await vms();
    await answerOf(host, "/count");
    const count = Number(await answerOf(host, "/count"));
    const { code, log } = await pushed(hot("2.0.0"));
    expect(code).toBe(1);
    expect(log).toMatch(/rolled back to 1\.7\.0: hot_upgrade_failed.*code_change of lodger_http/);
    expect(log).toContain("its processes' state is lost: the application is started anew");
    expect(await lodger("/version")).toBe("1.7.0");
    expect(await lodger("/env")).toBe('[{greeting,<<"six">>},{port,8070}]');
    expect(await counted()).toBe(1);
    expect([await vms(), await answerOf(host, "/count")]).toEqual([before, String(count + 1)]);
    const again = await shop.run();
    expect(again.log).toMatch(/lodger +blocked: .*hot_upgrade_failed/);
  });

  test("and code that processes have not left yet is not replaced, and not tried", async () => {
    await asked("spawn(fun() -> lodger_http:accept(element(2, gen_tcp:listen(0, []))) end).");
    await asked("code:delete(lodger_http), code:load_file(lodger_http).");
    const count = await counted();
    const { code, log } = await pushed(hot("1.8.0", { env: "{port: 8070, greeting: again}" }));
    expect(code).toBe(1);
    expect(log).toMatch(/rolled back to 1\.7\.0: hot_upgrade_failed.*old code after 2000 ms/);
    expect(await counted()).toBe(count + 1);
    await asked("code:purge(lodger_http).");
  });

  test("goes back to an older version by the newer one's appup; who stays in old code is ended where the spec says so", async () => {
    await asked("spawn(fun() -> lodger_http:accept(element(2, gen_tcp:listen(0, []))) end).");
    await asked("code:delete(lodger_http), code:load_file(lodger_http).");
    const [count, same] = [await counted(), await pid()];
    const strategy = "{type: hot, on_no_appup: fail, linger_timeout: 500, on_linger: kill}";
    const { code, log } = await pushed(lodgerSpec("1.6.0", { strategy }));
    expect(log).toContain("lodger 1.7.0 → 1.6.0 by its appup");
    expect(log).toMatch(/killed.*lodger_http/);
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("1.6.0");
    expect([await counted(), await pid()]).toEqual([count + 1, same]);
  });

  test("restarts where it needs what its node does not run, or is blocked where the spec has it so", async () => {
    const blocked = await pushed(hot("1.9.0"));
    expect(blocked.code).toBe(1);
    expect(blocked.log).toMatch(/blocked: .*it needs lodger_more, which does not run in its node/);
    const { code, log } = await pushed(lodgerSpec("1.9.0", { strategy: "hot" }));
    expect(log).toContain("no hot upgrade, it restarts: it needs lodger_more, which does not run in its node");
    expect(log).toMatch(/connections: cut, the application restarts, its node goes on/);
    expect(code, log).toBe(0);
    expect(await asked("lists:keymember(lodger_more, 1, application:which_applications()).")).toContain("true");
  });

  test("may be one application at the top of its tarball", async () => {
    await pushed(lodgerSpec("1.5.0", { build: "1.5.0-flat" }));
    const [count, same] = [await counted(), await pid()];
    const { code, log } = await pushed(hot("1.5.1", { build: "1.5.1-flat" }));
    expect(log).toContain("state migrated: lodger_http; lodger 1.5.0 → 1.5.1 by a generated appup");
    expect(code, log).toBe(0);
    expect(await lodger("/version")).toBe("1.5.1");
    expect([await counted(), await pid()]).toEqual([count + 1, same]);
  });

  test("comes back with its node in the version that it has become", async () => {
    await host.exec(["kill", "-9", await vms()]);
    await expect.poll(() => lodger("/version"), { timeout: 15_000 }).toBe("1.5.1");
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
    expect(await answerOf(host, "/version")).toBe("1.0.0");
  });
});
