// What is secret occurs nowhere but where it must: in the private key file of the run, and in the app's environment.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import type { JobResult } from "./action.ts";
import { answerOf, counterSpec, openShop, type Shop, shownLog, TOKEN } from "./shop.ts";

const because = whyNoLab();
const PASSWORD = "correct horse 'battery' $staple";
const MULTILINE = "-----BEGIN THING-----\nc2VjcmV0LWxpbmUtb25l\nc2VjcmV0LWxpbmUtdHdv\n-----END THING-----";

describe.skipIf(because !== undefined)(because ?? "secrets", () => {
  let shop: Shop;
  let host: Host;
  let result: JobResult;
  /** Every command line that any process of the runner or of the host had while the job ran. */
  const commandLines = new Set<string>();
  const worldReadable: string[] = [];
  let secrets: string[];

  const found = (text: string): string[] => secrets.filter((secret) => text.includes(secret));

  function watchCommandLines(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        commandLines.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
      } catch (error) {
        // It has ended meanwhile.
        if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
    }
  }

  /** Files below a directory that others than their owner may read. */
  async function readableFiles(directory: string): Promise<string[]> {
    const { stdout } = await run(["find", directory, "-xdev", "-type", "f", "-perm", "/go+r", "-size", "-1024k"]);
    return stdout.split("\n").filter(Boolean);
  }

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
    secrets = [PASSWORD, TOKEN, ...MULTILINE.split("\n").slice(1, 3), ...shop.lab.userKey.text.split("\n").slice(1, 4)];
    const more = "os_env: {PASSWORD: {secret: DB_PASSWORD}, CERTIFICATE: {secret: THING}}";
    const given = JSON.stringify({ DB_PASSWORD: PASSWORD, THING: MULTILINE });
    // The bad version crashes at boot, so that the app's last lines are quoted, too.
    await shop.push({ "apps/counter/app.yaml": counterSpec("1.0.0", { more }) }, { inputs: { secrets: given } });
    const job = await shop.startPush(
      { "apps/counter/app.yaml": counterSpec("1.4.0", { more }) },
      { inputs: { secrets: given } },
    );
    const ended = job.result.then(() => true);
    while (!(await Promise.race([ended, pause(1, false)]))) {
      watchCommandLines();
      worldReadable.push(...(await readableFiles(job.temp)));
    }
    result = await job.result;
  });
  afterAll(() => shop.close());

  test("that are words of every run break none", async () => {
    const given = {
      DB_PASSWORD: PASSWORD,
      THING: MULTILINE,
      A: "counter",
      B: "true",
      C: "deployed",
      D: "web1",
      E: "begin",
    };
    const again = await shop.push(
      {
        "apps/counter/app.yaml": counterSpec("1.1.0", {
          more: "os_env: {PASSWORD: {secret: DB_PASSWORD}, CERTIFICATE: {secret: THING}}",
        }),
      },
      { inputs: { secrets: JSON.stringify(given) } },
    );
    expect(again.code, again.log).toBe(0);
    expect(again.outputs).toMatchObject({ "has-changes": "true", upgraded: "1", status: "synced" });
  });

  test("arrive in the app", async () => {
    expect(await answerOf(host, "/os-env/PASSWORD")).toBe(PASSWORD);
    expect(await answerOf(host, "/os-env/CERTIFICATE")).toBe(MULTILINE);
  });

  test("are announced to the runner as such before anything else is said", () => {
    const first = result.log.split("\n").filter((line) => line !== "");
    const announced = first.findIndex((line) => !line.startsWith("::add-mask::"));
    expect(announced).toBeGreaterThanOrEqual(4);
    expect(first.slice(announced).some((line) => line.startsWith("::add-mask::"))).toBe(false);
  });

  test("occur in no log, summary, output or request to GitHub", () => {
    expect(result.code).toBe(1);
    expect(found(shownLog(result))).toEqual([]);
    expect(found(result.summary)).toEqual([]);
    expect(found(JSON.stringify(result.outputs))).toEqual([]);
    expect(found(JSON.stringify(shop.double.requests))).toEqual([]);
  });

  test("occur in no command line", () => {
    expect([...commandLines].some((line) => line.startsWith("ssh "))).toBe(true);
    expect([...commandLines].some((line) => line.includes("beam.smp") || line.includes("agent-"))).toBe(true);
    expect([...commandLines].flatMap(found)).toEqual([]);
  });

  test("occur in no file that others may read, on the runner or on the host", async () => {
    expect(worldReadable).toEqual([]);
    expect(result.leftovers).toEqual([]);
    for (const directory of ["/opt", "/etc", "/root", "/home", "/var"]) {
      for (const file of await readableFiles(host.file(directory)))
        expect(found(readFileSync(file, "latin1")), file).toEqual([]);
    }
    const inMemory = await host.exec(["sh", "-c", "find /tmp /run -type f -perm /go+r -exec cat {} +"]);
    expect(found(inMemory.stdout)).toEqual([]);
  });

  test("of an op do not outlive it", async () => {
    const { stdout } = await host.exec(["sh", "-c", "find /opt/releases/.beamline -type f -exec cat {} +"]);
    expect(found(stdout)).toEqual([]);
  });
});
