// All bytes that a run puts on a host's link, both ways, every frame of it: logins, requests, releases, journals.
import type { Host } from "../lab/lab.ts";
import type { Bench } from "./bench.ts";
import type { Figure } from "./figure.ts";
import { deployByLoop } from "./loop.ts";
import { changedModules, counterRelease, twoModulesLater } from "./release.ts";

const GOAL_BYTES = 40_000;

export async function wire(bench: Bench, host: Host): Promise<Figure[]> {
  const base = counterRelease("1.0.0");
  const figures: Figure[] = [];
  for (const later of [counterRelease("1.1.0"), twoModulesLater()]) {
    await bench.timed(bench.pushed({ release: base }));
    await bench.forget(later, "/opt/releases/counter");
    const upgrade = bench.pushed({ release: later });
    const ours = await bytesOf(host, () => bench.timed(upgrade));
    await bench.forget(later, "/srv/loop");
    const theirs = await bytesOf(host, () => deployByLoop(bench.lab, [host], later));
    const modules = changedModules(base, later);
    const what = `wire, upgrade ${base.version} to ${later.version} (changed: ${modules.join(", ")})`;
    const goal = modules.length === 2 ? { goal: { of: "ours", atMost: GOAL_BYTES } as const } : {};
    figures.push({ what, unit: "B", ours: [ours], theirs: [theirs], ...goal });
    const again = bench.pushed({ release: later });
    if (modules.length === 2) {
      const nothing = await bytesOf(host, () => bench.timed(again));
      figures.push({ what: "wire, nothing changed", unit: "B", ours: [nothing], theirs: [] });
    }
  }
  return figures;
}

async function bytesOf(host: Host, act: () => Promise<unknown>): Promise<number> {
  const before = await linkBytes(host);
  await act();
  return (await linkBytes(host)) - before;
}

/** Received and sent by eth0 (proc(5), net/dev): what the bridge's end has sent and received. Not asked over the link. */
async function linkBytes(host: Host): Promise<number> {
  const { stdout } = await host.exec(["cat", "/proc/net/dev"]);
  const line = stdout.split("\n").find((it) => it.trimStart().startsWith("eth0:"));
  const fields = line?.split(":")[1]?.trim().split(/\s+/).map(Number);
  if (fields?.[0] === undefined || fields[8] === undefined) throw new Error(`${host.name} has no eth0:\n${stdout}`);
  return fields[0] + fields[8];
}
