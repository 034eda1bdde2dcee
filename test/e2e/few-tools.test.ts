// Hosts without flock, setsid and sha256sum: the same promises.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, greeterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const BASE = "/opt/releases/.beamline";
const FEW = ["flock", "setsid", "sha256sum"];

describe.skipIf(because !== undefined).each([
  { what: "Debian's tools", options: { without: FEW } },
  { what: "busybox' tools", options: { without: [...FEW, "shasum"], busybox: true } },
])(because ?? "without flock, setsid and sha256sum, on a host with $what", ({ options }) => {
  let shop: Shop;
  let host: Host;
  const script = async (text: string): Promise<string> => (await host.exec(["sh", "-c", text])).stdout.trim();
  const lastOp = (): Promise<string> => script(`ls ${BASE}/ops | tail -n 1`);
  const spec = (version: string, attempt: number, health?: string): string =>
    counterSpec(version, { ...(health && { health }), more: `env: {try: ${attempt}}` });
  const answers = async (): Promise<string[]> => [await answerOf(host, "/version"), await answerOf(host, "/env/try")];
  const leftovers = (): Promise<string> => script(`find ${BASE}/lock -type f ! -name '*.holder'; ls -A ${BASE}/lock`);

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, ...options });
    host = shop.lab.host("web1");
  });
  afterAll(() => shop.close());

  /** Starts a push that can't become healthy, and waits until its op stands in the health check. */
  async function startLongOp(attempt: number) {
    const before = await lastOp();
    const health = "{type: http, port: 8080, path: /health, start_timeout: 8000}";
    const job = await shop.startPush({ [APP]: spec("1.3.0", attempt, health) });
    await until(
      "the op waits for health",
      async () => {
        const op = await lastOp();
        return op !== before && (await script(`grep -c '"begin".*-health' ${BASE}/ops/${op}/journal`)) === "1";
      },
      60_000,
    );
    return { job, op: await lastOp() };
  }

  test("an app is deployed, upgraded and reconfigured", async () => {
    for (const [version, attempt] of [
      ["1.0.0", 1],
      ["1.1.0", 1],
      ["1.1.0", 2],
    ] as const) {
      const { code, log } = await shop.push({ [APP]: spec(version, attempt) });
      expect(code, log).toBe(0);
      expect(await answers()).toEqual([version, `{ok,${attempt}}`]);
    }
    expect(await leftovers()).toBe("counter.dir\ncounter.holder");
  });

  test("a bad version is rolled back", async () => {
    const { code, outputs } = await shop.push({ [APP]: spec("1.4.0", 3) });
    expect([code, outputs["rolled-back"]]).toEqual([1, "1"]);
    expect(await answers()).toEqual(["1.1.0", "{ok,2}"]);
  });

  test("an op ends by itself though its connection is cut and its runner is gone", async () => {
    const { job, op } = await startLongOp(4);
    job.kill("SIGKILL");
    await script("for pid in $(pgrep -f '^sshd(-session)?: [^/]'); do kill -HUP $pid; kill -9 $pid; done");
    await until("it has ended", async () => (await script(`ls ${BASE}/ops/${op}/ended`)) !== "", 60_000);
    await job.result;
    expect(await script(`tail -n 1 ${BASE}/ops/${op}/journal`)).toContain('"outcome":"rolled_back"');
    expect(await answers()).toEqual(["1.1.0", "{ok,2}"]);
  });

  test.each([
    ["killed", async () => undefined],
    [
      "killed by a loss of power",
      async () => {
        await host.kill();
        await host.boot();
      },
    ],
  ])("an op whose agent is %s leaves no lock: the next run undoes it, and goes on", async (how, strike) => {
    const { job, op } = await startLongOp(how === "killed" ? 5 : 6);
    await script(`kill -9 $(cut -d ' ' -f 1 ${BASE}/ops/${op}/engine)`);
    await strike();
    job.kill("SIGKILL");
    await job.result;
    const attempt = how === "killed" ? 7 : 8;
    const next = await shop.push({ [APP]: spec("1.2.0", attempt) });
    expect(next.log).toContain(`recovering op ${op}`);
    expect(next.code, next.log).toBe(0);
    expect(await answers()).toEqual(["1.2.0", `{ok,${attempt}}`]);
    const back = await shop.push({ [APP]: spec("1.1.0", 2) });
    expect(back.code, back.log).toBe(0);
  });

  test("command: rollback goes back", async () => {
    const { code, log } = await shop.run({ inputs: { command: "rollback" } });
    expect(code, log).toBe(0);
    expect(await answers()).toEqual(["1.2.0", "{ok,8}"]);
  });

  test("removed, it leaves no process and no lock that is held", async () => {
    const { code, log } = await shop.push({ [APP]: null, "apps/greeter/app.yaml": greeterSpec("1.0.0") });
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("down");
    expect(await leftovers()).toBe("counter.dir\ngreeter.dir\ngreeter.holder");
    expect(await script("pgrep -fc '[s]h /opt/releases/.beamline/agent-'")).toBe("0");
  });
});

test.skipIf(because !== undefined)(
  because ?? "a host where nothing computes SHA-256 is told what it lacks",
  async () => {
    const shop = await openShop({ hosts: 1, without: ["sha256sum", "shasum", "openssl"] });
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0") });
    expect(code).toBe(1);
    expect(log).toContain("web1: host_lacks: the host has no sha256sum");
    await shop.close();
  },
);
