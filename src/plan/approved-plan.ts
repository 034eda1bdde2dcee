import { z } from "zod";
import { canonicalJson } from "../core/digest.ts";
import { essenceOf } from "./plan-digest.ts";
import type { Plan } from "./plan-item.ts";

const text = z.string();

const approvedItem = z.object({
  app: text,
  host: text,
  action: text,
  strategy: text,
  from: text.nullable(),
  to: text.nullable(),
  changes: z.array(z.object({ field: text, from: text.nullable(), to: text.nullable() })).readonly(),
  interruption: text,
  blocked: z.object({ code: text }).nullable(),
  transaction: z
    .looseObject({
      steps: z
        .array(
          z.object({ id: text, action: z.object({ verb: text, digest: text.optional(), release: text.nullish() }) }),
        )
        .readonly(),
    })
    .nullable(),
});

/** What must be in the output `plan` for it to be compared with the plan of another run. */
export const approvedPlan = z.object({
  schema: z.literal(1),
  environment: text,
  items: z.array(approvedItem).readonly(),
  digest: text,
});

export type ApprovedPlan = z.infer<typeof approvedPlan>;

/** In which items an approved plan and the one made now differ, in words. */
export function planDifferences(approved: ApprovedPlan, now: Plan): string[] {
  const essences = (plan: ApprovedPlan): Map<string, string> =>
    new Map(plan.items.map((item) => [`${item.host}/${item.app}`, canonicalJson(essenceOf(item))]));
  const [before, after] = [essences(approved), essences(now)];
  const action = (plan: ApprovedPlan, name: string): string => {
    const item = plan.items.find(({ host, app }) => `${host}/${app}` === name);
    if (item === undefined) return "absent";
    if (item.blocked !== null) return `blocked (${item.blocked.code})`;
    return item.transaction === null ? "unchanged" : [item.action, item.to ?? item.from ?? ""].join(" ");
  };
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name} was ${action(approved, name)}, is now ${action(now, name)}`);
}
