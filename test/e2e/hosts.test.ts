// Hosts that can't be used, each in its own way and with its own words; the others go on.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, fleetFile, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

/** A host key that no host has. */
const STRANGE_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

describe.skipIf(because !== undefined)(because ?? "hosts that can't be used", () => {
  let shop: Shop;
  let good: Host;
  let bad: Host;
  let version = 0;

  /** Upgrades the counter on web1 (good) and web2 (bad), with a fleet file of its own. */
  const pushWithFleet = (fleet: string, job = {}) => {
    version += 1;
    return shop.push(
      {
        "fleet.yaml": fleet,
        "apps/counter/app.yaml": counterSpec("1.0.0", { more: `env: {port: 8080, try: ${version}}` }),
      },
      job,
    );
  };
  const fleetWhere = (name: string, from: string, to: string): string => {
    const lines = fleetFile(shop.lab.hosts).split("\n");
    return lines.map((line) => (line.includes(` ${name}:`) ? line.replace(from, to) : line)).join("\n");
  };
  const expectGoodServed = async (): Promise<void> => {
    expect(await answerOf(good, "/env/try")).toBe(`{ok,${version}}`);
  };

  beforeAll(async () => {
    shop = await openShop({ keyExchange: "usual", hosts: [{ noise: true }, { noise: true }] });
    good = shop.lab.host("web1");
    bad = shop.lab.host("web2");
    const { code } = await pushWithFleet(fleetFile(shop.lab.hosts));
    expect(code).toBe(0);
  });
  afterAll(() => shop.close());

  test("a banner, a motd and a talkative .bashrc disturb nothing", async () => {
    const { code, log, outputs } = await pushWithFleet(fleetFile(shop.lab.hosts));
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ reconfigured: "2" });
    expect(log).not.toMatch(/welcome|banner|noise/i);
  });

  test("unreachable: host_unreachable, and the other host is served", async () => {
    const { code, log, outputs } = await pushWithFleet(fleetWhere("web2", bad.address, "198.18.254.254"));
    expect(code).toBe(1);
    expect(log).toMatch(/web2: host_unreachable: 198\.18\.254\.254:22 can't be reached: /);
    expect(outputs).toMatchObject({ status: "degraded", reconfigured: "1" });
    await expectGoodServed();
  });

  test("refused: nothing listens on the port", async () => {
    const { code, log } = await pushWithFleet(fleetWhere("web2", bad.address, `${bad.address}, port: 23`));
    expect(code).toBe(1);
    expect(log).toMatch(/web2: host_unreachable: \S+:23 can't be reached: .*refused/);
    await expectGoodServed();
  });

  test("a changed host key: host_key_changed with both fingerprints, and no login is tried", async () => {
    const before = (await bad.sshdLog()).length;
    const { code, log } = await pushWithFleet(fleetWhere("web2", bad.hostKey, STRANGE_KEY));
    expect(code).toBe(1);
    expect(log).toMatch(/web2: host_key_changed: \S+ shows another host key than the pinned one/);
    expect(log).toMatch(/Pinned .*SHA256:\S+.*; offered .*SHA256:/);
    expect((await bad.sshdLog()).slice(before)).not.toContain("Accepted");
    await expectGoodServed();
  });

  test("no pinned host key: host_key_missing offers what to pin; the input known-hosts does as well", async () => {
    const fleet = fleetWhere("web2", `, host_key: "${bad.hostKey}"`, "");
    const { code, log } = await pushWithFleet(fleet);
    expect(code).toBe(1);
    expect(log).toMatch(/web2: host_key_missing: /);
    expect(log).toContain(`host_key: "${bad.hostKey}"`);
    expect(log).toMatch(/ssh-keygen -lf \/etc\/ssh\/ssh_host_ed25519_key\.pub must show SHA256:/);
    await expectGoodServed();
    const pinned = await pushWithFleet(fleet, { inputs: { "known-hosts": shop.lab.knownHosts.text } });
    expect(pinned.code).toBe(0);
  });

  test("a key it does not know: ssh_auth_failed names user and address", async () => {
    const { code, log } = await pushWithFleet(fleetWhere("web2", `${bad.address},`, `${bad.address}, user: nobody,`));
    expect(code).toBe(1);
    expect(log).toMatch(/web2: ssh_auth_failed: \S+ refuses user nobody with the key in ssh-key/);
    await expectGoodServed();
  });

  test.each<[string, (from: string) => string, RegExp]>([
    ["another shell is started", (rest) => `exec sleep 0\n${rest}`, /web2: login_shell_unusable: .*exit code 0/],
    [
      "the login ends",
      (rest) => `echo no entry\nexit 3\n${rest}`,
      /web2: login_shell_unusable: .*exit code 3.*\n.*\n.*no entry/,
    ],
    ["a line of the input is read", (rest) => `read -r line\n${rest}`, /web2: login_eats_input: /],
  ])("where in .bashrc %s, that is what is said, nothing is done there, and nobody waits", async (_, change, words) => {
    const file = bad.file("/root/.bashrc");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, change(before));
    const begin = Date.now();
    const { code, log } = await pushWithFleet(fleetFile(shop.lab.hosts));
    writeFileSync(file, before);
    expect(code).toBe(1);
    expect(log).toMatch(words);
    expect(log).not.toContain("BROKEN");
    expect(Date.now() - begin).toBeLessThan(25_000);
    await expectGoodServed();
  });

  test("the control sockets find a place where the runner's temporary directory has a long path", async () => {
    const temp = join(shop.repository.directory, "t".repeat(80));
    mkdirSync(temp);
    const { code } = await pushWithFleet(fleetFile(shop.lab.hosts), { temp });
    expect(code).toBe(0);
    expect(readdirSync(temp)).toEqual([]);
  });

  test("a root that the user may not write: root_not_writable says what to type", async () => {
    const at = `${bad.address}, user: deploy, root: /srv/apps,`;
    const { code, log } = await pushWithFleet(fleetWhere("web2", `${bad.address},`, at));
    expect(code).toBe(1);
    expect(log).toMatch(/web2: root_not_writable: \/srv\/apps is not writable for deploy/);
    expect(log).toContain("mkdir -p /srv/apps && chown deploy /srv/apps");
    await expectGoodServed();
  });

  test("a root in which another user has apps: root_of_another says whose, and how it can become the user's", async () => {
    const { code, log } = await pushWithFleet(fleetWhere("web2", `${bad.address},`, `${bad.address}, user: deploy,`));
    expect(code).toBe(1);
    expect(log).toMatch(
      /web2: root_of_another: what lies in \/opt\/releases is root's, and the fleet file has user: deploy/,
    );
    expect(log).toContain("Keep user: root.");
    await expectGoodServed();
  });

  test("a key that no host knows: every host says so, and nothing was done", async () => {
    const file = join(shop.repository.directory, "another_key");
    await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file]);
    const key = readFileSync(file, "utf8");
    const { code, log, outputs } = await pushWithFleet(fleetFile(shop.lab.hosts), { inputs: { "ssh-key": key } });
    const listed = await must(["ssh-keygen", "-lf", file]);
    expect(log).toContain(`with the key in ssh-key (ssh-ed25519 ${listed.split(" ")[1]})`);
    expect(code).toBe(1);
    expect(log).toMatch(/web1: ssh_auth_failed/);
    expect(log).toMatch(/web2: ssh_auth_failed/);
    expect(outputs).toMatchObject({ changes: "0", status: "error" });
  });

  test("a host that accepts TCP and then hangs costs only itself, and the log says what is waited for", async () => {
    bad.hang();
    const { code, log, outputs } = await pushWithFleet(fleetFile(shop.lab.hosts));
    bad.resume();
    expect(code).toBe(1);
    expect(log).toMatch(/web2: waiting for \S+:22 to answer by SSH \(10 s\)/);
    expect(log).toMatch(/web2: host_silent: \S+ accepts connections, but no SSH answer came in /);
    expect(outputs).toMatchObject({ reconfigured: "1" });
    await expectGoodServed();
  });
});

describe.skipIf(because !== undefined)(because ?? "a deploy user without root's rights", () => {
  test("does where the root directory is its own", async () => {
    const shop = await openShop({ hosts: 1 });
    const host = shop.lab.host("web1");
    await host.exec(["install", "-d", "-o", "deploy", "/srv/apps"]);
    const fleet = fleetFile([host]).replace("{user: root, root: /opt/releases}", "{user: deploy, root: /srv/apps}");
    const { code, outputs } = await shop.push({ "fleet.yaml": fleet, "apps/counter/app.yaml": counterSpec("1.0.0") });
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ deployed: "1" });
    expect(await answerOf(host, "/version")).toBe("1.0.0");
    expect((await host.exec(["pgrep", "-u", "deploy", "-x", "beam.smp"])).code).toBe(0);
    await shop.close();
  });
});
