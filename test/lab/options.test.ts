/** What hosts can be given, and what can be done to their cables. */
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "./command.ts";
import { type Host, type Lab, startLab, whyNoLab } from "./lab.ts";
import { whyNoDelay } from "./link.ts";
import { sshArgv } from "./login.ts";

const because = whyNoLab();
const noDelay = because ?? (await whyNoDelay());

describe.skipIf(because !== undefined)(because ?? "a host's options", () => {
  let lab: Lab;
  let plain: Host;
  let special: Host;

  beforeAll(async () => {
    lab = await startLab({ hosts: [{}, { disk: "4m", sudo: true }] });
    [plain, special] = [lab.host("web1"), lab.host("web2")];
  }, 30_000);
  afterAll(() => lab?.stop());

  const ssh = (host: Host, user: string, command: string) => run(sshArgv(lab, { host, user, command }));

  it("disk: /opt is a disk of that size, which fills up and leaves the rest of the host alone", async () => {
    const { stdout } = await special.exec(["df", "--block-size=1M", "--output=size,target", "/opt"]);
    expect(stdout.trim().split("\n").at(-1)?.trim()).toBe("4 /opt");
    const filled = await special.exec(["sh", "-c", "cat /dev/zero >/opt/filler"]);
    expect(filled.stderr).toContain("No space left on device");
    expect((await special.exec(["sh", "-c", "head -c 8000000 /dev/zero >/var/filler"])).code).toBe(0);
    await special.exec(["rm", "/opt/filler", "/var/filler"]);
    expect((await plain.exec(["df", "--output=target", "/opt"])).stdout).toBe("Mounted on\n/\n");
  });

  it("disk: what is on it survives a loss of power, and is seen from outside", async () => {
    await special.exec(["sh", "-c", "echo kept >/opt/file"]);
    await special.kill();
    expect(await readFile(special.file("/opt/file"), "utf8")).toBe("kept\n");
    await writeFile(special.file("/opt/file"), "written while it was down\n");
    await special.boot();
    expect((await special.exec(["cat", "/opt/file"])).stdout).toBe("written while it was down\n");
    expect((await special.exec(["df", "--output=target", "/opt"])).stdout).toBe("Mounted on\n/opt\n");
  });

  it("sudo: the deploy user becomes root without a password; without the option it is refused", async () => {
    expect(await ssh(special, "deploy", "sudo --non-interactive id -un")).toMatchObject({ code: 0, stdout: "root\n" });
    const refused = await ssh(plain, "deploy", "sudo --non-interactive id -un");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("a password is required");
  });
});

describe.skipIf(because !== undefined)(because ?? "a host's cable", () => {
  let lab: Lab;
  let web1: Host;
  let web2: Host;

  beforeAll(async () => {
    lab = await startLab({ hosts: 2 });
    [web1, web2] = [lab.host("web1"), lab.host("web2")];
  }, 30_000);
  afterAll(() => lab?.stop());

  /** How long a command on a host takes by ssh. */
  async function tookMs(host: Host, command: string, input = ""): Promise<number> {
    const begin = performance.now();
    const { code, stderr } = await run(sshArgv(lab, { host, user: "root", command }), { input });
    expect(code, stderr).toBe(0);
    return performance.now() - begin;
  }

  // Less the burst that goes at once. Ten times as much is no matter of seconds without a limit, even on a busy machine.
  const LIMIT = 200_000;
  const [FEW, MANY] = [400_000, 4_000_000];
  const [AT_LEAST_MS, AT_MOST_MS] = [1800, 10_000];
  const down = (host: Host, bytes: number) => tookMs(host, `head -c ${bytes} /dev/urandom`);
  const up = (host: Host, bytes: number) => tookMs(host, "cat >/dev/null", "x".repeat(bytes));

  it("limit: no more bytes a second than said go through, either way, on that host alone", async () => {
    await web1.limit(LIMIT);
    expect(web1.state).toBe("up, limited to 200000 B/s");
    expect(await down(web1, FEW)).toBeGreaterThan(AT_LEAST_MS);
    expect(await up(web1, FEW)).toBeGreaterThan(AT_LEAST_MS);
    expect(await down(web2, MANY)).toBeLessThan(AT_MOST_MS);
  });

  it("limit: ends at 0, and with the next boot", async () => {
    await web1.limit(LIMIT);
    await web1.limit(0);
    expect(web1.state).toBe("up");
    expect(await down(web1, MANY)).toBeLessThan(AT_MOST_MS);
    await web1.limit(LIMIT);
    await web1.kill();
    expect(web1.state).toBe("down");
    await expect(web1.limit(LIMIT)).rejects.toThrow("web1 is down");
    await web1.boot();
    expect(web1.state).toBe("up");
    expect(await down(web1, MANY)).toBeLessThan(AT_MOST_MS);
  });

  it.skipIf(noDelay !== undefined)(noDelay ?? "slow: what is asked and answered comes later, until 0", async () => {
    const usual = await tookMs(web2, "true");
    await web2.slow(100);
    expect(web2.state).toBe("up, slow 100 ms");
    // A login takes more round trips than this: TCP's own, the greeting, the keys, the user.
    expect(await tookMs(web2, "true")).toBeGreaterThan(5 * 200);
    await web2.slow(0);
    expect(await tookMs(web2, "true")).toBeLessThan(usual + 5 * 200);
  });

  // Nothing to see on a machine that can delay.
  if (noDelay !== undefined)
    it("slow: where the machine can't delay it says so, and the cable stays as it was", async () => {
      await web2.limit(LIMIT);
      await expect(web2.slow(50)).rejects.toThrow(
        /^this machine can't delay packets, its kernel or tc has no netem: ./,
      );
      expect(web2.state).toBe("up, limited to 200000 B/s");
      await web2.slow(0);
      expect(web2.state).toBe("up");
    });

  it("says what was done to a host", async () => {
    web1.freeze();
    await web1.cut();
    expect(web1.state).toBe("up, frozen, cut");
    web1.resume();
    await web1.restore();
    expect(web1.state).toBe("up");
  });
});
