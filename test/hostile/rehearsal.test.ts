// Rehearsals run what a pull request or a host may have made, on the runner: it gets nothing there. And what a host lost, or spoilt,
// is had from git, never from what the host says of it.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync } from "node:fs";
import { appendFile, chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Job, type JobResult, runJob } from "../e2e/action.ts";
import { answerOf, counterSpec, openShop, type Shop, shownLog } from "../e2e/shop.ts";
import { run } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { hostileReleases } from "./attack.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const ROOT = "/opt/releases";
const STATE = `${ROOT}/.beamline/state/counter`;
const SECRET = "none of your business";
const PLAN = { rehearse: "true", command: "plan" };
const SECRETS = { secrets: JSON.stringify({ MODE: SECRET }) };

const counter = (version: string, startMs = 60_000): string =>
  counterSpec(version, {
    source: '{type: release, url: "file:releases/counter-{version}.tar.gz"}',
    // Long where it must come up, however busy the machine is; short where it never will.
    health: `{type: http, port: 8080, path: /health, start_timeout: ${startMs}, min_healthy_time: 200}`,
    more: "strategy: hot\nos_env: {MODE: {secret: MODE}}",
  });

describe.skipIf(because !== undefined)(because ?? "on a runner that rehearses", () => {
  let shop: Shop;
  let host: Host;
  let releases: ReturnType<typeof hostileReleases>;

  /** A checkout with the releases in it. */
  const workspace = (): string => {
    const checkout = shop.repository.checkout(shop.repository.head);
    cpSync(releases.directory, join(checkout, "releases"), { recursive: true });
    return checkout;
  };
  const action = (job: Partial<Job> = {}): Promise<JobResult> =>
    shop.run({ ...job, workspace: job.workspace ?? workspace(), inputs: { ...SECRETS, ...job.inputs } });
  const pushed = (spec: string, job: Partial<Job> = {}): Promise<JobResult> => {
    shop.repository.push({ [APP]: spec });
    const { head } = shop.repository;
    return action({ ...job, event: job.event ?? { name: "push", sha: head, payload: {} } });
  };
  const sha = (): string => shop.repository.head;
  const planned = (job: Partial<Job> = {}): Promise<JobResult> =>
    action({ event: { name: "push", sha: sha(), payload: {} }, ...job, inputs: { ...PLAN, ...job.inputs } });

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: false });
    [host] = shop.lab.hosts as [Host];
    releases = hostileReleases(host.address);
    const { code, log } = await pushed(counter("1.0.0"));
    expect(code, log).toBe(0);
    shop.repository.push({ [APP]: counter("1.1.0") });
  });
  afterAll(async () => {
    releases.remove();
    await shop.close();
  });

  const gotNothing = ({ log, leftovers }: JobResult): void => {
    expect(log).toContain("END OF ATTACK");
    expect(log).not.toContain("LOOT");
    expect(log).toContain("not rehearsed: 1.0.0 can't be run here");
    expect(leftovers).toEqual([]);
  };
  const modeIs = (value: string): string => `MODE IS ${createHash("sha256").update(value).digest("hex").slice(0, 16)}`;

  test("of a pull request, as root, a hostile release gets nothing of the job, and no secret", async () => {
    const pull_request = { base: { sha: sha() }, head: { sha: sha() } };
    const result = await planned({ event: { name: "pull_request", sha: sha(), payload: { pull_request } } });
    gotNothing(result);
    expect(result.log).toContain("can't make user namespaces");
    expect(result.log).toContain("; stand-ins for the secrets MODE");
    expect(result.log).toContain("MODE IS ");
    expect(result.log).not.toContain(modeIs(SECRET));
    expect(result.log).not.toContain(modeIs(""));
    expect(shownLog(result)).not.toContain(SECRET);
  });

  test("as any user it gets nothing either; of the branch itself it has its secrets", async () => {
    const checkout = workspace();
    const { directory } = shop.repository;
    const given = (owner: string) => run(["chown", "-R", owner, directory]);
    // git reads nothing that belongs to others.
    await given("1:1");
    const result = await runJob({
      workspace: checkout,
      event: { name: "push", sha: sha(), payload: {} },
      inputs: { ...SECRETS, ...PLAN, "ssh-key": shop.lab.userKey.text },
      environment: { HOME: "/nonexistent" },
      user: { uid: 1, gid: 1 },
    });
    await given("0:0");
    gotNothing(result);
    expect(result.log).toContain("can't make user namespaces");
    expect(result.log).toContain(modeIs(SECRET));
  });

  test("nor where only root can make namespaces", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tools-"));
    await chmod(directory, 0o755);
    const real = (await run(["which", "unshare"])).stdout.trim();
    const fake = `#!/bin/sh\ncase "$*" in *--user*) echo no >&2; exit 1 ;; esac\nexec ${real} "$@"\n`;
    await writeFile(`${directory}/unshare`, fake, { mode: 0o755 });
    const result = await planned({ environment: { PATH: `${directory}:${process.env.PATH}` } });
    gotNothing(result);
    expect(result.log).not.toContain("END OF ATTACK as 0");
    await rm(directory, { recursive: true });
  });

  describe("a host's record", () => {
    let server: Server;
    const asked: string[] = [];
    let honest: string;
    const forged = async (change: (record: Record<string, unknown>) => object): Promise<JobResult> => {
      const [record = "", ...rest] = honest.split("\n");
      await writeFile(host.file(STATE), [JSON.stringify(change(JSON.parse(record))), ...rest].join("\n"));
      const result = await planned();
      await writeFile(host.file(STATE), honest);
      return result;
    };

    const healthOf = ({ spec }: Record<string, unknown>): object => (spec as { health: object }).health;

    beforeAll(async () => {
      server = createServer((request, response) => {
        asked.push(request.url ?? "");
        response.writeHead(404).end();
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
      honest = await readFile(host.file(STATE), "utf8");
    });
    afterAll(() => void server.close());

    test("names no url that is asked, and no health that counts: they are git's", async () => {
      const { port } = server.address() as AddressInfo;
      const source = { type: "release", url: `http://127.0.0.1:${port}/evil.tar.gz`, sha256: "0".repeat(64) };
      const result = await forged((record) => ({
        ...record,
        spec: { ...(record.spec as object), source, health: { ...healthOf(record), port: 1, timeout: 1 } },
      }));
      // It came as far as git's release of that version.
      gotNothing(result);
      expect(asked).toEqual([]);
    });

    // All else that it may say is asked of committedIn: test/unit/action/committed.test.ts.
    test("with another digest than git's release has is not rehearsed, and that is said", async () => {
      const { log } = await forged((record) => ({ ...record, digest: "e".repeat(64) }));
      expect(log).toContain("not rehearsed: 1.0.0's source does not hold what is on record");
      expect(log).not.toContain("END OF ATTACK");
    });
  });

  describe("an app that is down, and whose wanted spec is held,", () => {
    const damage = (): Promise<void> =>
      appendFile(host.file(`${ROOT}/counter/1.1.0/releases/1.1.0/vm.args`), "-no_such_flag\n");
    const down = async (): Promise<void> => {
      await host.exec(["pkill", "-9", "-x", "beam.smp"]);
      expect(await answerOf(host, "/version")).toBe("down");
    };

    beforeAll(async () => {
      expect((await pushed(counter("1.1.0"))).code).toBe(0);
      const bad = await pushed(counter("1.3.0", 3_000));
      expect(bad.log).toContain("health_check_failed");
      expect(await answerOf(host, "/version")).toBe("1.1.0");
    });

    test("stays down where what is on record is damaged and can't be had, and the plan says so", async () => {
      await damage();
      await down();
      const checkout = workspace();
      await rm(join(checkout, "releases/counter-1.1.0.tar.gz"));
      const { code, log } = await action({ workspace: checkout, event: { name: "push", sha: sha(), payload: {} } });
      expect(code).toBe(1);
      expect(log).toMatch(/record_lost: 1\.1\.0 is gone or damaged here and can't be sent again: file:.* no such file/);
      expect(log).toContain("retry-failed: true");
    });

    test("comes back with what is on record, though that was damaged on the host", async () => {
      const { code, log } = await action({ event: { name: "push", sha: sha(), payload: {} } });
      expect(log).toContain("1.3.0 is held: what is on record is brought back");
      expect(log).toContain("it is sent again, from what git has at its commit");
      expect(code).toBe(1);
      expect(await answerOf(host, "/version")).toBe("1.1.0");
    });

    test("comes back, too, where its release was removed by hand", async () => {
      await host.exec(["sh", "-c", `rm -rf ${ROOT}/counter/1.1.0*`]);
      await down();
      const { log } = await action({ event: { name: "push", sha: sha(), payload: {} } });
      expect(log).toContain("it is sent again, from what git has at its commit");
      expect(await answerOf(host, "/version")).toBe("1.1.0");
    });
  });
});
