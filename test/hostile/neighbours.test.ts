// Other users of a host, and other hosts of a fleet: what they claim weighs on nobody else, and does not change where a rollback goes.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { joinedAgent } from "../../scripts/join-agent.mjs";
import { answerOf, counterSpec, fleetFile, openShop, type Shop, versionsOf } from "../e2e/shop.ts";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const STATE = "/opt/releases/.beamline/state";

describe.skipIf(because !== undefined)(because ?? "hostile neighbours", { timeout: 300_000 }, () => {
  let shop: Shop;
  let host: Host;
  let liar: Host;
  const spec = (version: string, more = ""): string => counterSpec(version, { more: `retain: 2\n${more}` });
  const sh = (on: Host, line: string) => on.exec(["sh", "-c", line]);
  /** The fleet without its host keys, which the input known-hosts has then; `more` are lines of further hosts. */
  const unpinned = (more: readonly string[] = []): string =>
    [fleetFile(shop.lab.hosts).replace(/, host_key: "[^"]*"/g, ""), ...more, ""].join("\n");
  const knownHosts = (addresses: readonly (readonly [string, Host])[]): string =>
    addresses.map(([address, { hostKey }]) => `${address} ${hostKey}`).join("\n");
  const planted = async (): Promise<string> =>
    (await host.exec(["pgrep", "-u", "mallory", "-x", "beam.smp"])).stdout.trim();

  beforeAll(async () => {
    shop = await openShop({ hosts: 2, systemd: false });
    [host, liar] = shop.lab.hosts as [Host, Host];
    const { code, log } = await shop.push({ [APP]: spec("1.0.0") });
    expect(code, log).toBe(0);
    await host.exec(["useradd", "--create-home", "mallory"]);
    const fake = "/home/mallory/beam.smp";
    const env = "BEAMLINE_APP=counter BEAMLINE_ROOT=/opt/releases BEAMLINE_RELEASE=1.0.0 BEAMLINE_SUPERVISOR=daemon";
    await sh(
      host,
      `cp /bin/sh ${fake}; chmod 755 ${fake}; setpriv --reuid=mallory --regid=mallory --clear-groups env ${env} setsid ${fake} -c 'sleep 3600; :' x -sname market >/dev/null 2>&1 </dev/null &`,
    );
    await until("it runs", async () => (await planted()) !== "");
  });
  afterAll(() => shop.close());

  test("a host that claims apps of ours and another's machine-id keeps nothing from any host", async () => {
    const before = await planted();
    const forge = `for n in 1 2 3 4 5 6 7 8 9 10; do sed "s/counter/forged_$n/g" ${STATE}/counter >${STATE}/forged_$n; done`;
    await sh(liar, `${forge}; rm -f /etc/machine-id; echo ${host.machineId} >/etc/machine-id`);
    const { code, log, outputs } = await shop.push({ [APP]: spec("1.1.0") });
    expect(log).toContain(
      `web1: same_machine_id: web2 claims the same machine-id (${host.machineId}), and is another machine`,
    );
    expect(log).toMatch(
      /web2\/forged_1: too_many_removals: 10 of the 11 apps deployed from here to web2 would be removed/,
    );
    expect(log).not.toMatch(/web1\/forged/);
    expect([code, outputs.upgraded], log).toEqual([1, "2"]);
    expect(await versionsOf(shop)).toEqual(["1.1.0", "1.1.0"]);
    // Nor did another user's process, which says that it is the app's VM.
    expect(await planted()).toBe(before);
    await sh(liar, `rm ${STATE}/forged_*`);
  });

  test("without pinned host keys the hosts themselves settle whose machine-id it is", async () => {
    // The app's VM is gone, and only the one that says so is there.
    await host.exec(["pkill", "-9", "-u", "root", "-x", "beam.smp"]);
    const { code, log } = await shop.push(
      { "fleet.yaml": unpinned(), [APP]: spec("1.0.0", "env: {try: 2}") },
      { inputs: { "known-hosts": knownHosts(shop.lab.hosts.map((each) => [each.address, each])) } },
    );
    expect(log).toContain("same_machine_id");
    expect(code, log).toBe(0);
    expect(await versionsOf(shop)).toEqual(["1.0.0", "1.0.0"]);
    expect(await planted()).not.toBe("");
  });

  test("two entries that are one machine are left alone, both", async () => {
    const alias = host.address.replace(/\.\d+$/, ".250");
    await host.exec(["ip", "addr", "add", `${alias}/16`, "dev", "eth0"]);
    const known = knownHosts([...shop.lab.hosts.map((each) => [each.address, each] as const), [alias, host]]);
    const { code, log } = await shop.push(
      { "fleet.yaml": unpinned([`  again: {address: ${alias}}`]) },
      { inputs: { command: "plan", "known-hosts": known, strict: "true" } },
    );
    expect(code, log).toBe(1);
    expect(log).toMatch(/web1: same_machine: this host is the same machine as again/);
    expect(log).toMatch(/again: same_machine: this host is the same machine as web1/);
    expect(log).not.toMatch(/web2: same_machine:/);
    expect(await versionsOf(shop)).toEqual(["1.0.0", "1.0.0"]);
  });

  test("of several users' VMs of one node name the one counts that epmd has under it, and none where that can't be told", async () => {
    await host.exec(["useradd", "--create-home", "rabbit"]);
    const node = "setsid erl -noinput -sname market </dev/null >/dev/null 2>&1";
    await sh(host, `setpriv --reuid=rabbit --regid=rabbit --init-groups env HOME=/home/rabbit ${node} &`);
    await until("epmd knows it", async () => (await sh(host, "epmd -names")).stdout.includes("market"));
    const found = async (before = ""): Promise<string> => {
      const lines = [joinedAgent(), "ROOT=/opt/releases BASE=$ROOT/.beamline APP=lodger", before];
      const look = 'if find_named market; then stat -c "the VM of %U" "/proc/$vm"; else echo none; fi';
      const { stdout, stderr } = await host.exec(["sh"], { input: [...lines, look, ""].join("\n") });
      return `${stdout}${stderr}`.trim();
    };
    expect(await found()).toBe("the VM of rabbit");
    expect(await found("registered_of() { return 1; }")).toBe("none");
    await host.exec(["pkill", "-9", "-u", "rabbit"]);
  });

  test("a rollback goes to what ran right before, though that lay there for longest", async () => {
    const pushed = await shop.push({ "fleet.yaml": fleetFile(shop.lab.hosts), [APP]: spec("1.2.0") });
    expect(pushed.code, pushed.log).toBe(0);
    const { code, log } = await shop.run({ inputs: { command: "rollback" } });
    expect(code, log).toBe(0);
    expect(log).toContain("web1/counter upgrade 1.2.0 → 1.0.0 (cause: rollback");
    expect([await answerOf(host, "/version"), await answerOf(host, "/env/try")]).toEqual(["1.0.0", "{ok,2}"]);
  });

  test("a rollback to what is gone from the host has it sent again, from what git had", async () => {
    await sh(liar, "rm -rf /opt/releases/counter/1.2.0");
    await sh(liar, `rm -f ${STATE}/counter.held`);
    const { code, log } = await shop.run({ inputs: { command: "rollback" } });
    expect(code, log).toBe(0);
    expect(log).toContain("web2/counter upgrade 1.0.0 → 1.2.0 (cause: rollback");
    expect(log).toContain(
      "it is gone from the host or damaged there: it is sent again, from what git has at its commit",
    );
    expect(await versionsOf(shop)).toEqual(["1.0.0", "1.2.0"]);
  });

  test("an app whose directory is a link is not removed, and nothing of it is; then nothing is left", async () => {
    await sh(host, "mv /opt/releases/counter /srv/counter && ln -s /srv/counter /opt/releases/counter");
    const { code, log } = await shop.push({ [APP]: spec("1.1.0", "hosts: [web2]") });
    expect(code, log).toBe(1);
    expect(log).toContain("web1: root_unsafe: /opt/releases/counter is a link (of root), where a directory must be");
    expect(await versionsOf(shop)).toEqual(["1.0.0", "1.1.0"]);
    await sh(host, "rm /opt/releases/counter && mv /srv/counter /opt/releases/counter");
    const again = await shop.run();
    expect(again.code, again.log).toBe(0);
    expect(await versionsOf(shop)).toEqual(["down", "1.1.0"]);
    expect((await sh(host, "ls /opt/releases /srv")).stdout).not.toContain("counter");
    expect(await planted()).not.toBe("");
  });
});
