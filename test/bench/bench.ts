// A shop to measure: pushes are made ready beforehand, so that only the action's own time counts.
import { type Job, type StartedJob, startJob } from "../e2e/action.ts";
import { counterSpec, fleetFile, openShop, type Shop, TOKEN } from "../e2e/shop.ts";
import type { Host, Lab, LabOptions } from "../lab/lab.ts";
import type { Release } from "./release.ts";

export type Timed = { ms: number; mainMs: number; log: string };

export type Wish = { release: Release; minHealthyMs?: number; isPinned?: boolean };

export class Bench {
  readonly lab: Lab;
  private readonly shop: Shop;
  private hosts: readonly Host[];

  private constructor(shop: Shop) {
    this.shop = shop;
    this.lab = shop.lab;
    this.hosts = shop.lab.hosts;
  }

  static async open(options: LabOptions): Promise<Bench> {
    return new Bench(await openShop({ keyExchange: "usual", ...options }));
  }

  close(): Promise<void> {
    return this.shop.close();
  }

  /** From here on the fleet file has these hosts only. */
  take(hosts: readonly Host[]): void {
    this.hosts = hosts;
  }

  /** Commits a counter's spec and checks it out, as the job's earlier steps do. */
  pushed({ release, minHealthyMs = 0, isPinned = true }: Wish, environment: Record<string, string> = {}): Job {
    const { version, file, sha256 } = release;
    const pin = isPinned ? `, sha256: ${sha256}` : "";
    const health = `{type: http, port: 8080, path: /health, start_timeout: 60000, min_healthy_time: ${minHealthyMs}}`;
    const spec = counterSpec(version, { health, source: `{type: release, url: "file://${file}"${pin}}` });
    const { repository, double, lab } = this.shop;
    const files = { "fleet.yaml": fleetFile(this.hosts), "apps/counter/app.yaml": spec };
    const { sha, before } = repository.push(files);
    return {
      workspace: repository.checkout(sha),
      event: { name: "push", sha, payload: { before } },
      apiUrl: double.url,
      environment,
      inputs: { "ssh-key": lab.userKey.text, "github-token": TOKEN },
    };
  }

  /** A run from the start of main to the end of post; throws with its log when it is red. */
  async timed(job: Job, watch: (started: StartedJob) => void = () => undefined): Promise<Timed> {
    const begin = performance.now();
    const started = await startJob(job);
    watch(started);
    await started.ended;
    const mainMs = performance.now() - begin;
    const { code, log } = await started.result;
    if (code !== 0) throw new Error(`a run that is measured ended with ${code}:\n${log}`);
    return { ms: performance.now() - begin, mainMs, log };
  }

  /** What was there before must be sent again. Refuses what runs: a round would measure nothing. */
  async forget({ version }: Release, below: "/opt/releases/counter" | "/srv/loop"): Promise<void> {
    await Promise.all(
      this.hosts.map(async (host) => {
        const { code, stderr } = await host.exec(["sh", "-ec", FORGET, below, version]);
        if (code !== 0) throw new Error(`${host.name}, ${below}/${version}: exit ${code} ${stderr}`);
      }),
    );
  }
}

const FORGET = `case "$(readlink "$0/current")" in "$1" | "$1"+*) echo "it runs" >&2; exit 1 ;; esac
rm -rf "$0/$1" "$0/$1"+*
sync`;

export async function timeOf(act: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await act();
  return performance.now() - begin;
}
