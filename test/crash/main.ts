/** `npm run test:crash`: all combinations on hosts with systemd and without; a table, and what was wrong. Words choose: a kind, a fault. */
import { rm } from "node:fs/promises";
import buildReleases from "../e2e/releases.ts";
import { combinations } from "./combinations.ts";
import { makeFaultyDist } from "./faulty-dist.ts";
import { counter, leaper, lodger, subjectOf } from "./subjects.ts";
import { CrashSuite, type Struck } from "./suite.ts";
import { tableOf } from "./table.ts";

const words = process.argv.slice(2);
const isChosen = (text: string): boolean => words.length === 0 || words.some((word) => text.includes(word));

buildReleases();
const dist = await makeFaultyDist();
const struck: Struck[] = [];
try {
  for (const [systemd, subject] of [true, false].flatMap((it) =>
    [counter, leaper, lodger].map((subject) => [it, subject] as const),
  )) {
    const place = systemd ? "systemd" : "daemon";
    const chosen = combinations(systemd, (_, kind) => subjectOf(kind) === subject).filter((it) =>
      isChosen(`${place} ${it.kind} ${it.fault.name} ${it.step}`),
    );
    if (chosen.length === 0) continue;
    for (const needsBlocks of [false, true]) {
      const those = chosen.filter(({ fault }) => (fault.needsBlocks === true) === needsBlocks);
      if (those.length === 0) continue;
      const suite = await CrashSuite.open({
        hosts: 6,
        systemd,
        dist,
        subject,
        disk: needsBlocks ? "blocks 120m" : "80m",
      });
      try {
        struck.push(
          ...(await suite.run(those, (round) => {
            for (const { kind, fault, step, point, violations, log } of round) {
              console.log(
                `${violations.length === 0 ? "ok  " : "FAIL"} ${place}: ${kind}, ${fault.name} ${point} ${step}`,
              );
              for (const line of violations) console.log(`     ${line}`);
              if (violations.length > 0) console.log(log);
            }
          })),
        );
      } finally {
        await suite.close();
      }
    }
  }
} finally {
  await rm(dist, { recursive: true });
}
console.log(tableOf(struck).join("\n"));
const failed = struck.filter(({ violations }) => violations.length > 0).length;
console.log(`${struck.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
