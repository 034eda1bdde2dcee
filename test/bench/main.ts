/**
 * `npm run bench:deploy`: dist/ against what people write by hand, side by side on lab hosts, and a table. Words choose parts:
 * upgrade, unchanged, interruption, wire, split, memory. These are figures, not tests: it ends with 0 whatever they are.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildReleases } from "../e2e/releases.ts";
import { LAB_MOUNT } from "../lab/lab-place.ts";
import { Bench } from "./bench.ts";
import { type Figure, noiseOf } from "./figure.ts";
import { interruption } from "./interruption.ts";
import { deployByLoop, prepareLoop } from "./loop.ts";
import { memory } from "./memory.ts";
import { counterRelease, type Release } from "./release.ts";
import { split } from "./split.ts";
import { tableOf } from "./table.ts";
import { unchanged } from "./unchanged.ts";
import { upgrade } from "./upgrade.ts";
import { wire } from "./wire.ts";

const PARTS = ["upgrade", "unchanged", "interruption", "wire", "split", "memory"] as const;
type Part = (typeof PARTS)[number];

const words = process.argv.slice(2);
const unknown = words.find((word) => !PARTS.some((part) => part === word));
if (unknown !== undefined) throw new Error(`there is no part ${unknown}, only ${PARTS.join(", ")}`);
const isChosen = (part: Part): boolean => words.length === 0 || words.includes(part);

// The lab's own tmpfs: however this ends, nothing stays on the machine. Short, for ssh's control sockets lie in it.
process.env.TMPDIR = join(LAB_MOUNT, "tmp");
mkdirSync(process.env.TMPDIR);

buildReleases(["counter"]);
const versions: readonly [Release, Release] = [counterRelease("1.0.0"), counterRelease("1.1.0")];
const figures: Figure[] = [];

async function measure(part: Part, act: () => Promise<Figure[]>): Promise<void> {
  if (!isChosen(part)) return;
  const begin = performance.now();
  console.log(`${part} …`);
  figures.push(...(await act()));
  console.log(`${part}: measured in ${Math.round((performance.now() - begin) / 1000)} s`);
}

if (PARTS.some((part) => part !== "memory" && isChosen(part))) {
  const bench = await Bench.open({ hosts: 5, systemd: true });
  try {
    const { hosts } = bench.lab;
    const [first] = versions;
    // Beamline's first: epmd belongs to no app's unit then.
    await bench.timed(bench.pushed({ release: first }));
    await prepareLoop(hosts);
    await deployByLoop(bench.lab, hosts, first);
    await measure("upgrade", () => upgrade(bench, versions));
    await measure("unchanged", () => unchanged(bench, first));
    if (isChosen("split")) {
      const [, second] = versions;
      await bench.forget(second, "/opt/releases/counter");
      console.log((await split(bench, "an upgrade", { release: second })).join("\n"));
      console.log((await split(bench, "nothing changed", { release: second })).join("\n"));
      await bench.timed(bench.pushed({ release: first }));
    }
    const [host] = hosts;
    if (host === undefined) throw new Error("the lab has no host");
    bench.take([host]);
    await measure("interruption", () => interruption(bench, host, versions));
    await measure("wire", () => wire(bench, host));
  } finally {
    await bench.close();
  }
}
await measure("memory", () => memory(versions[0]));
if (figures.length > 0) console.log(tableOf(figures).join("\n"));
const noise = noiseOf(figures);
if (noise !== null)
  console.log(
    `Rounds of the same hand-written work differed by up to a factor of ${noise.toFixed(2)}: that is the noise.`,
  );
