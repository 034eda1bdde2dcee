// A host that dies by degrees while an app is changed there: what ran before runs again, and whatever can't begin says why at once.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JobResult } from "../e2e/action.ts";
import { answerOf, counterSpec, openShop, type Shop, shownLog } from "../e2e/shop.ts";
import { until } from "../lab/command.ts";
import { abortDisk, repairDisk } from "../lab/disk.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { allowNoProcesses, allowProcesses } from "../lab/pids.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const BASE = "/opt/releases/.beamline";

describe.skipIf(because !== undefined)(because ?? "a dying host", () => {
  let shop: Shop;
  let host: Host;
  let tries = 0;
  const script = async (text: string): Promise<string> => (await host.exec(["sh", "-c", text])).stdout.trim();

  /** A version that is never healthy; something happens while it is waited for. */
  async function struckInHealth(strike: () => Promise<unknown>, more = ""): Promise<JobResult> {
    tries += 1;
    const health = "{type: http, port: 8080, path: /health, start_timeout: 6000}";
    const ops = async (): Promise<string[]> => (await readdir(host.file(`${BASE}/ops`))).filter((it) => /^\d/.test(it));
    const before = await ops();
    const job = await shop.startPush({
      [APP]: counterSpec("1.3.0", { health, more: `env: {try: ${tries}}\n${more}` }),
    });
    await until("its health is waited for", async () => {
      const [op] = (await ops()).filter((it) => !before.includes(it));
      if (op === undefined) return false;
      return /"begin".*-health/.test(await readFile(host.file(`${BASE}/ops/${op}/journal`), "utf8"));
    });
    await strike();
    return job.result;
  }

  /** The old version serves, and the runner has been told so. */
  async function expectOld({ code, log, outputs }: JobResult, why: RegExp): Promise<void> {
    const whole = shownLog({ log });
    expect(code, whole).toBe(1);
    expect(log, whole).not.toContain("BROKEN");
    expect(log, whole).toMatch(why);
    expect(outputs["rolled-back"], whole).toBe("1");
    expect([await answerOf(host, "/version"), await answerOf(host, "/health")]).toEqual(["1.0.0", "ok"]);
  }

  /** The next run leaves nothing of it. */
  async function expectMended(): Promise<void> {
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0") });
    expect(code, shownLog({ log })).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.0.0");
    expect(await script("readlink /opt/releases/counter/current")).toBe("1.0.0");
    expect(await script(`for op in ${BASE}/ops/*; do [ ! -d "$op" ] || [ -e "$op/ended" ] || echo "$op"; done`)).toBe(
      "",
    );
  }

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: true, disk: "blocks 120m" });
    host = shop.lab.host("web1");
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0") });
    expect(code, log).toBe(0);
  });
  afterAll(() => shop.close());

  test("whose disk turns read-only in mid-op runs the old version again; nothing more begins there, which is said at once", async () => {
    await expectOld(
      await struckInHealth(() => abortDisk(host)),
      /what could not be done now is left to the next run: link/,
    );
    const next = await shop.run();
    expect(next.code).toBe(1);
    expect(next.log).toContain("disk_read_only: /opt/releases lies on a disk that is read-only");
    expect(await answerOf(host, "/version")).toBe("1.0.0");
    await repairDisk(host);
    await until("it serves again", async () => (await answerOf(host, "/health")) === "ok");
    await expectMended();
  });

  test("whose .beamline is removed in mid-op runs the old version again, and has it on record", async () => {
    // Where its health step has not looked for its own files yet, it says that they are gone.
    const struck = await struckInHealth(() => host.exec(["rm", "-rf", BASE]));
    await expectOld(struck, /health_check_failed|state_removed/);
    expect(await script(`head -n 1 ${BASE}/state/counter`)).toContain('"release":"1.0.0"');
    expect(await script("systemctl restart beamline-counter && systemctl is-active beamline-counter")).toBe("active");
    await until("it serves again", async () => (await answerOf(host, "/health")) === "ok");
    await expectMended();
  });

  test("that lets no process begin for a while goes back as soon as it can", async () => {
    const struck = await struckInHealth(async () => {
      await allowNoProcesses(host);
      setTimeout(() => void allowProcesses(host), 3_000);
    });
    await expectOld(struck, /no_more_processes|step_failed|start_failed/);
    await allowProcesses(host);
    await expectMended();
  });

  test("that lets few processes begin for half a minute goes back when there are enough", async () => {
    const struck = await struckInHealth(async () => {
      await allowNoProcesses(host, 3);
      setTimeout(() => void allowProcesses(host), 30_000);
    });
    await expectOld(struck, /no_more_processes|step_failed|start_failed|health_check_failed/);
    await allowProcesses(host);
    await expectMended();
  });

  describe("whose units can't be written", () => {
    const UNITS = "/etc/systemd/system";
    const close = `mount --bind ${UNITS} ${UNITS} && mount -o remount,bind,ro ${UNITS}`;
    const memory = (): Promise<string> => script("systemctl show -p MemoryMax --value beamline-counter");

    test("says so before anything stops", async () => {
      await script(close);
      const startedAt = await script("systemctl show -p ExecMainStartTimestampMonotonic --value beamline-counter");
      const { code, log } = await shop.push({
        [APP]: counterSpec("1.1.0", { more: "vm_config: {memory_limit: 700}" }),
      });
      await script(`umount ${UNITS}`);
      expect(code, shownLog({ log })).toBe(1);
      expect(log, shownLog({ log })).toContain(`disk_read_only: ${UNITS} lies on a disk that is read-only`);
      expect(await script("systemctl show -p ExecMainStartTimestampMonotonic --value beamline-counter")).toBe(
        startedAt,
      );
    });

    test("from the middle of an op on, what ran before runs by its own unit", async () => {
      const before = await memory();
      const struck = await struckInHealth(() => script(close), "vm_config: {memory_limit: 600}");
      await expectOld(struck, /left to the next run: ununit/);
      expect([before, await memory()]).toEqual(["infinity", "infinity"]);
      await script(`umount ${UNITS}`);
      await expectMended();
      expect(
        await script(`ls /run/systemd/system.control; systemctl show -p FragmentPath --value beamline-counter`),
      ).toBe(`${UNITS}/beamline-counter.service`);
    });
  });

  test("whose manager executes itself anew all the time is deployed to", async () => {
    await script(
      "touch /run/again; { while [ -e /run/again ]; do systemctl daemon-reexec; sleep 1; done; } >/dev/null 2>&1 &",
    );
    const { code, log } = await shop.push({ [APP]: counterSpec("1.1.0") });
    await script("rm /run/again");
    expect(code, shownLog({ log })).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    await expectMended();
  });

  test.each([
    {
      what: "whose lock directory can't be written",
      break: `mount -t tmpfs -o ro,mode=0700 none ${BASE}/lock`,
      mend: `umount ${BASE}/lock`,
      said: "disk_read_only: /opt/releases/.beamline/lock lies on a disk that is read-only",
    },
    {
      what: "without free inodes",
      break: "mkdir /opt/files; cd /opt/files; seq 8000 | xargs touch 2>/dev/null",
      mend: "rm -r /opt/files",
      said: "no_inodes: /opt/releases/.beamline",
    },
  ])("$what says so at once, and its app runs on", async ({ break: broken, mend, said }) => {
    await script(broken);
    const { code, log } = await shop.push({ [APP]: counterSpec("1.1.0") });
    await script(mend);
    expect(code, shownLog({ log })).toBe(1);
    expect(log, shownLog({ log })).toContain(said);
    expect(log).not.toMatch(/BROKEN|connection_lost/);
    expect([await answerOf(host, "/version"), await answerOf(host, "/health")]).toEqual(["1.0.0", "ok"]);
    await expectMended();
  });

  test("has nothing left of it all", () => {
    expect(existsSync(host.file("/opt/files"))).toBe(false);
  });
});
