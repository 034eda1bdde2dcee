// The most memory that the action's own process has had while it deploys to many hosts.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Bench } from "./bench.ts";
import type { Figure } from "./figure.ts";
import type { Release } from "./release.ts";

const HOSTS = 50;
const EVERY_MS = 20;

export async function memory(release: Release): Promise<Figure[]> {
  const bench = await Bench.open({ hosts: HOSTS });
  try {
    const job = bench.pushed({ release });
    let peak: Promise<number> = Promise.resolve(0);
    const { ms } = await bench.timed(job, ({ pid }) => {
      peak = peakOf(pid);
    });
    const concurrency = "20 at once";
    return [
      {
        what: `memory of a deployment to ${HOSTS} hosts, ${concurrency}`,
        unit: "MB",
        ours: [(await peak) / 1000],
        theirs: [],
        goal: { of: "ours", atMost: 300 },
      },
      { what: "  its time", unit: "ms", ours: [ms], theirs: [] },
    ];
  } finally {
    await bench.close();
  }
}

/** The last VmHWM (proc(5), in KiB) that could be seen of a process, in kB: it only grows, and is gone with the process. */
async function peakOf(pid: number): Promise<number> {
  let kib = 0;
  for (;;) {
    const status = await statusOf(pid);
    const line = status?.match(/^VmHWM:\s+(\d+) kB$/m)?.[1];
    if (line === undefined) return kib * 1.024;
    kib = Number(line);
    await sleep(EVERY_MS);
  }
}

async function statusOf(pid: number): Promise<string | null> {
  try {
    return await readFile(`/proc/${pid}/status`, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return null;
    throw error;
  }
}
