// A run that dies in the middle leaves every host old and healthy or new and healthy, and the next run needs no help.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import type { StartedJob } from "./action.ts";
import { answerOf, counterSpec, openShop, type Shop, shownLog } from "./shop.ts";

const because = whyNoLab();

describe.skipIf(because !== undefined)(because ?? "a run that dies", () => {
  let shop: Shop;
  let host: Host;
  let tries = 0;

  /**
   * A counter with a new env value and, by turns, another version: what two pushes in a row differ in. Its health check takes a
   * second, in which things happen.
   */
  const nextSpec = (healthyMs = 1000): string => {
    tries += 1;
    const health = `{type: http, port: 8080, path: /health, min_healthy_time: ${healthyMs}}`;
    return counterSpec(tries % 2 === 0 ? "1.0.0" : "1.1.0", { health, more: `env: {port: 8080, try: ${tries}}` });
  };
  const expectServed = async (): Promise<void> => {
    for (const each of shop.lab.hosts) expect(await answerOf(each, "/env/try")).toBe(`{ok,${tries}}`);
  };
  const opsOf = async (of: Host): Promise<string[]> =>
    (await of.exec(["ls", "-A", "/opt/releases/.beamline/ops"])).stdout.split("\n").filter((op) => /^\d/.test(op));
  /** Starts a push, and resolves when an op that it brought to web1 has come to a line of its journal. */
  const startUntil = async (line: string, spec = nextSpec()): Promise<StartedJob> => {
    const before = new Set(await opsOf(host));
    const job = await shop.startPush({ "apps/counter/app.yaml": spec });
    await until(`the journal says ${line}`, async () => {
      const [op] = (await opsOf(host)).filter((each) => !before.has(each));
      if (op === undefined) return false;
      return (await host.exec(["grep", "-q", line, `/opt/releases/.beamline/ops/${op}/journal`])).code === 0;
    }).catch((error) => {
      throw new Error(shownLog({ log: job.log() }), { cause: error });
    });
    return job;
  };
  /** No op of the host is under way any more. */
  const isQuiet = async (of: Host): Promise<boolean> => {
    const { stdout } = await of.exec([
      "sh",
      "-c",
      "cd /opt/releases/.beamline/ops; for op in *; do [ -e $op/ended ] || echo $op; done",
    ]);
    return stdout === "";
  };

  beforeAll(async () => {
    shop = await openShop({ hosts: 3 });
    host = shop.lab.host("web1");
    expect((await shop.push({ "apps/counter/app.yaml": nextSpec() })).code).toBe(0);
  });
  afterAll(() => shop.close());

  test.each(["stage", "stop", "start", "health", "record"])(
    "killed (SIGKILL) when %s begins: hosts end it by themselves, the next run goes on",
    async (step) => {
      const before = tries;
      const job = await startUntil(`"begin".*[0-9]-${step}"`);
      job.kill("SIGKILL");
      const { signal, leftovers } = await job.result;
      expect(signal).toBe("SIGKILL");
      expect(leftovers).toEqual([]);

      for (const each of shop.lab.hosts) {
        await until(`${each.name} is quiet`, () => isQuiet(each), 90_000);
        // Whole: the values and the version that answer belong to one spec, the old or the new one.
        const { stdout: current } = await each.exec(["readlink", "/opt/releases/counter/current"]);
        expect([`{ok,${before}}`, `{ok,${tries}}`]).toContain(await answerOf(each, "/env/try"));
        expect(await answerOf(each, "/version")).toBe(current.trim());
        expect(await answerOf(each, "/health")).toBe("ok");
      }
      const next = await shop.push({ [`notes/${tries}.md`]: "unrelated\n" });
      expect(next.code, next.log).toBe(0);
      expect(next.outputs.status).toBe("synced");
      await expectServed();
    },
  );

  test("killed, and the next run comes at once: it waits for what still runs, then goes on", async () => {
    // Long enough for the next run to look at it, on a slow machine, too.
    const job = await startUntil('"begin".*[0-9]-health"', nextSpec(10_000));
    job.kill("SIGKILL");
    const next = await shop.push({ "notes/at-once.md": "unrelated\n" });
    expect(next.log).toMatch(/waiting for op \S+ of an earlier run/);
    expect(next.code, next.log).toBe(0);
    await expectServed();
    await job.result;
  });

  test("a host that loses power in the middle: the next run undoes and goes on", async () => {
    const job = await startUntil('"begin".*[0-9]-health"');
    await host.kill();
    await host.boot();
    const { code } = await job.result;
    expect(code).toBe(1);
    const next = await shop.push({ "notes/power.md": "unrelated\n" });
    expect(next.code, next.log).toBe(0);
    await expectServed();
  });

  test("a cable that is pulled for a while: the run attaches again and ends well", async () => {
    const job = await startUntil('"begin".*[0-9]-health"');
    await host.cut();
    await until(
      "the op on the host has ended",
      async () =>
        (await readdir(host.file("/opt/releases/.beamline/ops"))).every((op) =>
          existsSync(host.file(`/opt/releases/.beamline/ops/${op}/ended`)),
        ),
      60_000,
    );
    await host.restore();
    const { code, log } = await job.result;
    expect(code, log).toBe(0);
    await expectServed();
  });

  test.each(["plan", "apply", "status"])("SIGINT while a host does not answer ends a %s at once", async (command) => {
    host.hang();
    const job = await shop.startPush({ "apps/counter/app.yaml": nextSpec() }, { inputs: { command } });
    await until("the host was asked", async () => existsSync(job.temp) && (await readdir(job.temp)).length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    job.kill("SIGINT");
    // It ends though the host still says nothing.
    const { code, log, leftovers } = await job.result;
    host.resume();
    expect([code, leftovers]).toEqual([1, []]);
    expect(log).toContain("runner: cancelled: this run was cancelled before it had anything deployed");
  });

  test("SIGTERM, GitHub's cancel: nothing new is started, and what runs is reported", async () => {
    const job = await startUntil('"begin"');
    job.kill("SIGTERM");
    const { signal, outputs } = await job.result;
    expect(signal).toBe(null);
    expect(outputs.status).toBeDefined();
    const next = await shop.push({ "notes/cancel.md": "unrelated\n" });
    expect(next.code, next.log).toBe(0);
    await expectServed();
  });
});
