// Hosts that were taken over, or are out of order: whatever they say, and however long they take to say it, is their own problem. web1
// is well, and is served each time. The hostile ones have a login shell that knows the frame of each answer, as every host does.
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job, JobResult } from "../e2e/action.ts";
import { answerOf, counterSpec, greeterSpec, openShop, type Shop } from "../e2e/shop.ts";
import type { CheckRun } from "../github/state.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";

const because = whyNoLab();

/** Megabytes that a run may take at its peak, whatever hosts say. */
const MAX_MEMORY = 600;

/** Before `body`, which sees $frame, and falls through to what the host would have said. */
const shellOf = (body: string): string =>
  [
    "#!/bin/bash",
    "frame=$(printf %s \"$2\" | grep -o 'beamline-[0-9a-f]\\{16\\}' | head -n 1)",
    body,
    'exec /bin/bash "$@"',
    "",
  ].join("\n");

/** A look that is answered with lines of its own making. */
const claiming = (...lines: readonly string[]): string =>
  [
    'case $2 in *" observe "*)',
    ...['echo "$frame begin"', ...lines.map((line) => `printf '%s\\n' '${line}'`), 'echo "$frame end 0"', "exit"],
    ";; esac",
  ].join("\n");

const HOST = JSON.stringify({
  ...{ kind: "host", machineId: "", supervisor: "daemon", isWritable: true, node: null, user: "root", lacks: [] },
});
const APP = {
  ...{ kind: "app", name: "counter", op: null, current: null, releases: [], running: null, held: null, unfinished: [] },
  ...{ health: { health: "unknown", saw: "" }, configs: [], unreadable: null },
};
const RUNNING = { pid: 1, startedAt: 1, release: null, config: null, node: null, runAs: null, version: null };

describe.skipIf(because !== undefined)(because ?? "a hostile host", () => {
  let shop: Shop;
  let [good, one, other]: Host[] = [];
  let version = 0;

  const hostOf = (host: Host | undefined): Host => {
    if (host === undefined) throw new Error("the lab has three hosts");
    return host;
  };

  async function saysWith(host: Host | undefined, body: string): Promise<void> {
    const file = hostOf(host).file("/bin/hostile");
    await writeFile(file, shellOf(body));
    await chmod(file, 0o755);
  }

  /** Upgrades the counter everywhere, with a look at how much memory that takes. */
  async function pushed(job: Partial<Job> = {}): Promise<JobResult & { megabytes: number }> {
    version += 1;
    const started = await shop.startPush(
      { "apps/counter/app.yaml": counterSpec("1.0.0", { more: `env: {port: 8080, try: ${version}}` }) },
      job,
    );
    let [kilobytes, isOver] = [0, false];
    started.ended.then(() => {
      isOver = true;
    });
    while (!isOver) {
      const status = await readFile(`/proc/${started.pid}/status`, "utf8").catch(() => "");
      kilobytes = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? kilobytes);
      await pause(50);
    }
    return { ...(await started.result), megabytes: kilobytes / 1024 };
  }

  /** The run ended by itself, well for web1 alone, and nobody calls it a bug. */
  async function expectOwnProblem({
    code,
    log,
    megabytes,
    leftovers,
  }: Awaited<ReturnType<typeof pushed>>): Promise<void> {
    expect(code, log).toBe(1);
    expect(log).not.toContain("bug in Beamline");
    expect(megabytes).toBeLessThan(MAX_MEMORY);
    expect(megabytes).toBeGreaterThan(10);
    expect(leftovers).toEqual([]);
    expect(await answerOf(hostOf(good), "/env/try")).toBe(`{ok,${version}}`);
    const open = shop.double.repository("acme/shop").checkRuns.filter(({ status }) => status !== "completed");
    expect(open).toEqual([]);
  }

  beforeAll(async () => {
    shop = await openShop({ hosts: 3 });
    [good, one, other] = shop.lab.hosts;
    const { code, log } = await shop.push({ "apps/counter/app.yaml": counterSpec("1.0.0") });
    expect(code, log).toBe(0);
    for (const host of [one, other]) {
      await saysWith(host, "");
      await hostOf(host).exec(["sed", "-i", "/^root:/s|:[^:]*$|:/bin/hostile|", "/etc/passwd"]);
    }
  });
  afterAll(() => shop.close());

  test("that sleeps in its login, or whose erl_call is stopped, costs itself, and no more than a minute", async () => {
    await saysWith(one, "sleep 1000");
    const found = (await hostOf(other).exec(["find", "/opt/releases/counter", "-name", "erl_call"])).stdout.trim();
    const erlCall = hostOf(other).file(found.split("\n")[0] ?? "");
    await rename(erlCall, `${erlCall}.kept`);
    await writeFile(erlCall, "#!/bin/sh\nkill -STOP $$\n");
    await chmod(erlCall, 0o755);
    const run = await pushed();
    await rename(`${erlCall}.kept`, erlCall);
    await hostOf(other).exec(["pkill", "-KILL", "erl_call"]);
    await expectOwnProblem(run);
    expect(run.log).toMatch(
      /web2: host_stalled: \S+:22: the login did not get as far as Beamline's command within 30 s/,
    );
    expect(run.log).toMatch(/web3: host_stalled: \S+:22: nothing more was answered within 40 s/);
  });

  test("that prints without end, in lines or in one, is cut off", async () => {
    await saysWith(one, 'echo "$frame begin"; exec yes \'{"kind":"app"}\'');
    await saysWith(other, "exec cat /dev/zero");
    const run = await pushed();
    await expectOwnProblem(run);
    for (const host of ["web2", "web3"]) expect(run.log).toMatch(new RegExp(`${host}: answer_too_long: `));
  });

  test("that complains without end, or claims a record that is none, is told", async () => {
    await saysWith(one, 'echo "$frame begin"; exec yes complaint >&2');
    const record = '{"schema":1,"spec":{"name":"counter"}}';
    await saysWith(other, claiming(HOST, `record ${record}`, JSON.stringify({ ...APP, op: "a" })));
    const run = await pushed();
    await expectOwnProblem(run);
    expect(run.log).toMatch(/web2: answer_too_long: /);
    expect(run.log).toMatch(
      /web3\/counter: record_unreadable: \/opt\/releases\/\.beamline\/state\/counter can't be read/,
    );
  });

  test("that claims a start no clock shows, or ops with words of a shell, is told, and no such word is run", async () => {
    await saysWith(one, claiming(HOST, JSON.stringify({ ...APP, running: { ...RUNNING, startedAt: 1e300 } })));
    const unfinished = [{ id: "x; touch /tmp/owned; ", isLive: false }];
    await saysWith(other, claiming(HOST, JSON.stringify({ ...APP, unfinished })));
    const run = await pushed();
    await expectOwnProblem(run);
    for (const host of ["web2", "web3"]) expect(run.log).toMatch(new RegExp(`${host}/\\S+: record_unreadable: `));
    const status = await shop.run({ inputs: { command: "status" } });
    expect(status.log).not.toContain("bug in Beamline");
    expect((await hostOf(other).exec(["ls", "/tmp/owned"])).code).not.toBe(0);
  });

  test("whose journal never ends, or comes as a flood of huge lines, is given up", async () => {
    const submitted = (body: string) => `case $2 in *" submit "* | *" recover "*) echo "$frame begin"; ${body} ;; esac`;
    await saysWith(one, submitted('exec yes \'{"event":"waiting","t":1,"for":"ever"}\''));
    const huge = 'printf \'{"event":"waiting","t":1,"for":"\'; head -c 3000000 /dev/zero | tr "\\0" x; echo \'"}\'';
    await saysWith(other, submitted(`while ${huge}; do :; done`));
    const run = await pushed();
    await expectOwnProblem(run);
    for (const host of ["web2", "web3"]) expect(run.log).toMatch(new RegExp(`${host}\\S*: answer_too_long: `));
    // What is shown of it is bounded, too.
    expect(run.log.length).toBeLessThan(40_000_000);
  });

  test("a record that is damaged blocks its app there; the host's other app, and the other hosts, go on", async () => {
    for (const host of [one, other]) await saysWith(host, "");
    const file = hostOf(one).file("/opt/releases/.beamline/state/counter");
    const whole = await readFile(file);
    await writeFile(file, 'gar"bage\n\n');
    version += 1;
    const more = `env: {port: 8080, try: ${version}}`;
    const { code, log, outputs } = await shop.push({
      "apps/counter/app.yaml": counterSpec("1.0.0", { more }),
      "apps/greeter/app.yaml": greeterSpec("1.0.0"),
    });
    expect(code).toBe(1);
    expect(log).toMatch(/web2\/counter: record_unreadable: /);
    expect(outputs).toMatchObject({ deployed: "3", status: "degraded" });
    expect(await answerOf(hostOf(other), "/env/try")).toBe(`{ok,${version}}`);
    // Nobody's wish any more: it is neither removed nor passed over.
    const without = await shop.push({ "apps/counter/app.yaml": null });
    expect(without.code).toBe(1);
    expect(without.log).toMatch(/web2\/counter: record_unreadable: /);
    const status = await shop.run({ inputs: { command: "status" } });
    expect([status.code, status.outputs.status]).toEqual([1, "degraded"]);
    expect(status.log).toMatch(/web2\/counter: record_unreadable: /);
    await writeFile(file, whole);
    expect((await shop.run()).code).toBe(0);
  });

  describe("a crash of ours", () => {
    /** Throws where the run says that an app is begun; in what runs, or where nobody listens. */
    const crashing = (how: string): string => {
      const script = `const write = process.stdout.write; let isOver = false; process.stdout.write = function (text, ...rest) {
        if (!isOver && /web1.* …/.test(String(text))) { isOver = true; ${how} }
        return write.call(this, text, ...rest); };`;
      return `--import=data:text/javascript,${encodeURIComponent(script)}`;
    };
    const error = 'new RangeError("injected, with ghs_the-token-of-this-job")';

    test.each([
      ["in what it awaits", `throw ${error};`],
      ["where nobody listens", `setImmediate(() => { throw ${error}; });`],
    ])("%s ends the checks that are in progress, and tells no secret", async (_, how) => {
      const before = shop.double.repository("acme/shop").checkRuns.length;
      const { code, log } = await pushed({ environment: { NODE_OPTIONS: crashing(how) } });
      expect(code).toBe(1);
      expect(log).toContain("This is a bug in Beamline");
      expect(log.replace(/^::add-mask::.*\n/gm, "")).not.toContain("ghs_the-token");
      const checks: CheckRun[] = shop.double.repository("acme/shop").checkRuns.slice(before);
      expect(checks.map(({ name }) => name).sort()).toEqual([
        "beamline / counter / production",
        "beamline / production",
      ]);
      for (const check of checks) {
        expect(check).toMatchObject({ status: "completed", conclusion: "failure" });
        expect(check.output.summary).toContain("injected, with \\*\\*\\*".replaceAll("\\", ""));
      }
    });
  });
});
