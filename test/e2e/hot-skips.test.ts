// A host that was away while others were upgraded becomes the newest version through those that it has missed: the newest knows
// the state of the one before it, and of no other.
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, fleetFile, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

/** Where the releases are published, until they are not any more. */
const published = mkdtempSync(join(tmpdir(), "published-"));

const shapesSpec = (version: string, path = "/health", strategy = "linger_timeout: 10000"): string => `name: shapes
version: "${version}"
source: {type: release, url: "file://${published}/shapes-{version}.tar.gz"}
strategy: {type: hot, on_no_appup: fail, ${strategy}}
health: {type: http, port: 8085, path: ${path}, start_timeout: ${path === "/health" ? 10_000 : 300}, min_healthy_time: 100}
`;

const OLD = "door count=1 is=open";
const NEW = "door count=1 is=open last=none";

describe.skipIf(because !== undefined)(because ?? "a hot upgrade that skips versions", () => {
  let shop: Shop;
  let there: Host;
  let away: Host;

  const push = (version: string, { path, strategy, more = {}, inputs = {} }: Pushed = {}) =>
    shop.push({ "apps/shapes/app.yaml": shapesSpec(version, path, strategy), ...more }, { inputs });
  const door = async (host: Host): Promise<string> =>
    (await answerOf(host, "/all", 8085)).split("\n").find((line) => line.startsWith("door ")) ?? "";
  const vmPid = async (): Promise<string> => (await away.exec(["pgrep", "-x", "beam.smp"])).stdout.trim();
  const releases = async (): Promise<string[]> =>
    (await away.exec(["ls", "/opt/releases/shapes"])).stdout.split("\n").filter((name) => /^\d/.test(name));

  beforeAll(async () => {
    for (const version of ["1.0.0", "1.1.0", "1.3.0", "1.6.0"])
      copyFileSync(releaseFile("shapes", version), join(published, `shapes-${version}.tar.gz`));
    shop = await openShop({ hosts: 2 });
    [there, away] = shop.lab.hosts as [Host, Host];
    const first = await push("1.0.0");
    expect(first.code, first.log).toBe(0);
    for (const host of [there, away]) await answerOf(host, "/door/add", 8085);
    const missed = await push("1.1.0", { more: { "fleet.yaml": fleetFile([there]) } });
    expect(missed.code, missed.log).toBe(0);
    expect([await door(there), await door(away)]).toEqual([NEW, OLD]);
  });
  afterAll(async () => {
    await shop.close();
    rmSync(published, { recursive: true });
  });

  test("is planned, and rehearsed, step by step", async () => {
    const more = { "fleet.yaml": fleetFile([there, away]) };
    const { code, log, outputs } = await push("1.6.0", { more, inputs: { command: "plan", rehearse: "true" } });
    expect(log).toContain("hot to 1.1.0 first: 10 modules loaded, 1 added; state migrated: ");
    expect(log).toMatch(/hot then: .*; shapes 1\.1\.0 → 1\.6\.0 by a generated appup/);
    expect(log.match(/^ {6}rehearsed: upgraded hot and back/gm)).toHaveLength(2);
    expect(code, log).toBe(0);
    const { items } = JSON.parse(outputs.plan ?? "");
    const through = items.map(({ hot }: { hot: { through: { version: string }[] } }) => hot.through);
    expect(through).toEqual([[], [expect.objectContaining({ version: "1.1.0" })]]);
  });

  test("goes back as it came where the newest is not healthy, with its state", async () => {
    const before = await vmPid();
    const { code, log } = await push("1.6.0", { path: "/nowhere" });
    expect(log).toMatch(/rolled back to 1\.0\.0: health_check_failed/);
    expect(log).not.toContain("state is lost");
    expect(code).toBe(1);
    expect([await door(there), await door(away)]).toEqual([NEW, OLD]);
    expect(await vmPid()).toBe(before);
    expect(await releases()).toEqual(["1.0.0"]);
  });

  test("is refused before anything has changed while a process is in code that would be replaced twice", async () => {
    const before = await vmPid();
    expect(await answerOf(away, "/linger/start", 8085)).toBe("1.0.0 loaded");
    const { code, log } = await push("1.6.0", { strategy: "linger_timeout: 100" });
    expect(log).toMatch(
      /rolled back to 1\.0\.0: hot_upgrade_failed: .*1 process still runs code that is replaced twice, or old code after 100 ms: <\d+\.\d+\.\d+> shapes_linger shapes_linger/,
    );
    expect(code).toBe(1);
    expect(await door(away)).toBe(OLD);
    expect(await vmPid()).toBe(before);
    expect(await answerOf(away, "/linger/stop", 8085)).toBe("none");
  });

  test("keeps the state and the process", async () => {
    const before = await vmPid();
    const { code, log } = await push("1.6.0");
    expect(code, log).toBe(0);
    expect([await door(there), await door(away)]).toEqual([NEW, NEW]);
    expect(await vmPid()).toBe(before);
  });

  test("is what it runs, and what it boots", async () => {
    expect(await releases()).toEqual(["1.0.0", "1.1.0", "1.6.0"]);
    const { code, log, outputs } = await shop.run({ inputs: { command: "status" } });
    expect(code, log).toBe(0);
    for (const app of Object.values<{ code: object }>(JSON.parse(outputs.state ?? "").shapes))
      expect(app.code).toMatchObject({ release: "1.6.0", permanent: "1.6.0", next: "1.6.0", otherCode: [] });
  });

  test("goes down through the version that it came by", async () => {
    const before = await vmPid();
    const { code, log } = await push("1.0.0");
    expect(log).toContain("hot downgrade to 1.1.0 first: ");
    expect(code, log).toBe(0);
    expect([await door(there), await door(away)]).toEqual([OLD, OLD]);
    expect(await vmPid()).toBe(before);
  });

  test("ends in the old version where a later step breaks off, whose state is lost", async () => {
    const before = await vmPid();
    expect((await push("1.1.0", { more: { "fleet.yaml": fleetFile([there]) } })).code).toBe(0);
    const { code, log } = await push("1.3.0", { more: { "fleet.yaml": fleetFile([there, away]) } });
    expect(log).toMatch(
      /web2\/shapes rolled back to 1\.0\.0: hot_upgrade_failed: .* 1\.1\.0 → 1\.3\.0: code_change of shapes_ledger/,
    );
    expect(log).toContain("web2/shapes: its processes' state is lost: OTP had it boot anew");
    expect(code).toBe(1);
    expect(await door(away)).toBe("door count=0 is=shut");
    expect(await answerOf(away, "/versions", 8085)).toContain("shapes 1.0.0");
    expect(await vmPid()).toBe(before);
  });

  test("is a leap where what lies in between can't be had any more, which is said", async () => {
    rmSync(join(published, "shapes-1.1.0.tar.gz"));
    const { log } = await push("1.6.0", { inputs: { command: "plan" } });
    expect(log).toContain("shapes 1.1.0 is between what runs and what is wanted, and can't be had: ");
    expect(log).toMatch(/hot: .*; shapes 1\.0\.0 → 1\.6\.0 by a generated appup/);
    expect(log).toContain("warning: a leap: no host is known to have gone straight there");
  });
});

type Pushed = { path?: string; strategy?: string; more?: Record<string, string>; inputs?: Record<string, string> };
