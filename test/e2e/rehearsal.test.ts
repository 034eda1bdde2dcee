// rehearse: true. A hot upgrade is carried out on the runner before any host sees it: a pull request tells whether it will work.
import { readFileSync, rmSync } from "node:fs";
import { chmod, copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { runJob } from "./action.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, counterSpec, openShop, type Shop, shownLog } from "./shop.ts";

const because = whyNoLab();

const counter = (version: string, { source = "", more = "" } = {}): string =>
  counterSpec(version, {
    source,
    health: "{type: http, port: 8080, path: /health, start_timeout: 8000, min_healthy_time: 300}",
    more: `strategy: hot\nenv: {greeting: hello}\n${more}`,
  });

const shapes = (version: string): string =>
  [
    "name: shapes",
    `version: "${version}"`,
    `source: {type: release, url: "file://${releaseFile("shapes")}"}`,
    "health: {type: http, port: 8085, path: /health}",
    "strategy: hot",
    "",
  ].join("\n");

const MODE = "os_env: {MODE: {secret: MODE}}";
const REHEARSE = { rehearse: "true" };
const SECRETS = { secrets: JSON.stringify({ MODE: "none of your business" }) };
const PLAN = { rehearse: "true", command: "plan" };

/** Is a process there that descends from no run of the action, or from this one? Tests run side by side. */
function isOurs(pid: number, own: number | undefined): boolean {
  try {
    for (let at = pid; at > 1 && at !== own; ) {
      if (readFileSync(`/proc/${at}/cmdline`, "utf8").includes("dist/main/index.js")) return false;
      at = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${at}/status`, "utf8"))?.[1] ?? 0);
    }
    return true;
  } catch (error) {
    // It has ended meanwhile.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

describe.skipIf(because !== undefined)(because ?? "a rehearsal", () => {
  let shop: Shop;
  let host: Host;
  const vmPids = async (): Promise<string> => (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.trim();
  /** VMs of rehearsals (those of hosts have another root) but for those of other jobs that are at work. */
  const vmsHere = async (own?: number): Promise<string> => {
    const pids = (await run(["pgrep", "-f", "/tmp/releases/"])).stdout.split("\n").filter(Boolean).map(Number);
    return pids.filter((pid) => isOurs(pid, own)).join(" ");
  };

  beforeAll(async () => {
    shop = await openShop({ hosts: 2, systemd: false });
    [host] = shop.lab.hosts as [Host, Host];
    const { code, log } = await shop.push({
      "apps/counter/app.yaml": counter("1.0.0"),
      "apps/shapes/app.yaml": shapes("1.2.0"),
    });
    expect(log).toContain("deployed 1.0.0");
    expect(code).toBe(0);
  });
  afterAll(() => shop.close());

  test("of a good upgrade shows in the plan how it went, and leaves the hosts as they are", async () => {
    const before = await vmPids();
    const { code, log, summary, outputs, leftovers } = await shop.push(
      { "apps/counter/app.yaml": counter("1.1.0") },
      { inputs: PLAN },
    );
    expect(log).toMatch(
      /^ {6}rehearsed: upgraded hot and back in [\d.]+ m?s, processes suspended for at most [\d.]+ ms$/m,
    );
    expect(code).toBe(0);
    // Once, though two hosts are to be upgraded.
    expect(log.match(/the old version is started on the runner/g)).toHaveLength(1);
    expect(summary).toMatch(/✅ rehearsed&#58; upgraded hot and back/);
    expect(JSON.parse(outputs.plan ?? "").items).toContainEqual(
      expect.objectContaining({
        app: "counter",
        rehearsal: expect.objectContaining({ result: "passed", wayBack: "hot" }),
      }),
    );
    expect(await answerOf(host, "/version")).toBe("1.0.0");
    expect(await vmPids()).toBe(before);
    expect(leftovers).toEqual([]);
    expect(await vmsHere()).toBe("");
  });

  test("before an apply lets a good upgrade through", async () => {
    const { code, log } = await shop.run({ inputs: REHEARSE });
    expect(log).toContain("rehearsed: upgraded hot and back");
    expect(code).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });

  test("of a version that is not healthy makes the plan red, and keeps an apply from it", async () => {
    const before = await vmPids();
    const spec = { "apps/counter/app.yaml": counter("1.3.0") };
    const plan = await shop.push(spec, { inputs: PLAN });
    expect(plan.log).toMatch(/^ {6}rehearsal failed: http :8080\/health was not healthy within 8\.\d s: .*503/m);
    expect(plan.log).toMatch(/app\.yaml:\d+:\d+: rehearsal_failed: the hot upgrade 1\.1\.0 → 1\.3\.0 fails/);
    expect(plan.summary).toContain("rehearsal_failed");
    expect(plan.code).toBe(1);

    const applied = await shop.run({ inputs: REHEARSE });
    expect(applied.code).toBe(1);
    expect(applied.log).toMatch(/web1\/counter blocked: rehearsal_failed/);
    expect(applied.log).toMatch(/web2\/counter blocked: rehearsal_failed/);
    expect(applied.outputs).toMatchObject({ upgraded: "0", failed: "2", "rolled-back": "0" });
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    expect(await vmPids()).toBe(before);
    expect(await vmsHere()).toBe("");
    // Nothing was tried on a host, so nothing is held there.
    expect((await shop.run({ inputs: { command: "plan" } })).log).not.toContain("held");
  });

  test("of a code_change that crashes says OTP's reason and quotes the app", async () => {
    const before = await vmPids();
    const { code, log, summary } = await shop.push(
      { "apps/counter/app.yaml": counter("1.1.0"), "apps/shapes/app.yaml": shapes("1.3.0") },
      { inputs: PLAN },
    );
    expect(log).toMatch(/rehearsal failed: code_change of shapes_ledger in <[\d.]+> failed/);
    expect(log).toMatch(/^ {4}\| .*ledger_is_sealed/m);
    expect(summary).toContain("ledger_is_sealed");
    expect(code).toBe(1);
    expect(await vmPids()).toBe(before);
    await shop.push({ "apps/shapes/app.yaml": shapes("1.2.0") });
  });

  test("that can't be is a warning that says why, and holds nothing up", async () => {
    // The release that runs can't be fetched any more.
    const directory = await mkdtemp(join(tmpdir(), "releases-"));
    const source = `{type: release, url: "file://${directory}/counter-{version}.tar.gz"}`;
    for (const version of ["1.2.0", "1.1.0"])
      await copyFile(releaseFile("counter", version), `${directory}/counter-${version}.tar.gz`);
    expect((await shop.push({ "apps/counter/app.yaml": counter("1.2.0", { source }) })).code).toBe(0);
    rmSync(`${directory}/counter-1.2.0.tar.gz`);
    const gone = await shop.push({ "apps/counter/app.yaml": counter("1.1.0", { source }) }, { inputs: PLAN });
    expect(gone.log).toMatch(
      /^ {6}not rehearsed: file:.*counter-1\.2\.0\.tar\.gz can't be fetched: there is no such file/m,
    );
    expect(gone.log).toMatch(/^::warning .*title=rehearsal_impossible/m);
    expect(gone.code).toBe(0);

    // It has other bytes by now.
    await copyFile(releaseFile("counter", "1.1.0"), `${directory}/counter-1.2.0.tar.gz`);
    const other = await shop.run({ inputs: REHEARSE });
    expect(other.log).toMatch(/not rehearsed: /);
    expect(other.code).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    rmSync(directory, { recursive: true });
  });

  test("takes the secrets that it is given, and is not possible without them", async () => {
    const first = await shop.push({ "apps/counter/app.yaml": counter("1.1.0", { more: MODE }) }, { inputs: SECRETS });
    expect(first.code).toBe(0);
    const without = await shop.push({ "apps/counter/app.yaml": counter("1.2.0", { more: MODE }) }, { inputs: PLAN });
    expect(without.log).toContain("not rehearsed: this job has no secret MODE");
    expect(without.code).toBe(0);
    const given = await shop.run({ inputs: { ...PLAN, ...SECRETS } });
    expect(given.log).toContain("rehearsed: upgraded hot and back");
    expect(shownLog(given)).not.toContain("none of your business");
    expect(given.leftovers).toEqual([]);
  });

  test.each(["before", "while"])("that is cancelled %s its VM runs leaves nothing behind", async (moment) => {
    await expect.poll(() => vmsHere()).toBe("");
    const job = await shop.startPush(
      { "apps/counter/app.yaml": counter("1.2.0", { more: MODE }) },
      { inputs: { ...PLAN, ...SECRETS } },
    );
    await expect.poll(() => job.log(), { timeout: 60_000 }).toContain("the old version is started on the runner");
    if (moment === "while") await expect.poll(() => vmsHere(job.pid), { timeout: 60_000 }).not.toBe("");
    job.kill("SIGINT");
    const { log, leftovers } = await job.result;
    expect(log).toContain("not rehearsed: this run was cancelled");
    expect(leftovers).toEqual([]);
    expect(await vmsHere()).toBe("");
  });

  describe("where there are no user namespaces", () => {
    let directory: string;
    /** Before the real one in PATH. */
    const fake = async (script: string): Promise<Record<string, string>> => {
      await writeFile(`${directory}/unshare`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return { PATH: `${directory}:${process.env.PATH}` };
    };
    const says = "echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1";

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "tools-"));
      // Root makes a sandbox as nobody, who must find them, too.
      await chmod(directory, 0o755);
    });
    afterAll(() => rmSync(directory, { recursive: true }));

    test("root needs none", async () => {
      const real = (await run(["which", "unshare"])).stdout.trim();
      const environment = await fake(`case "$*" in *--user*) ${says} ;; esac\nexec ${real} "$@"`);
      const { log, leftovers } = await shop.run({ inputs: { ...PLAN, ...SECRETS }, environment });
      expect(log).toContain("rehearsed: upgraded hot and back");
      expect(leftovers).toEqual([]);
      expect(await vmsHere()).toBe("");
    });

    test("and no others either, that is said", async () => {
      const { log, code } = await shop.run({ inputs: { ...PLAN, ...SECRETS }, environment: await fake(says) });
      expect(log).toMatch(/not rehearsed: no namespaces can be had here: unshare: .*Operation not permitted$/m);
      expect(code).toBe(0);
    });
  });

  test("needs no more rights than those of any user", async () => {
    const workspace = shop.repository.checkout(shop.repository.head);
    // git reads nothing that belongs to others, and nobody else will use it any more.
    await run(["chown", "-R", "1:1", shop.repository.directory]);
    const { log, leftovers, code } = await runJob({
      workspace,
      event: { name: "push", sha: shop.repository.head, payload: {} },
      inputs: { ...PLAN, ...SECRETS, "ssh-key": shop.lab.userKey.text },
      environment: { HOME: "/nonexistent" },
      user: { uid: 1, gid: 1 },
    });
    expect(log).toContain("rehearsed: upgraded hot and back");
    expect(code).toBe(0);
    expect(leftovers).toEqual([]);
    expect(await vmsHere()).toBe("");
  });
});
