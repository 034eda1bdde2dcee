// What a client misses while its host is upgraded: Beamline's restart against `systemctl restart` of the loop's unit.
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../../demo/client.ts";
import type { Host } from "../lab/lab.ts";
import type { Bench } from "./bench.ts";
import { rounds } from "./compare.ts";
import type { Figure } from "./figure.ts";
import { deployByLoop, LOOP_PORT } from "./loop.ts";
import type { Release } from "./release.ts";

const ROUNDS = 6;
const PAUSE_MS = 4;
/** Looks before and after, so that the first and the last are good ones. */
const AROUND_MS = 100;

export async function interruption(bench: Bench, host: Host, versions: readonly [Release, Release]): Promise<Figure[]> {
  const next = (round: number): Release => versions[round % 2 === 0 ? 1 : 0];
  const { ours, theirs } = await rounds(ROUNDS, {
    ours: async (round) => {
      await bench.forget(next(round), "/opt/releases/counter");
      const job = bench.pushed({ release: next(round) });
      return missed(host, 8080, () => bench.timed(job));
    },
    theirs: async (round) => {
      await bench.forget(next(round), "/srv/loop");
      return missed(host, LOOP_PORT, () => deployByLoop(bench.lab, [host], next(round)));
    },
  });
  return [{ what: "interruption a client sees", unit: "ms", ours, theirs, goal: { of: "ratio", atMost: 0.4 } }];
}

async function missed(host: Host, port: number, act: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  const target = { app: "counter", host: host.name, url: `http://${host.address}:${port}/version` };
  const client = new Client([target], PAUSE_MS);
  try {
    await sleep(AROUND_MS);
    await act();
    await sleep(AROUND_MS);
  } finally {
    await client.stop();
  }
  const [seen] = client.interruptions(since);
  if (!seen?.wasUp || !seen.isUp) throw new Error(`${host.name}:${port} did not answer before and after`);
  return seen.ms;
}
