// A tarball gets nothing: through dist/, on a host of its own, each as somebody would make it who can put one where it is fetched.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFaultyDist } from "../crash/faulty-dist.ts";
import { releaseFile } from "../e2e/releases.ts";
import { answerOf, counterSpec, fleetFile, openShop, type Shop } from "../e2e/shop.ts";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { type RawEntry, rawTar } from "../property/raw-tar.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const ROOT = "/opt/releases";
const KEYS = "/root/.ssh/authorized_keys";

/** Holds the agent where all has come, and none of it is verified: until BASE/go is there. */
const held = (agent: string): string =>
  agent.replace(
    "  unpacked=$(staged_digest)\n",
    '  : >"$BASE/here"\n  while [ ! -e "$BASE/go" ]; do sleep 0.02; done\n$&',
  );
/** Links as they were made once: before anybody knew what they would be of. */
const linksFirst = (agent: string): string =>
  agent.replace("  make_links || exit 1\n", "").replace("  unpacked=$(staged_digest)\n", "  make_links || exit 1\n$&");

describe.skipIf(because !== undefined)(because ?? "a hostile tarball", () => {
  let shop: Shop;
  let host: Host;
  let keys: string;

  /** A counter's release with more in it. */
  const withEntries = (version: string, entries: readonly RawEntry[]): string => {
    const file = join(shop.repository.directory, `hostile-${version}.tar.gz`);
    const release = gunzipSync(readFileSync(releaseFile("counter", version)));
    writeFileSync(file, gzipSync(Buffer.concat([release, rawTar(entries)]), { level: 1 }));
    return counterSpec(version, { source: `{type: release, url: "file://${file}"}` });
  };
  const fleet = (): Record<string, string> => ({
    "fleet.yaml": fleetFile(shop.lab.hosts, { web1: ", run_as: shop" }),
  });
  const said = async (line: string, user = "root"): Promise<string> => {
    const { stdout } = await host.exec([
      "setpriv",
      `--reuid=${user}`,
      `--regid=${user}`,
      "--init-groups",
      "sh",
      "-c",
      line,
    ]);
    return stdout.trim();
  };

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: false });
    host = shop.lab.host("web1");
    await host.exec(["useradd", "--create-home", "shop"]);
    const { code, log } = await shop.push({ ...fleet(), [APP]: counterSpec("1.0.0") });
    expect(code, log).toBe(0);
    await mkdir(host.file("/root/.ssh"), { recursive: true });
    keys = await readFile(host.file(KEYS), "utf8").catch(() => "");
    if (keys !== "") return;
    keys = "mine\n";
    await writeFile(host.file(KEYS), keys);
  });
  afterAll(() => shop.close());

  test.each<[string, RawEntry[], RegExp]>([
    [
      "with a link out of it, under a name of many slashes",
      [{ name: "a//////////////b", type: "2", link: `${"../".repeat(12)}root/.ssh` }],
      /:3:\d+: invalid_artifact: .*the link "\.\/a\/b" leads out of it/,
    ],
    [
      "with another one through that",
      [
        { name: "a//////////////b", type: "2", link: `${"../".repeat(12)}root/.ssh` },
        { name: "a/b/authorized_keys", type: "2", link: `${"../".repeat(3)}bin/counter` },
      ],
      /:3:\d+: invalid_artifact: .*leads through a link: "\.\/a\/b\/authorized_keys/,
    ],
    [
      "with a link through another, spelled otherwise",
      [
        { name: "a/b", type: "2", link: "../lib" },
        { name: "a/././b/authorized_keys", type: "2", link: "--target-directory=/root/.ssh" },
      ],
      /:3:\d+: invalid_artifact: .*leads through a link/,
    ],
    [
      "with a mark of its own, which is a link",
      [{ name: "././/.beamline", type: "2", link: "bin/counter" }],
      /:3:\d+: invalid_artifact: .*\.beamline at its top is Beamline's own/,
    ],
    [
      "with more empty directories than a host could make in time",
      Array.from({ length: 51_000 }, (_, index) => ({ name: `d/${index}`, type: "5" })),
      /:3:\d+: invalid_artifact: .*it holds 51,\d{3} entries; a release may have 50,000/,
    ],
  ])("%s is refused before any host has seen it", async (_, entries, sentence) => {
    const ops = await said(`ls ${ROOT}/.beamline/ops`);
    const { code, log } = await shop.push({ [APP]: withEntries("1.1.0", entries) });
    expect(code).toBe(1);
    expect(log).toMatch(sentence);
    expect(log).not.toContain("bug in Beamline");
    expect(await said(`ls ${ROOT}/.beamline/ops`)).toBe(ops);
    expect(await readFile(host.file(KEYS), "utf8")).toBe(keys);
  });

  test.each(["current", "Config"])("of version %s is refused at its line", async (version) => {
    const { code, log } = await shop.push({ [APP]: counterSpec(version) });
    expect(code).toBe(1);
    expect(log).toMatch(/apps\/counter\/app\.yaml:2:\d+: invalid_value: version must be a version other than config/);
  });

  /** Deploys what is all that a tarball may be, and looks while none of it is verified. */
  async function unverified(version: string, sabotage: (agent: string) => string = (agent) => agent) {
    const dist = await makeFaultyDist((agent) => held(sabotage(agent)));
    await said(`rm -f ${ROOT}/.beamline/here ${ROOT}/.beamline/go /tmp/entered; : >/tmp/looking`);
    // For as long as it lasts, in a process of the app's user: what would give it another's rights is seen.
    const looking = host.exec([
      ...["setpriv", "--reuid=shop", "--regid=shop", "--init-groups", "sh", "-c"],
      `while [ -e /tmp/looking ]; do for f in ${ROOT}/counter/.stage-*/evil; do [ ! -u "$f" ] || : >/tmp/entered; done; sleep 0.01; done`,
    ]);
    const job = await shop.startPush(
      {
        [APP]: withEntries(version, [
          { name: "evil", body: "#!/bin/sh\nid\n", mode: 0o6777 },
          { name: "open/", type: "5", mode: 0o7777 },
          { name: "open/to-all", body: "x", mode: 0o1666 },
          { name: "open/link", type: "2", link: "../bin/counter" },
        ]),
      },
      { dist },
    );
    const over = job.result.finally(() => rmSync(dist, { recursive: true }));
    await until("it has come", async () => (await said(`ls ${ROOT}/.beamline/here`)) !== "");
    const stage = `${ROOT}/counter/.stage-*`;
    const seen = {
      mode: await said(`stat -c %a ${stage}`),
      links: await said(`find ${stage} -type l`),
      special: await said(`find ${stage} -mindepth 1 -perm /7022`),
      seenByUser: await said(`ls ${stage}`, "shop"),
    };
    await said(`: >${ROOT}/.beamline/go`);
    const { code, log } = await over;
    await said("rm /tmp/looking");
    await looking;
    expect(code, log).toBe(0);
    return { ...seen, entered: await said("ls /tmp/entered") };
  }

  const CLOSED = { mode: "700", links: "", special: "", seenByUser: "", entered: "" };

  test("is closed to the app's user, and has no link, until it is verified; then all have plain modes", async () => {
    expect(await unverified("1.1.0")).toEqual(CLOSED);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    const release = `${ROOT}/counter/1.1.0`;
    expect(await said(`find ${release} ! -type l ! -perm 755 ! -perm 644`)).toBe("");
    expect(await said(`find ${release} ! -user root`)).toBe("");
    expect(await said(`readlink ${release}/open/link; stat -c %a ${release} ${release}/evil`)).toBe(
      "../bin/counter\n755\n755",
    );
    // As it is to be: the user reads and executes it, without any other's rights.
    expect(await said(`${release}/evil`, "shop")).toContain("(shop)");
  });

  test("would be noticed if an agent made links before it has verified what they are of", async () => {
    const seen = await unverified("1.2.0", linksFirst);
    expect(seen).not.toEqual(CLOSED);
    expect(seen.links).toContain("/open/link");
  });
});
