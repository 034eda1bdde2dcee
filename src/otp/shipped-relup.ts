// A relup that comes with a release (sasl, relup(4)): low-level scripts from and back to other versions of it.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { scriptOf } from "./appup.ts";
import { scriptProblem } from "./script-problem.ts";
import { atom, listIn, textIn, tupleIn } from "./term-shape.ts";

export type ShippedRelup = {
  readonly up: readonly ErlangTerm[];
  readonly down: readonly ErlangTerm[] | { error: string } | null;
};

/** The scripts for one older version; null where there is none that leads from it. */
export function shippedRelup(
  relup: ErlangTerm,
  version: string,
  from: string,
): ShippedRelup | { error: string } | null {
  const [own, ups, downs] = tupleIn(relup) ?? [];
  if (textIn(own) !== version) return { error: `relup is not of ${version}` };
  const up = scriptFor(ups, from);
  if (up === null || "error" in up) return up;
  const down = scriptFor(downs, from);
  return { up: up.script, down: down && "script" in down ? down.script : down };
}

/** {Vsn, Description, Script} */
function scriptFor(
  entries: ErlangTerm | undefined,
  version: string,
): { script: readonly ErlangTerm[] } | { error: string } | null {
  const entry = (listIn(entries) ?? []).map(tupleIn).find((it) => textIn(it?.[0]) === version);
  if (!entry) return null;
  const terms = listIn(entry[2]);
  const instructions = scriptOf(entry[2] ?? atom(""));
  if (terms === null || "error" in instructions)
    return { error: `relup ${"error" in instructions ? instructions.error : ""}` };
  const restart = instructions.find(({ kind }) => kind === "restart");
  if (restart) return { error: "relup restarts the emulator" };
  const high = instructions.find(({ kind }) => !["load_object_code", "point_of_no_return", "low"].includes(kind));
  if (high) return { error: `relup has the high-level instruction ${high.kind}` };
  const point = instructions.findIndex(({ kind }) => kind === "point_of_no_return");
  if (point < 0) return { error: "relup has no point_of_no_return" };
  const problem = scriptProblem(instructions.slice(0, point), instructions.slice(point));
  return problem === null ? { script: terms } : { error: `relup: ${problem}` };
}
