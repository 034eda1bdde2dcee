// The command plan asks each node that is to be upgraded hot who would be in the way of that now.
import { Failure } from "../core/failure.ts";
import { dryRunWarnings, MOST_MODULES, upgradesOf, withDryRuns } from "../plan/dry-runs.ts";
import type { PlanItem } from "../plan/plan-item.ts";
import type { MadePlan } from "./make-plan.ts";
import type { Run } from "./run.ts";

/** The plan with their answers. */
export async function withAnswers({ session }: Run, made: MadePlan): Promise<MadePlan> {
  const warnings = new Map<PlanItem, string[]>();
  await Promise.all(
    upgradesOf(made.plan).map(async ([item, upgrade]) => {
      if (upgrade.oldCode.length > MOST_MODULES) {
        warnings.set(item, [`its node is not asked about ${upgrade.oldCode.length} modules`]);
        return;
      }
      try {
        const dryRun = await session.client(item.host).dryRun(item.app, upgrade);
        warnings.set(item, dryRunWarnings(dryRun, upgrade));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        warnings.set(item, ["its node could not be asked what it would say to this upgrade now"]);
      }
    }),
  );
  return { ...made, plan: withDryRuns(made.plan, warnings) };
}
