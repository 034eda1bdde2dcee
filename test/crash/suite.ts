/**
 * Strikes real hosts in the middle of real deployments, then sends one more run and looks. A round strikes all hosts of a lab at
 * once, each at another point, with one kind of fault; what is left is what the next round begins with.
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import type { JobResult, StartedJob } from "../e2e/action.ts";
import { answerOf, openShop, type Shop, shownLog } from "../e2e/shop.ts";
import { until } from "../lab/command.ts";
import type { Host } from "../lab/lab.ts";
import { type Combination, deedOf, isEmbedded, isHot, type Kind } from "./combinations.ts";
import { FAULT } from "./faulty-dist.ts";
import { violations } from "./invariants.ts";
import { startAsking } from "./missed.ts";
import { aliveOn, awaitReturn, endedOn, forgetStarts } from "./processes.ts";
import { BASE, contactViolations, story } from "./story.ts";
import type { Expected, Subject } from "./subjects.ts";
import { awaitHealthy, killVm } from "./vm.ts";

export type Struck = Combination & { violations: string[]; log: string };

type Options = { hosts: number; systemd: boolean; dist: string; subject: Subject; disk?: string };

const ofEach = async <T>(
  hosts: readonly Host[],
  ask: (host: Host, index: number) => Promise<T>,
): Promise<Map<Host, T>> =>
  new Map(await Promise.all(hosts.map(async (host, index) => [host, await ask(host, index)] as const)));

/** A run that only prepares what is struck. */
function mustBeGreen(result: JobResult): void {
  if (result.code !== 0) throw new Error(shownLog(result));
}

export class CrashSuite {
  private readonly shop: Shop;
  private readonly options: Options;
  private expected: Expected = null;
  private tries = 0;

  private constructor(shop: Shop, options: Options) {
    this.shop = shop;
    this.options = options;
  }

  /** Hosts with a disk of their own that can be filled, and apps that nothing is to happen to. */
  static async open(options: Options): Promise<CrashSuite> {
    const { hosts, systemd, dist, subject, disk = "80m" } = options;
    const shop = await openShop({ hosts, systemd, disk });
    const suite = new CrashSuite(shop, options);
    mustBeGreen(await shop.push(subject.ground(shop.lab.hosts), { dist }));
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
    // What a way back needs room for lies there once a VM has become another: most have not.
    if (isHot(first.kind) && !isEmbedded(first.kind) && first.fault.fillsDisk === true) await this.bootAnew();
    const hosts = this.shop.lab.hosts.slice(0, combinations.length);
    for (const [index, host] of hosts.entries()) {
      const { point, step, fault } = combinations[index] ?? first;
      await rm(host.file(`${FAULT}.hit`), { force: true });
      await rm(host.file(`${FAULT}.go`), { force: true });
      await writeFile(host.file(FAULT), `${point} ${step} ${fault.deed}\n`);
    }
    if (this.options.systemd && first.fault.endsVm === true && isEmbedded(first.kind))
      for (const host of hosts) await forgetStarts(host);
    const before = this.expected;
    const { dist, systemd, subject } = this.options;
    const alive = await ofEach(hosts, (host) => aliveOn(host, first));
    const asking = await ofEach(hosts, (host, index) => startAsking(host, subject, combinations[index] ?? first));
    const job = await this.shop.startPush(this.change(first.kind), { dist });
    const missed = await this.strike(first, hosts, job);
    const result = await job.result;
    if (first.fault.lasts === true)
      for (const host of hosts) missed.get(host)?.push(...(await this.downMeanwhile(host, first.kind, before)));
    await Promise.all(hosts.map((host) => first.fault.mend?.(host)));
    for (const host of hosts) for (const name of [FAULT, `${FAULT}.go`]) await rm(host.file(name), { force: true });
    for (const [index, host] of hosts.entries())
      missed.get(host)?.push(...(await awaitReturn(host, combinations[index] ?? first, systemd)));
    // What failed its gate is not tried again: the next push takes it back.
    const isBad = deedOf(first.kind) === "bad";
    if (isBad) this.expected = before;
    const contact = isBad
      ? await this.shop.push({ [this.app]: this.spec(first.kind) }, { dist })
      : // A VM that dies while it is judged has failed its gate: its spec is held, and is tried again on request.
        await this.shop.run({ dist, inputs: { "retry-failed": "true" } });
    const { expected } = this;
    return Promise.all(
      hosts.map(async (host, index) => {
        const combination = combinations[index] ?? first;
        const wrong = [...(missed.get(host) ?? []), ...contactViolations(contact, host, combination)];
        wrong.push(...((await asking.get(host)?.stop()) ?? []));
        const { endsVm, mayRestart } = combination.fault;
        const hasLostVm = isHot(first.kind) && (endsVm === true || mayRestart === true);
        wrong.push(...(await violations(host, { subject, expected }, { systemd, hasLostVm })));
        const was = alive.get(host);
        if (was !== undefined) wrong.push(...(await endedOn(host, combination, was)));
        const log = wrong.length === 0 ? "" : await story(host, result, contact);
        return { ...combination, violations: wrong, log };
      }),
    );
  }

  /** What is wrong with a host before anybody has mended it: the app is to be served, by the old version or the new. */
  private async downMeanwhile(host: Host, kind: Kind, before: Expected): Promise<string[]> {
    const deed = deedOf(kind);
    if (deed === "deploy" || deed === "remove" || before === null) return [];
    const { port } = this.options.subject;
    const wrong = await until(
      `${host.name} serves`,
      async () => (await answerOf(host, "/health", port)) === "ok",
      20_000,
    )
      .then(() => [])
      .catch((error: Error) => [`before it was mended: ${error.message}`]);
    const version = await answerOf(host, "/version", port);
    const either = [before.version, this.expected?.version];
    return either.includes(version) ? wrong : [...wrong, `before it was mended version ${version} answers`];
  }

  /** Waits at each host for its op to come to the point, and does to it what is to be done. */
  private async strike(
    { kind, fault }: Combination,
    hosts: readonly Host[],
    job: StartedJob,
  ): Promise<Map<Host, string[]>> {
    const missed = new Map<Host, string[]>(hosts.map((host) => [host, []]));
    let isOver = false;
    void job.result.then(() => {
      isOver = true;
    });
    const hit = (host: Host): boolean => existsSync(host.file(`${FAULT}.hit`));
    const go = (host: Host): Promise<void> => writeFile(host.file(`${FAULT}.go`), "");
    await Promise.all(
      hosts.map(async (host) => {
        const inVain = await until(`${host.name} comes to the point`, async () => isOver || hit(host), 60_000).then(
          () => (hit(host) ? null : "its op did not come to the point"),
          (error: Error) => error.message,
        );
        if (inVain !== null) {
          missed.get(host)?.push(inVain);
          // Should it come there yet, it goes on.
          await go(host);
          return;
        }
        // As its clients do: whoever waits for one in code that was replaced goes on in the new.
        if (isHot(kind)) await answerOf(host, "/health", this.options.subject.port);
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
    const deed = deedOf(kind);
    const { beforeHotBad, leaps = [] } = this.options.subject;
    if (leaps.length === 0 && deed === "upgrade" && this.expected !== null && this.unknown() === undefined)
      await this.begin("remove");
    if (deed === "deploy") {
      if (this.expected !== null) await this.begin("remove");
    } else if (this.expected === null) {
      await this.begin("deploy");
      for (const version of leaps.slice(1)) await this.become(version);
    } else {
      const [, between] = leaps;
      // Hosts keep so many records, and each round makes some: what lies between would be forgotten.
      if (between !== undefined && !this.isOnRecord(between))
        for (const version of [between, this.expected.version]) await this.become(version);
    }
    if (deed === "bad" && isHot(kind) && beforeHotBad !== undefined && this.expected?.version !== beforeHotBad)
      await this.begin("upgrade");
  }

  private async bootAnew(): Promise<void> {
    const { hosts } = this.shop.lab;
    const { systemd, dist } = this.options;
    if (systemd) for (const host of hosts) await forgetStarts(host);
    for (const host of hosts) await killVm(host, "counter");
    if (!systemd) mustBeGreen(await this.shop.run({ dist }));
    for (const host of hosts) await awaitHealthy(host, [8080]);
  }

  /** Among the records that outlive the next round. */
  private isOnRecord(version: string): boolean {
    const history = `${BASE}/state/${this.options.subject.name}.history`;
    return this.shop.lab.hosts.some((host) => {
      const newest = readFileSync(host.file(history), "utf8").split("\n").slice(0, 15);
      return newest.some((record) => record.includes(`"version":"${version}"`));
    });
  }

  private async begin(kind: "deploy" | "upgrade" | "remove"): Promise<void> {
    await this.pushed(this.change(kind));
  }

  private async become(version: string): Promise<void> {
    this.expected = { version, try: this.tries };
    await this.pushed({ [this.app]: this.spec("leap upgrade") });
  }

  private async pushed(change: Record<string, string | null>): Promise<void> {
    mustBeGreen(await this.shop.push(change, { dist: this.options.dist }));
    for (const host of this.shop.lab.hosts) await mkdir(host.file(BASE), { recursive: true });
  }

  private get app(): string {
    return `apps/${this.options.subject.name}/app.yaml`;
  }

  /** A version that no host has, so that each must stage it. What a VM was booted from stays there, though it became another. */
  private unknown(): string | undefined {
    const { name, good } = this.options.subject;
    return good.find((version) =>
      this.shop.lab.hosts.every((host) => !existsSync(host.file(`/opt/releases/${name}/${version}`))),
    );
  }

  private change(kind: Kind): Record<string, string | null> {
    const deed = deedOf(kind);
    if (deed === "remove") {
      this.expected = null;
      return { [this.app]: null };
    }
    this.tries += 1;
    const { good, bad, leaps } = this.options.subject;
    const version = this.expected?.version ?? good[0];
    const leap = leaps && (version === leaps[0] ? leaps[2] : leaps[0]);
    const upgrade = leap ?? this.unknown() ?? version;
    const next = { deploy: good[0], upgrade, reconfigure: version, bad: leap ?? bad };
    const to = { version: next[deed], try: this.tries };
    if (deed !== "bad") this.expected = to;
    return { [this.app]: this.spec(kind, { to, isBad: deed === "bad" }) };
  }

  private spec(kind: Kind, { to = this.expected, isBad = false } = {}): string {
    if (to === null) throw new Error("nothing is expected");
    return this.options.subject.spec(to, { isHot: isHot(kind), isBad });
  }
}
