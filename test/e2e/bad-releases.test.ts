// A release that is no good: one clear sentence, the app's own last lines, and the old version running.
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, counterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const SPEC = "apps/counter/app.yaml";

describe.skipIf(because !== undefined)(because ?? "a release that is no good", () => {
  let shop: Shop;
  let host: Host;
  /** What the host's application directory and records are before each push. */
  let before: string;

  const onHost = async (): Promise<string> => {
    const { stdout } = await host.exec([
      "sh",
      "-c",
      "cd /opt/releases; ls -A counter counter/config; readlink counter/current; cat .beamline/state/counter",
    ]);
    return stdout;
  };
  const source = (file: string, sha256 = ""): string =>
    `{type: release, url: "file://${file}"${sha256 && `, sha256: ${sha256}`}}`;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
    const { code } = await shop.push({ [SPEC]: counterSpec("1.0.0", { more: "env: {greeting: before}" }) });
    expect(code).toBe(0);
    before = await onHost();
  });
  afterAll(() => shop.close());

  beforeEach(async () => {
    expect(await answerOf(host, "/env/greeting")).toBe('{ok,<<"before">>}');
  });

  const expectOldVersion = async (): Promise<void> => {
    expect(await answerOf(host, "/version")).toBe("1.0.0");
    expect(await answerOf(host, "/health")).toBe("ok");
    expect(await answerOf(host, "/env/greeting")).toBe('{ok,<<"before">>}');
    expect(await onHost()).toBe(before);
  };

  test("truncated: invalid_artifact at the spec's line, and no host touched", async () => {
    const file = join(shop.repository.directory, "truncated.tar.gz");
    writeFileSync(file, readFileSync(releaseFile("counter", "1.1.0")));
    truncateSync(file, 1_000_000);
    const { code, log, outputs } = await shop.push({ [SPEC]: counterSpec("1.1.0", { source: source(file) }) });
    expect(code).toBe(1);
    expect(log).toMatch(/apps\/counter\/app.yaml:3:\d+: invalid_artifact: .* it ends in the middle \(truncated\)/);
    expect(outputs.status).toBe("error");
    await expectOldVersion();
  });

  test("of another sha256 than the spec says: checksum_mismatch with both, and no host touched", async () => {
    const file = releaseFile("counter", "1.1.0");
    const { code, log } = await shop.push({ [SPEC]: counterSpec("1.1.0", { source: source(file, "f".repeat(64)) }) });
    expect(code).toBe(1);
    expect(log).toMatch(
      /apps\/counter\/app.yaml:3:\d+: checksum_mismatch: .* has sha256 [0-9a-f]{64}, the spec says f{64}/,
    );
    await expectOldVersion();
  });

  test("not healthy: health_check_failed with status, body and log, and rolled back", async () => {
    const health = "{type: http, port: 8080, path: /health, start_timeout: 4000}";
    const { code, log, outputs, summary } = await shop.push({ [SPEC]: counterSpec("1.3.0", { health }) });
    expect(code).toBe(1);
    expect(log).toMatch(
      /web1\/counter.*health_check_failed: http :8080\/health was not healthy within .*503.*database: connection refused/,
    );
    expect(log).toContain("rolled back to 1.0.0");
    expect(outputs).toMatchObject({ status: "error", failed: "1", "rolled-back": "1", upgraded: "0" });
    expect(summary).toContain("rolled back");
    await expectOldVersion();
  });

  test("that failed is held: it is not tried again until it changes", async () => {
    const { code, log, outputs } = await shop.push({ "README.md": "# Shop\n" });
    expect(code).toBe(1);
    expect(log).toMatch(/held: this very spec failed here before \(health_check_failed\)/);
    expect(outputs).toMatchObject({ changes: "0" });
    await expectOldVersion();
    const again = await shop.run({ inputs: { "retry-failed": "true" } });
    expect(again.outputs).toMatchObject({ changes: "1", "rolled-back": "1" });
    await expectOldVersion();
  });

  test("that crashes at boot: start_failed long before the deadline, with the VM's own words", async () => {
    const health = "{type: http, port: 8080, path: /health, start_timeout: 100000}";
    const { code, log } = await shop.push({ [SPEC]: counterSpec("1.4.0", { health }) });
    expect(code).toBe(1);
    expect(log).toMatch(
      /start_failed: the app did not start: it ended \d{3,4} ms after its start: application counter: .*boom_at_boot/,
    );
    expect(log).toMatch(/^ +\| .*crasher: initial call: application_master/m);
    expect(log).toContain("rolled back to 1.0.0");
    await expectOldVersion();
  });

  test("whose new port a stranger holds: port_in_use names the process, and nothing is stopped", async () => {
    const listen =
      '{ok, _} = gen_tcp:listen(8085, [{reuseaddr, true}]), io:put_chars("listening"), receive after infinity -> ok end.';
    const stranger = host.exec(["/usr/bin/erl", "-noshell", "-eval", listen]);
    await until(
      "the stranger listens",
      async () => (await host.exec(["grep", "-q", ":1F95 ", "/proc/net/tcp"])).code === 0,
    );
    const health = "{type: http, port: 8085, path: /health}";
    const { code, log } = await shop.push({ [SPEC]: counterSpec("1.1.0", { health, more: "env: {port: 8085}" }) });
    await host.exec(["pkill", "-f", "gen_tcp:listen"]);
    await stranger;
    expect(code).toBe(1);
    expect(log).toMatch(/port_in_use: port 8085 is held by process \d+ \(beam\.smp\), not by this app/);
    expect(log).not.toContain("4-stop");
    await expectOldVersion();
  });

  test("is not what later pushes suffer from: the next good version deploys", async () => {
    const { code, outputs } = await shop.push({ [SPEC]: counterSpec("1.1.0") });
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ upgraded: "1" });
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });
});

describe.skipIf(because !== undefined)(because ?? "a first release that is no good", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
  });
  afterAll(() => shop.close());

  test.each([
    ["is not healthy", "1.3.0", "health_check_failed"],
    ["crashes at boot", "1.4.0", "start_failed"],
  ])("and %s leaves nothing behind: no file, no link, no process", async (_, version, problem) => {
    const host = shop.lab.host("web1");
    const health = "{type: http, port: 8080, path: /health, start_timeout: 4000}";
    const { code, log, outputs } = await shop.push({ [SPEC]: counterSpec(version, { health }) });
    expect(code).toBe(1);
    expect(log).toMatch(new RegExp(`web1/counter failed, and was removed again: ${problem}`));
    expect(outputs).toMatchObject({ failed: "1", "rolled-back": "0", deployed: "0", status: "error" });
    expect((await host.exec(["ls", "-A", "/opt/releases"])).stdout).toBe(".beamline\n");
    expect((await host.exec(["pgrep", "-x", "beam.smp"])).code).toBe(1);
    expect(await answerOf(host, "/version")).toBe("down");
  });

  test("does not keep a good one from being deployed", async () => {
    const { code, outputs } = await shop.push({ [SPEC]: counterSpec("1.0.0") });
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ deployed: "1", status: "synced" });
  });
});
