// A user of the host who plants files where a root is, or is to be; and a root that changes hands.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, counterSpec, fleetFile, openShop, type Shop } from "../e2e/shop.ts";
import { must, until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const AGENT = resolve(import.meta.dirname, "../../dist/main/agent.sh");

describe.skipIf(because !== undefined)(because ?? "on a host with other users", () => {
  let shop: Shop;
  let host: Host;
  let agent: { text: string; name: string };
  const sh = async (script: string): Promise<string> => (await must(host.entered(["sh", "-ec", script]))).trim();
  /** What a local user does. */
  const asDeploy = (script: string): Promise<string> =>
    sh(`setpriv --reuid=deploy --regid=deploy --init-groups sh -ec '${script}'`);
  const fleet = (root: string, user = "root"): Record<string, string> => ({
    "fleet.yaml": fleetFile(shop.lab.hosts).replace("user: root, root: /opt/releases", `user: ${user}, root: ${root}`),
  });
  const run = (command: string) => shop.run({ inputs: { command } });
  const isThere = (path: string): boolean => existsSync(host.file(path));
  /** Everything below a directory, with what would show that it was changed. */
  const stateOf = (path: string): Promise<string> =>
    sh(`find ${path} -printf '%p %y %m %u %s %C@ %l\\n' | grep -v '^${path} ' | sort`);
  const vms = (): Promise<string> => sh("pgrep -x beam.smp || :");

  beforeAll(async () => {
    const text = await readFile(AGENT, "utf8");
    agent = { text, name: `agent-${createHash("sha256").update(text).digest("hex")}` };
    shop = await openShop({ hosts: 1, systemd: true });
    host = shop.lab.host("web1");
  });
  afterAll(() => shop.close());

  test("an agent that another user has planted is executed by no command", async () => {
    await sh("mkdir /srv/mine && chown deploy: /srv/mine");
    // As an earlier version looked for it, and as this one does.
    const line = /^# digest: ([0-9a-f]{16})$/m.exec(agent.text);
    await asDeploy("mkdir -p /srv/mine/.beamline/ops /srv/mine/.beamline/state && chmod -R a+rX /srv/mine");
    for (const name of [agent.name, `agent-${line?.[1] ?? "0"}`])
      await asDeploy(`printf "%s\\n" "id -u >>/srv/mine/executed" "${line?.[0] ?? "#"}" >/srv/mine/.beamline/${name}`);
    const before = await stateOf("/srv/mine");
    for (const [command, event] of [
      ["plan", { ...fleet("/srv/mine"), [APP]: counterSpec("1.0.0") }],
      ["status", {}],
      ["apply", {}],
    ] as const) {
      const { code, log } = await shop.push(event, { inputs: { command } });
      expect(isThere("/srv/mine/executed"), command).toBe(false);
      expect([code, command], log).toEqual([1, command]);
      expect(log).toContain("what lies in /srv/mine is deploy's, and the fleet file has user: root");
    }
    expect(await stateOf("/srv/mine")).toBe(before);
  });

  test.each([
    [
      "a directory above it that all may write",
      "mkdir -p /srv/open/r; chmod 777 /srv/open",
      "/srv/open/r",
      /\/srv\/open \(root, drwxrwxrwx\).*\n.*chmod go-w \/srv\/open\./,
    ],
    [
      "a sticky root",
      "mkdir -p /srv/sticky; chmod 1777 /srv/sticky",
      "/srv/sticky",
      /\/srv\/sticky \(root, drwxrwxrwt\)/,
    ],
    [
      "a root of another user's",
      "mkdir -p /srv/his; chown deploy /srv/his",
      "/srv/his",
      /\/srv\/his is deploy's \(drwxr-xr-x\).*\n.*chown root \/srv\/his/,
    ],
    [
      "a group with others in it",
      "mkdir -p /srv/team/r; chgrp deploy /srv/team; chmod g+w /srv/team",
      "/srv/team/r",
      /\/srv\/team \(root, drwxrwxr-x\)/,
    ],
    ["a root that is a link", "mkdir -p /srv/real; ln -s /srv/real /srv/link", "/srv/link", /\/srv\/link is a link/],
    [
      "a link above it by another user",
      "mkdir -p /srv/real/r; install -d -m 1777 /srv/any; ln -s /srv/real /srv/any/link; chown -h deploy /srv/any/link",
      "/srv/any/link/r",
      /\/srv\/any\/link is a link \(of deploy\)/,
    ],
    [
      "a link above it into another user's",
      "ln -s /srv/mine /srv/to-mine",
      "/srv/to-mine/r",
      /\/srv\/mine is deploy's/,
    ],
    ["nothing yet, in another user's directory", ":", "/srv/mine/new/r", /\/srv\/mine is deploy's/],
    [
      "a .beamline that leads elsewhere",
      "mkdir -p /srv/led; mkdir -m 700 /root/own; ln -s /root/own /srv/led/.beamline",
      "/srv/led",
      /\/srv\/led\/\.beamline is a link/,
    ],
    [
      "a .beamline that is open",
      "mkdir -p /srv/ajar/.beamline; chmod 777 /srv/ajar/.beamline",
      "/srv/ajar",
      /\.beamline \(root, drwxrwxrwx\) is not closed.*\n.*chmod 700/,
    ],
  ])("a root is refused, and nothing written, where there is %s", async (_, made, root, said) => {
    await sh(made);
    const before = await stateOf("/srv /root");
    const { code, log } = await shop.push({ ...fleet(root), [APP]: counterSpec("1.0.0") });
    expect(code, log).toBe(1);
    expect(log).toMatch(said);
    expect(await stateOf("/srv /root")).toBe(before);
  });

  test.each([
    ["a system link above it", "root", "mkdir -p /srv/disk/apps && ln -s /srv/disk /srv/data", "/srv/data/apps/r"],
    ["a sticky directory above what is root's", "root", "mkdir -p /srv/any/ours", "/srv/any/ours/r"],
    [
      "a group of its own",
      "deploy",
      "mkdir -p /srv/own/r; chown -R deploy: /srv/own; chmod -R g+w /srv/own",
      "/srv/own/r",
    ],
  ])("a plan is made where there is %s", async (_, user, made, root) => {
    await sh(made);
    const { code, log } = await shop.push(
      { ...fleet(root, user), [APP]: counterSpec("1.0.0") },
      { inputs: { command: "plan" } },
    );
    expect(code, log).toBe(0);
    expect(log).toContain("web1/counter deploy 1.0.0");
  });

  test("plan and status execute nothing of the root's own, either, and apply only what is whole", async () => {
    const { code, log } = await shop.push({ ...fleet("/opt/releases"), [APP]: counterSpec("1.0.0") });
    expect(code, log).toBe(0);
    const file = await sh("ls -d /opt/releases/.beamline/agent-*");
    await sh(`printf 'echo x >>/root/executed\\n%s' "$(cat ${file})" >${file}.new; mv ${file}.new ${file}`);
    for (const command of ["plan", "status", "apply"]) {
      const next = await run(command);
      expect([command, next.code], next.log).toEqual([command, 0]);
      expect(isThere("/root/executed"), command).toBe(false);
    }
    const changed = await shop.push({ [APP]: counterSpec("1.1.0") });
    expect([changed.code, await answerOf(host, "/version")], changed.log).toEqual([0, "1.1.0"]);
    expect(isThere("/root/executed")).toBe(false);
  });

  test("a unit executes nothing but the whole agent, and starts the app again with it", async () => {
    const base = "/opt/releases/.beamline";
    const died = "systemctl kill --signal=KILL beamline-counter";
    const state = (wanted: string) =>
      until(
        `it is ${wanted}`,
        async () => (await host.exec(["systemctl", "is-active", "beamline-counter"])).stdout.trim() === wanted,
        30_000,
      );
    const plants = [
      // Not what its name tells; another user's; in a directory that was open to others.
      `n=agent-${"0".repeat(64)}; printf 'id -u >>/root/executed\\n' >$n; ln -sfn $n agent`,
      `ln -sfn "$(cat ../agent-was)" agent; chown deploy agent-*`,
      `ln -sfn "$(cat ../agent-was)" agent; chmod 755 .`,
    ];
    await sh(`readlink ${base}/agent >/opt/releases/agent-was`);
    for (const plant of plants) {
      await sh(`cd ${base}; ${plant}`);
      await sh(died);
      await state("failed");
      expect(isThere("/root/executed"), plant).toBe(false);
      await sh(
        `cd ${base}; rm -f agent; ln -s "$(cat ../agent-was)" agent; chown root agent-*; chmod 700 .; systemctl reset-failed beamline-counter; systemctl start beamline-counter`,
      );
      await until("it answers", async () => (await answerOf(host, "/version")) === "1.1.0", 30_000);
    }
    await sh(`rm -f /opt/releases/agent-was ${base}/agent-000*`);
    const next = await shop.run();
    expect([next.code, next.outputs.changes], next.log).toEqual([0, "0"]);
  });

  test("a unit as an earlier version wrote it keeps working, and is no reason to do anything", async () => {
    const unit = "/etc/systemd/system/beamline-counter.service";
    await sh(
      `sed -i "s|/bin/sh -c '.*' sh /opt/releases|/bin/sh /opt/releases/.beamline/agent /opt/releases|" ${unit}; systemctl daemon-reload`,
    );
    expect(await sh(`grep -c '^Exec[A-Za-z]*=/bin/sh /opt/releases/.beamline/agent /opt/releases unit_' ${unit}`)).toBe(
      "3",
    );
    const before = await vms();
    await sh("systemctl kill --signal=KILL beamline-counter");
    await until(
      "another VM answers",
      async () => (await vms()) !== before && (await answerOf(host, "/version")) === "1.1.0",
      30_000,
    );
    const running = await vms();
    const next = await shop.run();
    expect([next.code, next.outputs.changes, await vms()], next.log).toEqual([0, "0", running]);
  });

  test("what is root's is not taken over by another user, nor passed over", async () => {
    // Its directory may be that user's all the same.
    for (const own of ["root", "deploy"]) {
      await sh(`chown ${own} /opt/releases`);
      const before = [await stateOf("/opt/releases"), await vms()];
      for (const command of ["plan", "apply", "status"]) {
        const { code, log } = await shop.push(fleet("/opt/releases", "deploy"), { inputs: { command } });
        expect([own, command, code], log).toEqual([own, command, 1]);
        expect(log).toContain("what lies in /opt/releases is root's, and the fleet file has user: deploy");
        expect(log).toContain("chown -R deploy: /opt/releases");
      }
      expect([await stateOf("/opt/releases"), await vms()]).toEqual(before);
    }
    await sh("chown root /opt/releases");
  });

  test("what is another user's root does not run; taken over as it says, it is deployed on", async () => {
    const root = "/srv/releases";
    await sh(`install -d -o deploy -g deploy ${root}`);
    // One node of a name at a time.
    await sh("systemctl disable --now beamline-counter; rm /etc/systemd/system/beamline-counter.service");
    const here = await shop.push({
      ...fleet(root, "deploy"),
      [APP]: counterSpec("1.0.0", { health: "{type: none}", more: "env: {port: 8081}" }),
    });
    expect(here.code, here.log).toBe(0);
    const before = [await stateOf(root), await vms()];
    for (const command of ["plan", "apply", "status"]) {
      const { code, log } = await shop.push(fleet(root), { inputs: { command } });
      expect([command, code], log).toEqual([command, 1]);
      expect(log).toContain(`what lies in ${root} is deploy's, and the fleet file has user: root`);
      expect(log).toContain(`chown -R root: ${root}`);
    }
    expect([await stateOf(root), await vms()]).toEqual(before);
    await sh(
      `setpriv --reuid=deploy --regid=deploy --init-groups env XDG_RUNTIME_DIR=/run/user/1500 systemctl --user disable --now beamline-counter`,
    );
    await sh(`chown -R root: ${root}`);
    const taken = await shop.run();
    expect([taken.code, await answerOf(host, "/version", 8081)], taken.log).toEqual([0, "1.0.0"]);
    expect(await sh("ps -o user= -C beam.smp")).toBe("root");
  });

  test("a record that its own user can't read is a problem, never none", async () => {
    const root = "/srv/releases";
    await sh(`systemctl disable --now beamline-counter; chown -R deploy: ${root}`);
    await sh(`chown root: ${root}/.beamline/state/counter; chmod 600 ${root}/.beamline/state/counter`);
    const before = await stateOf(root);
    for (const command of ["plan", "apply"]) {
      const { code, log } = await shop.push(fleet(root, "deploy"), { inputs: { command } });
      expect([command, code], log).toEqual([command, 1]);
      expect(log).toContain(
        `record_unreadable: ${join(root, ".beamline/state/counter")} can't be read as a record: it is closed to us`,
      );
    }
    expect(await stateOf(root)).toBe(before);
  });
});
