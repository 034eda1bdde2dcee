/**
 * Strikes real hosts in the middle of real deployments, then sends one more run and looks. A round strikes all hosts of a lab at
 * once, each at another point, with one kind of fault; what is left is what the next round begins with.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { JobResult, StartedJob } from "../e2e/action.ts";
import { answerOf, counterSpec, fleetFile, greeterSpec, openShop, type Shop, shownLog } from "../e2e/shop.ts";
import { until } from "../lab/command.ts";
import type { Host } from "../lab/lab.ts";
import { type Combination, isHot, type Kind } from "./combinations.ts";
import { type Expected, violations, vmOf } from "./invariants.ts";

export type Struck = Combination & { violations: string[]; log: string };

const BASE = "/opt/releases/.beamline";
const APP = "apps/counter/app.yaml";
/** Answers its health check with 503. */
const BAD = "1.3.0";
const GOOD = ["1.0.0", "1.1.0", "1.2.0"];
const NEEDS: Readonly<Record<Kind, boolean>> = {
  deploy: false,
  upgrade: true,
  reconfigure: true,
  bad: true,
  "hot upgrade": true,
  "hot reconfigure": true,
  "hot bad": true,
  remove: true,
};

export class CrashSuite {
  private readonly shop: Shop;
  private readonly dist: string;
  private readonly systemd: boolean;
  private expected: Expected = null;
  private tries = 0;

  private constructor(shop: Shop, dist: string, systemd: boolean) {
    this.shop = shop;
    this.dist = dist;
    this.systemd = systemd;
  }

  /** Hosts with a disk of their own that can be filled, and a second app that nothing is to happen to. */
  static async open({ hosts, systemd, dist }: { hosts: number; systemd: boolean; dist: string }): Promise<CrashSuite> {
    const shop = await openShop({ hosts, systemd, disk: "80m" });
    const suite = new CrashSuite(shop, dist, systemd);
    const { code, log } = await shop.push(
      { "fleet.yaml": fleetFile(shop.lab.hosts), "apps/greeter/app.yaml": greeterSpec("1.0.0") },
      { dist },
    );
    if (code !== 0) throw new Error(log);
    return suite;
  }

  close(): Promise<void> {
    return this.shop.close();
  }

  /** Strikes at all combinations; \`tell\` hears of each round. */
  async run(
    all: readonly Combination[],
    tell: (struck: readonly Struck[]) => void = () => undefined,
  ): Promise<Struck[]> {
    const results: Struck[] = [];
    const { hosts } = this.shop.lab;
    const rounds = Map.groupBy(all, ({ kind, fault }) => `${kind} ${fault.name}`);
    for (const alike of rounds.values()) {
      for (let begin = 0; begin < alike.length; begin += hosts.length) {
        const struck = await this.round(alike.slice(begin, begin + hosts.length));
        tell(struck);
        results.push(...struck);
      }
    }
    return results;
  }

  private async round(combinations: readonly Combination[]): Promise<Struck[]> {
    const [first] = combinations;
    if (first === undefined) return [];
    await this.prepare(first.kind);
    const hosts = this.shop.lab.hosts.slice(0, combinations.length);
    for (const [index, host] of hosts.entries()) {
      const { point, step, fault } = combinations[index] ?? first;
      await rm(host.file(`${BASE}/fault.hit`), { force: true });
      await rm(host.file(`${BASE}/fault.go`), { force: true });
      await writeFile(host.file(`${BASE}/fault`), `${point} ${step} ${fault.deed}\n`);
    }
    const before = this.expected;
    const processes = await Promise.all(hosts.map(vmOf));
    const job = await this.shop.startPush(this.change(first.kind), { dist: this.dist });
    const missed = await this.strike(first, hosts, job);
    const result = await job.result;
    for (const host of hosts) {
      await first.fault.mend?.(host);
      for (const name of ["fault", "fault.go"]) await rm(host.file(`${BASE}/${name}`), { force: true });
    }
    // Behind the commit point a VM that died is started by its manager alone, and what is still booting is not healthy.
    for (const [index, host] of hosts.entries())
      if (this.systemd && first.fault.endsVm === true && combinations[index]?.step === "prune")
        await until(`${host.name} is back`, async () => (await answerOf(host, "/health")) === "ok", 60_000);
    // What failed its gate is not tried again: the next push takes it back.
    const isBad = first.kind === "bad" || first.kind === "hot bad";
    if (isBad) this.expected = before;
    const contact = isBad
      ? await this.shop.push({ [APP]: this.spec({ kind: first.kind }) }, { dist: this.dist })
      : // A VM that dies while it is judged has failed its gate: its spec is held, and is tried again on request.
        await this.shop.run({ dist: this.dist, inputs: { "retry-failed": "true" } });
    return Promise.all(
      hosts.map(async (host, index) => {
        const combination = combinations[index] ?? first;
        const wrong = [...(missed.get(host) ?? []), ...contactViolations(contact, host, combination)];
        const hasLostVm = isHot(first.kind) && combination.fault.endsVm === true;
        wrong.push(...(await violations(host, this.expected, { systemd: this.systemd, hasLostVm })));
        // What is promised to be without an interruption is so whatever happens, but to the VM itself.
        if (isHot(first.kind) && combination.fault.endsVm !== true && (await vmOf(host)) !== processes[index])
          wrong.push(`its VM is not the process that it was (${processes[index]})`);
        const log = wrong.length === 0 ? "" : await story(host, result, contact);
        return { ...combination, violations: wrong, log };
      }),
    );
  }

  /** Waits at each host for its op to come to the point, and does to it what is to be done. */
  private async strike({ fault }: Combination, hosts: readonly Host[], job: StartedJob): Promise<Map<Host, string[]>> {
    const missed = new Map<Host, string[]>();
    let isOver = false;
    void job.result.then(() => {
      isOver = true;
    });
    const hit = (host: Host): boolean => existsSync(host.file(`${BASE}/fault.hit`));
    const go = (host: Host): Promise<void> => writeFile(host.file(`${BASE}/fault.go`), "");
    await Promise.all(
      hosts.map(async (host) => {
        const inVain = await until(`${host.name} comes to the point`, async () => isOver || hit(host), 60_000).then(
          () => (hit(host) ? null : "its op did not come to the point"),
          (error: Error) => error.message,
        );
        if (inVain !== null) {
          missed.set(host, [inVain]);
          return;
        }
        await fault.strike(host);
        if (fault.strikeRunner === undefined) await go(host);
      }),
    );
    fault.strikeRunner?.(job);
    if (fault.strikeRunner !== undefined) for (const host of hosts) await go(host);
    return missed;
  }

  /** Brings all hosts to what a kind of transaction begins with. */
  private async prepare(kind: Kind): Promise<void> {
    const isUpgrade = kind === "upgrade" || kind === "hot upgrade";
    if (isUpgrade && this.expected !== null && this.unknown() === undefined) await this.begin("remove");
    if ((this.expected !== null) === NEEDS[kind]) return;
    await this.begin(NEEDS[kind] ? "deploy" : "remove");
  }

  private async begin(kind: "deploy" | "remove"): Promise<void> {
    const { code, log } = await this.shop.push(this.change(kind), { dist: this.dist });
    if (code !== 0) throw new Error(shownLog({ log }));
    for (const host of this.shop.lab.hosts) await mkdir(host.file(BASE), { recursive: true });
  }

  /** A version that no host has, so that each must stage it. What a VM was booted from stays there, though it became another. */
  private unknown(): string | undefined {
    return GOOD.find((version) =>
      this.shop.lab.hosts.every((host) => !existsSync(host.file(`/opt/releases/counter/${version}`))),
    );
  }

  private change(kind: Kind): Record<string, string | null> {
    if (kind === "remove") {
      this.expected = null;
      return { [APP]: null };
    }
    this.tries += 1;
    const version = this.expected?.version ?? "1.1.0";
    const other = this.unknown() ?? version;
    const next: Readonly<Record<Kind, string>> = {
      deploy: "1.0.0",
      upgrade: other,
      reconfigure: version,
      bad: BAD,
      remove: version,
      "hot upgrade": other,
      "hot reconfigure": version,
      "hot bad": BAD,
    };
    const to = { version: next[kind], try: this.tries };
    if (to.version === BAD) return { [APP]: this.spec({ kind, to }) };
    this.expected = to;
    return { [APP]: this.spec({ kind }) };
  }

  private spec({ kind, to = this.expected }: { kind: Kind; to?: Expected }): string {
    if (to === null) throw new Error("nothing is expected");
    // Twelve VMs that boot at once take a while on two cores; only what is never healthy is not to be waited for.
    const patience = to.version === BAD ? 4_000 : 60_000;
    const health = `{type: http, port: 8080, path: /health, start_timeout: ${patience}, min_healthy_time: 200}`;
    const strategy = isHot(kind) ? "hot" : "restart";
    return counterSpec(to.version, { health, more: `retain: 1\nstrategy: ${strategy}\nenv: {try: ${to.try}}` });
  }
}

function contactViolations({ code, log }: JobResult, host: Host, { fault }: Combination): string[] {
  const own = log.split("\n").filter((line) => line.includes(`${host.name}/`));
  const wrong = code === 0 ? [] : [`the next run ended ${code}`];
  // Whatever an op left was undone or finished whole, or its record and the host would differ.
  const counter = log
    .split(`${host.name}/counter`)
    .slice(1)
    .map((part) => part.split(/\n {2}\S/)[0] ?? "");
  if (!fault.causesDrift && counter.some((part) => part.includes("warning: drift")))
    wrong.push("the next run found drift");
  if (own.some((line) => line.includes("BROKEN"))) wrong.push("the next run calls it broken");
  return wrong;
}

/** All there is to read when something is wrong. */
async function story(host: Host, struck: JobResult, contact: JobResult): Promise<string> {
  const ops = existsSync(host.file(`${BASE}/ops`)) ? (await readdir(host.file(`${BASE}/ops`))).sort().slice(-3) : [];
  const journals = await Promise.all(
    ops.map(async (op) => {
      const text = await readFile(host.file(`${BASE}/ops/${op}/journal`), "utf8").catch(
        (error: Error) => error.message,
      );
      const said = await readFile(host.file(`${BASE}/ops/${op}/agent.log`), "utf8").catch(
        (error: Error) => error.message,
      );
      return `--- op ${op}\n${text}${said}`;
    }),
  );
  return [
    `=== the run that was struck\n${shownLog(struck)}`,
    `=== the next run\n${shownLog(contact)}`,
    ...journals,
  ].join("\n");
}
