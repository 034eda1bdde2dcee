// Nodes that can't be asked, and nodes that became something else by other hands.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

const spec = (version: string): string =>
  counterSpec(version, {
    health: "{type: http, port: 8080, path: /health, start_timeout: 3000, min_healthy_time: 200}",
    more: "strategy: hot\nretain: 3",
  });

describe.skipIf(because !== undefined)(because ?? "a node", () => {
  let shop: Shop;
  let host: Host;
  const push = (version: string) => shop.push({ "apps/counter/app.yaml": spec(version) });
  const pushed = async (version: string): Promise<string> => {
    const { code, log } = await push(version);
    expect(code, log).toBe(0);
    return log;
  };
  const sh = async (script: string): Promise<string> => (await host.exec(["sh", "-c", script])).stdout.trim();
  const vmPid = (): Promise<string> => sh("pgrep -x beam.smp");
  const call = (expression: string): Promise<string> =>
    sh(
      `HOME=/root $(ls -d /opt/releases/counter/*/erts-*/bin/erl_call | head -n 1) -sname counter -h by_hand -e <<'END'\n${expression}\nEND`,
    );
  const comesBack = (version: string): Promise<void> =>
    expect.poll(() => answerOf(host, "/version"), { timeout: 20_000 }).toBe(version);
  /** What is true of one that was left alone. */
  const isUntouched = async ([pid, count, version]: readonly [string, number, string]): Promise<void> => {
    expect(await vmPid()).toBe(pid);
    expect(Number(await answerOf(host, "/count"))).toBe(count + 1);
    expect(await answerOf(host, "/version")).toBe(version);
  };
  const now = async (version: string) => [await vmPid(), Number(await answerOf(host, "/count")), version] as const;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: true });
    [host] = shop.lab.hosts as [Host];
    for (const version of ["1.0.0", "1.1.0", "1.0.0"]) await pushed(version);
  });
  afterAll(() => shop.close());

  test("that was upgraded by hand is asked, and goes back hot where the spec has not changed", async () => {
    const before = await now("1.0.0");
    expect(await call('release_handler:install_release("1.1.0").')).toContain("ok");
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    const { code, log } = await shop.push({ "README.md": "# Shop\n" });
    expect(log).toContain("(cause: drift; strategy: hot; connections: kept");
    expect(code, log).toBe(0);
    expect(await vmPid()).toBe(before[0]);
    expect(await answerOf(host, "/version")).toBe("1.0.0");
  });

  test("that is by hand what the next spec wants is that after a crash, too", async () => {
    const before = await vmPid();
    expect(await call('release_handler:install_release("1.1.0").')).toContain("ok");
    expect(await pushed("1.1.0")).toContain("connections: kept");
    expect(await vmPid()).toBe(before);
    const { outputs } = await shop.run({ inputs: { command: "status" } });
    const state = JSON.parse(outputs.state ?? "").counter[host.name];
    expect(state.code).toMatchObject({ release: "1.1.0", permanent: "1.1.0", next: "1.1.0" });
    await sh("pkill -9 -x beam.smp");
    await comesBack("1.1.0");
  });

  test("that does not answer while it is looked at is not restarted for that", async () => {
    await pushed("1.2.0");
    const before = await now("1.2.0");
    await sh("pkill -x epmd");
    const { code, log } = await push("1.1.0");
    expect(log).toContain("incomplete_inspection: whether it can be upgraded without a restart is not known");
    expect(code).toBe(1);
    await isUntouched(before);
  });

  test("that does not answer any more when the upgrade begins is left as it is", async () => {
    // It registers anew.
    await sh("systemctl restart beamline-counter");
    await comesBack("1.2.0");
    await pushed("1.1.0");
    const before = await now("1.1.0");
    const watch = `cd /opt/releases/.beamline/ops
until for op in 2*; do [ -e $op/ended ] || ! grep -qs -- -preflight $op/journal || pkill -x epmd; done; ! pgrep -x epmd; do sleep 0.01; done`;
    const gone = sh(watch);
    const { code, log } = await push("1.2.0");
    await gone;
    expect(log).toContain("hot_upgrade_failed");
    expect(log).not.toContain("state is lost");
    expect(code).toBe(1);
    await isUntouched(before);
    // Nor does the next run.
    const next = await shop.push({ "README.md": "# The shop\n" });
    expect(next.log).not.toContain("state is lost");
    expect(await vmPid()).toBe(before[0]);
  });
});
