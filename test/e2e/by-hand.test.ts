// People work on hosts, too: consoles, migrations, edited files. And specs move.
import { appendFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, greeterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";

describe.skipIf(because !== undefined)(because ?? "on a host where people work", () => {
  let shop: Shop;
  let host: Host;
  const beams = async (): Promise<number> =>
    (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.split("\n").filter(Boolean).length;

  beforeAll(async () => {
    shop = await openShop({ hosts: 2 });
    host = shop.lab.host("web1");
    const { code, log } = await shop.push({
      [APP]: counterSpec("1.0.0"),
      "apps/greeter/app.yaml": greeterSpec("1.0.0"),
    });
    expect(code, log).toBe(0);
  });
  afterAll(() => shop.close());

  test("two apps that start at once on a new host share a cookie that was whole before either looked", async () => {
    // A node that had found none would have written 20 capital letters (kernel, auth).
    const { stdout } = await host.exec(["sh", "-c", "cat ~/.erlang.cookie; stat -c ' %a' ~/.erlang.cookie; ls -A ~"]);
    expect(stdout).toMatch(/^[0-9a-f]{32} 400\n/);
    expect(stdout).not.toContain(".erlang.cookie.");
  });

  test("what a VM prints without a manager does not fill its disk while it runs", async () => {
    const logs = "/opt/releases/counter/log";
    await host.exec(["sh", "-c", `yes 'a line of what it prints' | head -c 20000000 >>${logs}/console.log`]);
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0", { more: "strategy: hot\nenv: {try: 1}" }) });
    expect(code, log).toBe(0);
    const { stdout } = await host.exec([
      "sh",
      "-c",
      `cd ${logs}; wc -c <console.log.1; tail -n 1 console.log.1; wc -c <console.log`,
    ]);
    expect(stdout).toMatch(/^8388608\n.* counter config changed: .*\n0\n$/);
    expect((await shop.push({ [APP]: counterSpec("1.0.0") })).code).toBe(0);
  });

  test("a VM that somebody started from the release keeps running, and keeps nothing from being upgraded", async () => {
    // As a migration: another VM of the same release, for as long as it takes.
    const root = "/opt/releases/counter/1.0.0";
    const script = `cd ${root}; ROOTDIR=${root} BINDIR=$(echo ${root}/erts-*/bin) EMU=beam exec erts-*/bin/erlexec -noinput -boot releases/1.0.0/start_clean -eval 'timer:sleep(60000), halt(0)'`;
    const before = await beams();
    const migration = host.exec(["timeout", "60", "sh", "-c", script]);
    await until("the other VM runs", async () => (await beams()) === before + 1);
    const { code, log } = await shop.push({ [APP]: counterSpec("1.1.0", { more: "retain: 2" }) });
    expect(code, log).toBe(0);
    const { stdout } = await host.exec(["sh", "-c", "ls -d /opt/releases/counter/*.*.*"]);
    expect(stdout).toBe("/opt/releases/counter/1.0.0\n/opt/releases/counter/1.1.0\n");
    expect(await beams()).toBe(before + 1);
    const [pid] = (await host.exec(["pgrep", "-f", "start_clean"])).stdout.split("\n").filter(Boolean);
    await host.exec(["pkill", "-f", "start_clean"]);
    expect(pid).toBeDefined();
    await migration;
  });

  test("a release that was edited on the host is not used again: it is sent anew", async () => {
    await appendFile(host.file("/opt/releases/counter/1.0.0/releases/1.0.0/vm.args"), "-no_such_flag\n");
    const refused = await shop.push({ [APP]: counterSpec("1.0.0", { more: "retain: 2" }) });
    expect(refused.code).toBe(1);
    expect(refused.log).toContain("release_damaged: /opt/releases/counter/1.0.0 is not what was unpacked there");
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    const again = await shop.run();
    expect(again.code, again.log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.0.0");
  });

  test("an app that writes into its own directory is reconfigured and rolled back all the same", async () => {
    await host.exec(["sh", "-c", "for v in $(pgrep -x beam.smp); do echo log >/proc/$v/cwd/app.log; done"]);
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0", { more: "retain: 2\nenv: {try: 1}" }) });
    expect(code, log).toBe(0);
    const back = await shop.run({ inputs: { command: "rollback", apps: "counter" } });
    expect(back.code, back.log).toBe(0);
    expect(await answerOf(host, "/env/try")).toBe("undefined");
  });

  test("an agent that is not whole on a host is put there anew", async () => {
    await host.exec(["sh", "-c", "for a in /opt/releases/.beamline/agent-*; do : >$a; done"]);
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0", { more: "retain: 2\nenv: {try: 2}" }) });
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/env/try")).toBe("{ok,2}");
  });

  test("an app that runs and is not well turns a run red, and nothing is done about it", async () => {
    await host.exec(["sh", "-c", "kill -STOP $(pgrep -x beam.smp)"]);
    const run = await shop.run({ inputs: { command: "plan", "on-drift": "report" } });
    await host.exec(["sh", "-c", "kill -CONT $(pgrep -x beam.smp)"]);
    expect(run.code).toBe(1);
    expect(run.log).toMatch(/web1\/counter: not_healthy: runs as it should, and is not healthy/);
  });

  test("os_env may have names that the agent uses itself", async () => {
    const names = "{APP: a, ROOT: b, OP: c, IFS: d, erts: e, prefix: f, os_env: g, decoded: h, boot_release: i}";
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0", { more: `retain: 2\nos_env: ${names}` }) });
    expect(code, log).toBe(0);
    for (const [name, value] of names
      .slice(1, -1)
      .split(", ")
      .map((pair) => pair.split(": ") as [string, string]))
      expect(await answerOf(host, `/os-env/${name}`)).toBe(value);
  });

  test("an app whose spec failed comes back as it is on record when it dies", async () => {
    const bad = await shop.push({
      [APP]: counterSpec("1.3.0", { health: "{type: http, port: 8080, start_timeout: 1500}" }),
    });
    expect(bad.code).toBe(1);
    await host.exec(["pkill", "-9", "-x", "beam.smp"]);
    const next = await shop.run();
    expect(next.code).toBe(1);
    expect(next.log).toContain("1.3.0 is held: what is on record is brought back");
    expect(await answerOf(host, "/version")).toBe("1.0.0");
  });

  test("a spec that goes away without its folder removes nothing, however many pushes later", async () => {
    const removed = await shop.push({ [APP]: null, "apps/counter/README": "It was here.\n" });
    expect(removed.code).toBe(1);
    const later = await shop.push({ "notes/later.md": "unrelated\n" });
    expect(later.code).toBe(1);
    expect(later.log).toContain("spec_vanished");
    const deeper = await shop.push({ "apps/counter/README": null, "apps/team/counter/app.yaml": counterSpec("1.0.0") });
    expect(deeper.code).toBe(1);
    expect(deeper.log).toContain("apps/team/counter/app.yaml:1:1: spec_too_deep");
    expect(await answerOf(host, "/version")).toBe("1.0.0");
    await shop.push({ "apps/team/counter/app.yaml": null });
  });

  test("an app that moves stays where it was until it is well where it goes", async () => {
    const here = await shop.push({ [APP]: counterSpec("1.0.0", { more: "hosts: [web1]" }) });
    expect(here.code, here.log).toBe(0);
    const [, other] = shop.lab.hosts;
    await other?.kill();
    const lost = await shop.push({ [APP]: counterSpec("1.0.0", { more: "hosts: [web2]" }) });
    expect(lost.code).toBe(1);
    expect(await answerOf(host, "/version")).toBe("1.0.0");
    await other?.boot();
    const moved = await shop.run();
    expect(moved.code, moved.log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("down");
  });

  test("a late run of an older commit changes nothing, in a clone without history, too", async () => {
    const old = shop.repository.push({ [APP]: counterSpec("1.0.0", { more: "hosts: [web1]" }) });
    const late = shop.repository.checkout(old.sha);
    const newer = await shop.push({ [APP]: counterSpec("1.1.0", { more: "hosts: [web1]" }) });
    expect(newer.code, newer.log).toBe(0);
    const run = await shop.run({
      workspace: late,
      event: { name: "push", sha: old.sha, payload: { before: old.before } },
    });
    expect(run.code).toBe(1);
    expect(run.log).toContain("superseded");
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });
});
