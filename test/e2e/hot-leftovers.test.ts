// What a hot upgrade or a change of environment that did not go through leaves in a node, and what it leaves alone.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, counterSpec, evaluateIn, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

type Wish = { env?: string; path?: string; strategy?: string; source?: string };

const spec = (
  version: string,
  {
    env = "{greeting: hello}",
    path = "/health",
    strategy = "{type: hot, linger_timeout: 300}",
    source = "",
  }: Wish = {},
): string =>
  counterSpec(version, {
    source,
    health: `{type: http, port: 8080, path: ${path}, start_timeout: 3000, min_healthy_time: 200}`,
    more: `strategy: ${strategy}\nenv: ${env}\n`,
  });

describe.skipIf(because !== undefined)(because ?? "a hot change that does not go through", () => {
  let shop: Shop;
  let host: Host;
  const scratch = mkdtempSync(join(tmpdir(), "beamline-leftovers-"));

  const push = (...wanted: Parameters<typeof spec>) => shop.push({ "apps/counter/app.yaml": spec(...wanted) });
  const vmPid = async (): Promise<string> => (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.trim();
  const environment = async (): Promise<string> =>
    `${await answerOf(host, "/env/greeting")} ${await answerOf(host, "/env/extra")}`;
  const GOOD = '{ok,<<"hello">>} undefined';
  const evaluate = (expression: string): Promise<string> => evaluateIn(host, expression);

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: true });
    [host] = shop.lab.hosts as [Host];
    expect((await push("1.0.0")).code).toBe(0);
  });
  afterAll(async () => {
    rmSync(scratch, { recursive: true });
    await shop.close();
  });

  const isRefusedEnvironment = async (version: string): Promise<void> => {
    const { code, log } = await push(version, { env: "{greeting: bad, extra: bad}", path: "/nope" });
    expect(log).toContain(`rolled back to ${version}: health_check_failed`);
    expect(code).toBe(1);
    expect(await environment()).toBe(GOOD);
  };

  const restartsWithin = async (version: string, comesBackWith = GOOD): Promise<void> => {
    await evaluate("init:restart().");
    await expect.poll(() => answerOf(host, "/version"), { timeout: 20_000, interval: 20 }).toBe("down");
    await expect.poll(() => answerOf(host, "/version"), { timeout: 20_000 }).toBe(version);
    expect(await environment()).toBe(comesBackWith);
  };

  test("leaves the environment of before, also for a node that restarts itself", async () => {
    const before = await vmPid();
    await isRefusedEnvironment("1.0.0");
    await restartsWithin("1.0.0");
    expect(await vmPid()).toBe(before);
  });

  test("leaves the environment of before where the next upgrade is refused before anything changed", async () => {
    // A process in old code of a module that is to be replaced.
    writeFileSync(
      join(scratch, "counter_server.erl"),
      "-module(counter_server). -export([loop/0]). loop() -> receive stop -> ok end.",
    );
    execFileSync("erlc", ["counter_server.erl"], { cwd: scratch });
    const stub = readFileSync(join(scratch, "counter_server.beam")).toString("base64");
    await evaluate(
      `{_, Beam, File} = code:get_object_code(counter_server),
       {module, _} = code:load_binary(counter_server, File, base64:decode("${stub}")),
       register(stuck, spawn(counter_server, loop, [])),
       {module, _} = code:load_binary(counter_server, File, Beam).`,
    );
    await evaluate("application:set_env(counter, runtime, kept), application:set_env(stdlib, runtime, kept).");
    const plan = await shop.push({ "apps/counter/app.yaml": spec("1.1.0") }, { inputs: { command: "plan" } });
    expect(plan.log).toMatch(
      /warning: 1 process in old code now: it waits 300 ms at most for them to leave, then it is refused: <.*> stuck counter_server/,
    );
    const { code, log } = await push("1.1.0");
    expect(log).toMatch(/rolled back to 1\.0\.0: hot_upgrade_failed: .*1 process still runs old code/);
    expect(code).toBe(1);
    expect(await environment()).toBe(GOOD);
    // Nothing of it came to the node.
    expect(await evaluate("application:get_env(counter, runtime).")).toBe("{ok, {ok, kept}}");
  });

  test("is tried again where it was refused before anything changed", async () => {
    await evaluate("stuck ! stop.");
    const { code, log } = await shop.push({ "README.md": "# Shop\n" });
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    const status = await shop.run({ inputs: { command: "status" } });
    expect(status.outputs).toMatchObject({ status: "synced" });
  });

  test("leaves the same in a node that was upgraded hot", async () => {
    const before = await vmPid();
    await isRefusedEnvironment("1.1.0");
    await restartsWithin("1.1.0");
    expect(await vmPid()).toBe(before);
    const { outputs } = await shop.run({ inputs: { command: "status" } });
    expect(JSON.parse(outputs.state ?? "").counter[host.name].code).toMatchObject({
      release: "1.1.0",
      permanent: "1.1.0",
    });
  });

  test("an environment that went through is there after init:restart(), and other applications keep theirs until then", async () => {
    await evaluate("application:set_env(stdlib, runtime, kept).");
    expect((await push("1.1.0", { env: "{greeting: again}" })).code).toBe(0);
    expect(await evaluate("application:get_env(stdlib, runtime).")).toBe("{ok, {ok, kept}}");
    expect((await push("1.1.0")).code).toBe(0);
    await restartsWithin("1.1.0");
  });

  test("a plan of the way back sends nothing, and warns of nothing", async () => {
    const { log } = await shop.push({ "apps/counter/app.yaml": spec("1.0.0") }, { inputs: { command: "plan" } });
    expect(log).toContain("web1/counter upgrade 1.1.0 → 1.0.0");
    expect(log).not.toMatch(/old code now|sends at most/);
    expect((await push("1.1.0")).code).toBe(0);
  });

  test("an upgrade that was called off changes nothing later, when its node would come to it", async () => {
    // A process that can't be suspended yet: the upgrade waits for it, in the node.
    await evaluate("spawn(sys, replace_state, [counter_server, fun(S) -> receive go -> S end end, infinity]).");
    const strategy = "{type: hot, linger_timeout: 300, suspend_timeout: 60000}";
    const job = await shop.startPush({ "apps/counter/app.yaml": spec("1.0.0", { strategy }) });
    const isWaiting = async (): Promise<boolean> =>
      (await evaluate("process_info(whereis(counter_server), messages).")).includes("suspend");
    await expect.poll(isWaiting, { timeout: 30_000 }).toBe(true);
    await host.exec(["pkill", "-9", "-x", "erl_call"]);
    const { code, log } = await job.result;
    expect([code, log]).toEqual([1, expect.stringContaining("rolled back to 1.1.0")]);
    expect((await push("1.1.0", { env: "{greeting: later}" })).code).toBe(0);
    await evaluate("counter_server ! go, sys:get_state(counter_server).");
    await restartsWithin("1.1.0", '{ok,<<"later">>} undefined');
    expect((await push("1.1.0")).code).toBe(0);
  });

  test("other versions of an application may lie in the release", async () => {
    const unpacked = join(scratch, "counter");
    const tar = (...words: string[]) => execFileSync("tar", words, { cwd: scratch });
    execFileSync("mkdir", [unpacked]);
    tar("-xzf", releaseFile("counter", "1.2.0"), "-C", unpacked);
    tar("-xzf", releaseFile("counter", "1.0.0"), "-C", unpacked, "lib/counter-1.0.0");
    tar("-czf", "counter-1.2.0.tar.gz", "-C", unpacked, ".");
    const source = `{type: release, url: "file://${join(scratch, "counter-1.2.0.tar.gz")}"}`;
    const before = await vmPid();
    const { code, log } = await push("1.2.0", { source });
    expect(code, log).toBe(0);
    expect(log).toContain("connections: kept");
    expect(await answerOf(host, "/version")).toBe("1.2.0");
    expect(await vmPid()).toBe(before);
  });
});
