// What runs have said of a host, and what ops on it have written.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import type { JobResult } from "../e2e/action.ts";
import { shownLog } from "../e2e/shop.ts";
import type { Host } from "../lab/lab.ts";
import { type Combination, deedOf, isEmbedded } from "./combinations.ts";

/** Where an agent keeps its own. */
export const BASE = "/opt/releases/.beamline";

/** What is wrong with what the run after the fault said. */
export function contactViolations({ code, log }: JobResult, host: Host, { kind, fault }: Combination): string[] {
  const own = log.split("\n").filter((line) => line.includes(`${host.name}/`));
  const wrong = code === 0 ? [] : [`the next run ended ${code}`];
  // Whatever an op left was undone or finished whole, or its record and the host would differ.
  const told = (isEmbedded(kind) ? ["counter", "lodger"] : ["counter"])
    .flatMap((app) => log.split(`${host.name}/${app}`).slice(1))
    .map((part) => part.split(/\n {2}\S/)[0] ?? "");
  // Of an undo that was cut off nothing is left to find, whatever else died; but for a node that nobody has started again.
  const isMended = deedOf(kind) === "bad" && fault.endsOp === "at once" && !isEmbedded(kind);
  const mayDrift = fault.causesDrift && !isMended;
  if (!mayDrift && told.some((part) => part.includes("warning: drift"))) wrong.push("the next run found drift");
  if (own.some((line) => line.includes("BROKEN"))) wrong.push("the next run calls it broken");
  return wrong;
}

/** All there is to read when something is wrong. */
export async function story(host: Host, struck: JobResult, contact: JobResult): Promise<string> {
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
