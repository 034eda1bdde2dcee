import type { Problem } from "../core/problem.ts";
import { placeOf } from "../core/problem.ts";
import type { Plan, Rehearsal } from "../plan/plan-item.ts";
import { rehearsalProblem } from "../plan/rehearsals.ts";
import type { Wanted } from "./wanted.ts";

/** What is to be said of the rehearsals that ended so, at the spec's strategy; once, whatever the number of hosts. */
export function rehearsalProblems(plan: Plan, { desired }: Wanted, result: Rehearsal["result"]): Problem[] {
  const problems = new Map<string, Problem>();
  for (const item of plan.items) {
    const place = desired.get(item.app)?.document.at(["strategy"]);
    const of = place === undefined || item.rehearsal?.result !== result ? null : rehearsalProblem(item, place);
    if (of !== null) problems.set(`${placeOf(of.where)} ${JSON.stringify(of.facts)}`, of);
  }
  return [...problems.values()];
}
