import { z } from "zod";
import { canonicalJson } from "../core/digest.ts";
import { essenceOf } from "./plan-digest.ts";
import type { Plan, PlanItem } from "./plan-item.ts";

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

type ApprovedItem = z.infer<typeof approvedItem>;

export type ApprovedPlan = z.infer<typeof approvedPlan>;

/** An environment variable holds 128 kB (execve(2), MAX_ARG_STRLEN), and this comes back as one. */
const LARGEST_OUTPUT = 100_000;

/** As much of a plan as an approval needs. Of a plan that is too large only the digest: it says what is approved, too. */
export function outputPlan({ schema, environment, items, digest }: Plan): ApprovedPlan {
  const whole = { schema, environment, items: items.map(approvedItemOf), digest };
  return JSON.stringify(whole).length <= LARGEST_OUTPUT ? whole : { ...whole, items: [] };
}

function approvedItemOf({
  cause: _,
  warnings: __,
  wave: ___,
  unmet: ____,
  sendBytes: _____,
  transaction,
  ...item
}: PlanItem): ApprovedItem {
  const steps = transaction?.steps.map(({ id, action }) => ({
    id,
    action: {
      verb: action.verb,
      ...("digest" in action ? { digest: action.digest } : {}),
      ...("release" in action ? { release: action.release } : {}),
    },
  }));
  return {
    ...item,
    changes: item.changes.map(({ field, from, to }) => ({ field, from, to })),
    blocked: item.blocked === null ? null : { code: item.blocked.code },
    transaction: steps === undefined ? null : { steps },
  };
}

/** In which items an approved plan and the one made now differ, in words. */
export function planDifferences(approved: ApprovedPlan, now: Plan): string[] {
  if (approved.items.length === 0) return ["something; the approved plan was too large to be kept whole"];
  const byName = (plan: ApprovedPlan): Map<string, ApprovedItem> =>
    new Map(plan.items.map((item) => [`${item.host}/${item.app}`, item]));
  const [approvedItems, items] = [byName(approved), byName(now)];
  return [...new Set([...approvedItems.keys(), ...items.keys()])].flatMap((name) => {
    const [was, is] = [approvedItems.get(name), items.get(name)];
    const differing = differingParts(was, is);
    if (differing.length === 0) return [];
    const [before, after] = [actionText(was), actionText(is)];
    if (before === after) return [`${name} is still ${after}, with another ${differing.join(", ")}`];
    return [`${name} was ${before}, is now ${after}`];
  });
}

function actionText(item: ApprovedItem | undefined): string {
  if (item === undefined) return "absent";
  if (item.blocked !== null) return `blocked (${item.blocked.code})`;
  return item.transaction === null ? "unchanged" : [item.action, item.to ?? item.from ?? ""].join(" ");
}

/** The changed fields in which two items differ, or else the other parts of what they do. */
function differingParts(was: ApprovedItem | undefined, is: ApprovedItem | undefined): string[] {
  if (was === undefined || is === undefined) return ["everything"];
  const [a, b] = [essenceOf(was), essenceOf(is)];
  const parts = Object.keys(a).filter(
    (part) => canonicalJson(a[part as keyof typeof a]) !== canonicalJson(b[part as keyof typeof b]),
  );
  if (!parts.includes("changes")) return parts;
  const texts = (changes: typeof a.changes): Set<string> => new Set(changes.map((change) => canonicalJson(change)));
  const [old, recent] = [texts(a.changes), texts(b.changes)];
  const fields = [...a.changes, ...b.changes].filter(
    (change) => !(old.has(canonicalJson(change)) && recent.has(canonicalJson(change))),
  );
  return [...new Set(fields.map(({ field }) => field))];
}
