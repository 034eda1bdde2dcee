// strategy: hot. The VM that runs becomes the new version: connections live, state is kept, and what fails goes back likewise.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, openShop, type Shop } from "./shop.ts";
import { type SteadyClient, startSteadyClient } from "./steady-client.ts";

const because = whyNoLab();

const hotSpec = (version: string, { env = "{greeting: hello}", strategy = "hot", more = "" } = {}): string =>
  counterSpec(version, {
    health: "{type: http, port: 8080, path: /health, start_timeout: 4000, min_healthy_time: 300}",
    more: `strategy: ${strategy}\nenv: ${env}\n${more}`,
  });

describe.skipIf(because !== undefined).each([
  ["systemd", true],
  ["no systemd", false],
])(because ?? "a hot upgrade on a host with %s", (_, systemd) => {
  let shop: Shop;
  let host: Host;
  let client: SteadyClient;

  const push = (spec: string) => shop.push({ "apps/counter/app.yaml": spec });
  const vmPid = async (): Promise<string> => (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.trim();
  /** The client has asked at least once more, and nothing went wrong with it. */
  const isUndisturbed = async (): Promise<void> => {
    const asked = client.answers.length;
    await expect.poll(() => client.answers.length).toBeGreaterThan(asked);
    expect(client.failures).toEqual([]);
    // Each request counted one on: nothing was lost, nothing begun anew.
    const numbers = client.answers.map(Number);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  };

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd });
    [host] = shop.lab.hosts as [Host];
    const { code, log } = await push(hotSpec("1.0.0"));
    expect(log).toContain("deployed 1.0.0");
    expect(code).toBe(0);
  });
  afterAll(() => shop.close());
  beforeEach(() => {
    client = startSteadyClient(host.address, 8080, "/count");
  });
  afterEach(() => client.stop());

  test("keeps connections and state, in the process that ran before", async () => {
    const before = await vmPid();
    const { code, log } = await push(hotSpec("1.1.0"));
    expect(log).toMatch(/counter upgrade 1\.0\.0 → 1\.1\.0 \(cause: spec; strategy: hot; connections: kept/);
    expect(log).toMatch(/hot: 1 module loaded; state migrated: counter_server; counter 1\.0\.0 → 1\.1\.0 by its appup/);
    expect(log).toMatch(/processes were suspended for at most \d+\.\d ms/);
    expect(code).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    expect(await answerOf(host, "/env/greeting")).toBe('{ok,<<"hello">>}');
    expect(await vmPid()).toBe(before);
    await isUndisturbed();
  });

  test("goes on from a version that was itself upgraded hot, by a generated appup", async () => {
    const before = await vmPid();
    const { code, log } = await push(hotSpec("1.2.0"));
    expect(log).toMatch(/counter 1\.1\.0 → 1\.2\.0 by a generated appup/);
    expect(code).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.2.0");
    expect(await vmPid()).toBe(before);
    await isUndisturbed();
  });

  test("changes the environment of the VM that runs: new values, and vanished keys are unset", async () => {
    const before = await vmPid();
    const { code, log, outputs } = await push(hotSpec("1.2.0", { env: "{farewell: bye}" }));
    expect(log).toContain("connections: kept");
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ reconfigured: "1" });
    expect(await answerOf(host, "/env/farewell")).toBe('{ok,<<"bye">>}');
    expect(await answerOf(host, "/env/greeting")).toBe("undefined");
    expect(await vmPid()).toBe(before);
    await isUndisturbed();
  });

  test("goes back, with the same state, where the new version is not healthy", async () => {
    const before = await vmPid();
    const { code, log } = await push(hotSpec("1.3.0", { env: "{farewell: never}" }));
    expect(code).toBe(1);
    expect(log).toMatch(/rolled back to 1\.2\.0: health_check_failed/);
    expect(await answerOf(host, "/version")).toBe("1.2.0");
    expect(await answerOf(host, "/env/farewell")).toBe('{ok,<<"bye">>}');
    expect(await vmPid()).toBe(before);
    await isUndisturbed();
  });

  test("goes down as it goes up", async () => {
    const before = await vmPid();
    const { code, log } = await push(hotSpec("1.1.0", { env: "{farewell: bye}" }));
    expect(log).toContain("downgrade from 1.2.0");
    expect(code).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    expect(await vmPid()).toBe(before);
    await isUndisturbed();
    // What was said is true of what a status run sees, too.
    const { outputs } = await shop.run({ inputs: { command: "status" } });
    expect(JSON.parse(outputs.state ?? "").counter[host.name]).toMatchObject({ version: "1.1.0", health: "healthy" });
  });

  test("does nothing where nothing changed", async () => {
    const { code, outputs } = await shop.push({ "README.md": "# Shop\n" });
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ "has-changes": "false", unchanged: "1" });
    await isUndisturbed();
  });
});

describe.skipIf(because !== undefined)(because ?? "what can't be hot", () => {
  let shop: Shop;
  let host: Host;
  const push = (spec: string) => shop.push({ "apps/counter/app.yaml": spec });
  const vmPid = async (): Promise<string> => (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.trim();

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: true });
    [host] = shop.lab.hosts as [Host];
    expect((await push(hotSpec("1.0.0"))).code).toBe(0);
  });
  afterAll(() => shop.close());

  test("is refused with the reason where the spec says fail, and nothing happens", async () => {
    const before = await vmPid();
    const { code, log } = await push(
      hotSpec("1.1.0", { strategy: "{type: hot, on_no_appup: fail}", more: "os_env: {MODE: other}" }),
    );
    expect(code).toBe(1);
    expect(log).toContain(
      "1.0.0 can't become 1.1.0 without a restart: os_env changes, which a VM reads when it starts",
    );
    expect(await vmPid()).toBe(before);
  });

  test("is refused without a shipped appup where only those may be used", async () => {
    const { code, log } = await push(hotSpec("1.2.0", { strategy: "{type: hot, on_no_appup: fail, appup: shipped}" }));
    expect(code).toBe(1);
    expect(log).toMatch(/1\.0\.0 can't become 1\.2\.0 without a restart: .*no appup/);
  });

  test("is a restart elsewhere, and said so", async () => {
    const before = await vmPid();
    const { code, log } = await push(hotSpec("1.1.0", { more: "os_env: {MODE: other}" }));
    expect(log).toContain("no hot upgrade, it restarts: os_env changes");
    expect(log).toContain("connections: cut, it restarts");
    expect(code).toBe(0);
    expect(await answerOf(host, "/os-env/MODE")).toBe("other");
    expect(await vmPid()).not.toBe(before);
  });

  test("comes back in the version that it was upgraded to, after a crash and after a reboot", async () => {
    expect((await push(hotSpec("1.2.0", { env: "{farewell: bye}", more: "os_env: {MODE: other}" }))).log).toContain(
      "connections: kept",
    );
    await host.exec(["pkill", "-9", "-x", "beam.smp"]);
    await expect.poll(() => answerOf(host, "/version"), { timeout: 20_000 }).toBe("1.2.0");
    expect(await answerOf(host, "/env/farewell")).toBe('{ok,<<"bye">>}');
    await host.kill();
    await host.boot();
    await expect.poll(() => answerOf(host, "/version"), { timeout: 60_000 }).toBe("1.2.0");
    const { outputs } = await shop.push({ "README.md": "# Shop\n" });
    expect(outputs).toMatchObject({ "has-changes": "false", status: "synced" });
  });

  test("shows in a status what was loaded by hand, and the next hot upgrade puts it right", async () => {
    const beam = "/opt/releases/counter/1.1.0/lib/counter-1.1.0/ebin/counter_server.beam";
    const load = `{ok, Beam} = file:read_file("${beam}"), code:load_binary(counter_server, "${beam}", Beam).`;
    const call = "erl_call -sname counter -R -timeout 5 -e";
    await host.exec(["sh", "-c", `echo '${load}' | HOME=/root /opt/releases/counter/1.2.0/erts-*/bin/${call}`]);
    const status = await shop.run({ inputs: { command: "status" } });
    expect(status.log).toContain("drift: it has loaded other code than 1.2.0 has, of counter_server");
    expect(status.code).toBe(1);
    const { code } = JSON.parse(status.outputs.state ?? "").counter[host.name];
    expect(code).toMatchObject({ release: "1.2.0", permanent: "1.2.0", next: "1.2.0" });

    expect((await push(hotSpec("1.1.0", { env: "{farewell: bye}", more: "os_env: {MODE: other}" }))).code).toBe(0);
    const after = await shop.run({ inputs: { command: "status" } });
    expect(after.log).not.toContain("drift");
    expect(after.outputs).toMatchObject({ status: "synced" });
  });
});
