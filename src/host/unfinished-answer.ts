import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { Access } from "./access.ts";
import type { Cut } from "./framed.ts";

/** Why an answer was not waited for any longer: the host's problem, and nobody else's. */
export function cutProblem(
  cut: Cut,
  { name, address: host, port }: Access["host"],
  { app, stderr }: { app?: string; stderr: string },
): Problem {
  const where = { in: "host", host: name, ...(app === undefined ? {} : { app }) } as const;
  const address = `${host}:${port}`;
  const tail = stderr.split("\n").filter(Boolean).slice(-20);
  if (cut.kind === "too much")
    return problem("answer_too_long", where, { address, what: "what it answers has no end; it was cut off" }, tail);
  const what = !cut.hasBegun
    ? "the login did not get as far as Beamline's command"
    : cut.kind === "silent"
      ? "nothing more was answered"
      : "the answer did not end";
  return problem("host_stalled", where, { address, what, waitedMs: cut.waitedMs }, tail);
}
