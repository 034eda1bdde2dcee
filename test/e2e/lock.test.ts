// One op at a time for an app on a host; who waits is told for whom, and who has lost the lock does nothing more.
import { rename } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import type { StartedJob } from "./action.ts";
import { answerOf, counterSpec, greeterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const BASE = "/opt/releases/.beamline";
const UNHEALTHY = "{type: http, port: 8080, path: /health, start_timeout: 6000}";

const LOCKS = [
  { where: "kept by flock", without: [], file: "counter" },
  { where: "on a host without flock and setsid", without: ["flock", "setsid"], file: "counter.dir" },
];

describe.skipIf(because !== undefined).each(LOCKS)(because ?? "the lock of an app, $where,", ({ without, file }) => {
  let shop: Shop;
  let host: Host;
  const script = async (text: string): Promise<string> => (await host.exec(["sh", "-c", text])).stdout.trim();
  const lastOp = (): Promise<string> => script(`ls ${BASE}/ops | tail -n 1`);

  /** Starts a push whose op stands in its health check for some seconds. */
  async function startLongOp(): Promise<{ job: StartedJob; op: string }> {
    const before = await lastOp();
    // What has failed once is held, so each is another.
    const more = `env: {try: ${Date.now()}}`;
    const job = await shop.startPush({ [APP]: counterSpec("1.3.0", { health: UNHEALTHY, more }) });
    await until("the op waits for health", async () => {
      const op = await lastOp();
      return op !== before && (await script(`grep -c '"begin".*-health' ${BASE}/ops/${op}/journal`)) === "1";
    });
    return { job, op: await lastOp() };
  }

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, without });
    host = shop.lab.host("web1");
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0") });
    expect(code, log).toBe(0);
  });
  afterAll(() => shop.close());

  test("keeps a second run waiting, which is told whom for; then both have done their work, one after the other", async () => {
    const { job } = await startLongOp();
    const second = await shop.push({ [APP]: counterSpec("1.1.0") }, { runId: "77" });
    expect(second.log).toMatch(/web1\/counter: waiting for op \S+ of an earlier run/);
    expect(second.code, second.log).toBe(0);
    expect((await job.result).outputs["rolled-back"]).toBe("1");
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });

  test("is none for another app on the same host", async () => {
    const { job } = await startLongOp();
    const other = await shop.push(
      { "apps/greeter/app.yaml": greeterSpec("1.0.0") },
      { inputs: { apps: "greeter" }, runId: "78" },
    );
    expect(other.code, other.log).toBe(0);
    expect(await answerOf(host, "/", 8090)).not.toBe("down");
    expect((await job.result).outputs["rolled-back"]).toBe("1");
  });

  test("of an op that was stopped is waited for as long as lock-timeout says, and no longer", async () => {
    const { job, op } = await startLongOp();
    const engine = await script(`cut -d ' ' -f 1 ${BASE}/ops/${op}/engine`);
    await script(`kill -STOP ${engine}`);
    const second = await shop.push({ [APP]: counterSpec("1.1.0") }, { inputs: { "lock-timeout": "3" } });
    await script(`kill -CONT ${engine}`);
    expect(second.code).toBe(1);
    expect(second.log).toContain(`by op ${op} of an earlier run`);
    await job.result;
    const third = await shop.run();
    expect(third.code, third.log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });

  test("that its op has lost ends the op without another word; the next run undoes it and goes on", async () => {
    const { job, op } = await startLongOp();
    await script(`kill -STOP $(cut -d ' ' -f 1 ${BASE}/ops/${op}/engine)`);
    // As an admin who "cleans up": whoever comes next takes a lock of its own.
    await rename(host.file(`${BASE}/lock/${file}`), host.file(`${BASE}/lock/${file}.gone`));
    await script(file.endsWith(".dir") ? `mkdir ${BASE}/lock/${file}` : `touch ${BASE}/lock/${file}`);
    job.kill("SIGKILL");
    await job.result;
    const journal = await script(`wc -l <${BASE}/ops/${op}/journal`);
    await script(`kill -CONT $(cut -d ' ' -f 1 ${BASE}/ops/${op}/engine)`);
    await until(
      "its engine is gone",
      async () => {
        const found = await script(`ps -o stat= -p $(cut -d ' ' -f 1 ${BASE}/ops/${op}/engine)`);
        return found === "" || found.startsWith("Z");
      },
      30_000,
    );
    expect(await script(`wc -l <${BASE}/ops/${op}/journal`)).toBe(journal);
    const next = await shop.push({ [APP]: counterSpec("1.2.0") });
    expect(next.log).toContain(`recovering op ${op}`);
    expect(next.code, next.log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.2.0");
  });

  test("that is gone, and nobody else's yet, is taken anew by its op, which goes back", async () => {
    const { job, op } = await startLongOp();
    await script(`kill -STOP $(cut -d ' ' -f 1 ${BASE}/ops/${op}/engine)`);
    await rename(host.file(`${BASE}/lock/${file}`), host.file(`${BASE}/lock/${file}.away`));
    await script(`kill -CONT $(cut -d ' ' -f 1 ${BASE}/ops/${op}/engine)`);
    const { code, log } = await job.result;
    expect(code, log).toBe(1);
    expect(log).toContain("rolled back");
    const next = await shop.push({ [APP]: counterSpec("1.1.0") });
    expect(next.code, next.log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });
});
