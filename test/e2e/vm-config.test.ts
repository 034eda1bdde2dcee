// vm_config on real hosts: the VM is started with its arguments, its unit has its limit, and both go back together.
// The lab has no cgroup controllers: systemd takes a limit of memory and shows it, but that it is enforced can't be seen here.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, counterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const MIB = 1024 * 1024;

const healthIn = (ms: number): string => `{type: http, port: 8080, start_timeout: ${ms}, min_healthy_time: 200}`;

describe.skipIf(because !== undefined)(because ?? "vm_config under systemd", () => {
  let shop: Shop;
  let host: Host;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: true });
    host = shop.lab.host("web1");
  });
  afterAll(() => shop.close());

  const push = (version: string, more: string, startTimeoutMs = 60_000) =>
    shop.push({ [APP]: counterSpec(version, { more, health: healthIn(startTimeoutMs) }) });
  const output = async (...argv: string[]): Promise<string> => (await host.exec(argv)).stdout.trim();
  /** Schedulers and process limit that the VM tells, memory and swap that systemd would hold it to. */
  const limits = async (): Promise<string[]> => [
    await answerOf(host, "/vm/schedulers"),
    await answerOf(host, "/vm/process-limit"),
    ...(await output("systemctl", "show", "--value", "-p", "MemoryMax", "-p", "MemorySwapMax", "beamline-counter"))
      .split("\n")
      .filter(Boolean),
  ];
  /** All that an undo must bring back to the byte. */
  const everything = (): Promise<string> =>
    output(
      "sh",
      "-c",
      "cd /opt/releases/counter; cat /etc/systemd/system/beamline-counter.service; tail config/*/*; readlink current",
    );
  const LIMITED = ["1", "65536", String(64 * MIB), "0"];

  test("a deploy starts the VM with it, within its limit", async () => {
    const { code, log } = await push(
      "1.0.0",
      'vm_config: {memory_limit: 64, scheduler_limit: 1, extra_args: ["+P", 65536]}\nenv: {try: 1}',
    );
    expect(code, log).toBe(0);
    expect(await limits()).toEqual(LIMITED);
    expect(await answerOf(host, "/env/try")).toBe("{ok,1}");
  });

  test("the same again is nothing to do", async () => {
    const { outputs } = await shop.run();
    expect(outputs).toMatchObject({ unchanged: "1", reconfigured: "0" });
  });

  test.each([
    ["does not become healthy", "1.3.0", "", "health_check_failed", 2_000],
    ["does not boot", "1.4.0", "", "start_failed", 30_000],
    ["has an argument that the VM does not know", "1.0.0", ", +no_such_flag", "start_failed", 30_000],
  ])("a spec that %s is rolled back, to the old limits", async (_, version, flag, failed, startTimeoutMs) => {
    const before = await everything();
    const more = `vm_config: {memory_limit: 128, scheduler_limit: 2, extra_args: ["+P", 131072${flag}]}\nenv: {try: 2}`;
    const { code, log, outputs } = await push(version, more, startTimeoutMs);
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ "rolled-back": "1" });
    expect(log).toContain(failed);
    expect(log).toMatch(/vm_config\.memory_limit +64 MiB → 128 MiB/);
    expect([...(await limits()), await answerOf(host, "/env/try")]).toEqual([...LIMITED, "{ok,1}"]);
    expect(await everything()).toBe(before);
  });

  test("another limit of memory alone is a reconfigure, by a restart", async () => {
    const old = await output("pgrep", "-x", "beam.smp");
    const { code, log, outputs } = await push(
      "1.0.0",
      'vm_config: {memory_limit: 128, scheduler_limit: 1, extra_args: ["+P", 65536]}\nenv: {try: 1}',
    );
    expect(code, log).toBe(0);
    expect(outputs.reconfigured).toBe("1");
    expect(await limits()).toEqual(["1", "65536", String(128 * MIB), "0"]);
    expect(await output("pgrep", "-x", "beam.smp")).not.toBe(old);
  });

  test("without the field nothing of it is left, and a spec's own ERL_FLAGS stay beside what Beamline adds", async () => {
    // own_flags is what the agent calls them: a variable of the spec by that name changes nothing.
    const osEnv = "os_env: {own_flags: x, ERL_FLAGS: +P 131072}";
    const { code, log } = await push("1.1.0", `env: {try: 3}\n${osEnv}`);
    expect(code, log).toBe(0);
    expect((await limits()).slice(1)).toEqual(["131072", "infinity", "infinity"]);
    expect(await answerOf(host, "/env/try")).toBe("{ok,3}");
    expect(await answerOf(host, "/os-env/own_flags")).toBe("x");
  });

  test("command: rollback brings back the limits of then", async () => {
    const { code, log } = await shop.run({ inputs: { command: "rollback" } });
    expect(code, log).toBe(0);
    expect(log).toMatch(/vm_config\.memory_limit +\(none\) → 128 MiB/);
    expect(await limits()).toEqual(["1", "65536", String(128 * MIB), "0"]);
    expect([await answerOf(host, "/version"), await answerOf(host, "/env/try")]).toEqual(["1.0.0", "{ok,1}"]);
  });

  test("a mix release is started with it, too", async () => {
    const herald = [
      'name: herald\nversion: "1.0.0"',
      `source: {type: release, url: "file://${releaseFile("herald")}"}`,
      "health: {type: http, port: 4000, path: /}",
      "vm_config: {memory_limit: 96, scheduler_limit: 1}\n",
    ].join("\n");
    const { code, log } = await shop.push({ "apps/herald/app.yaml": herald }, { inputs: { apps: "herald" } });
    expect(code, log).toBe(0);
    const pid = await output("systemctl", "show", "--value", "-p", "MainPID", "beamline-herald");
    expect((await output("cat", `/proc/${pid}/cmdline`)).split("\0").join(" ")).toMatch(/ -S 1:1 /);
    expect(await output("systemctl", "show", "--value", "-p", "MemoryMax", "beamline-herald")).toBe(String(96 * MIB));
  });
});

describe.skipIf(because !== undefined)(because ?? "vm_config on a busybox host", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: false, busybox: true });
  });
  afterAll(() => shop.close());

  test("is kept as far as the VM can, and the plan says what nobody keeps", async () => {
    const more = 'vm_config: {memory_limit: 64, scheduler_limit: 1, extra_args: ["+P", 65536]}';
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0", { more }) });
    expect(code, log).toBe(0);
    expect(log).toContain("vm_config.memory_limit needs systemd; this host has none");
    const host = shop.lab.host("web1");
    expect([await answerOf(host, "/vm/schedulers"), await answerOf(host, "/vm/process-limit")]).toEqual(["1", "65536"]);
  });
});
