// The output `plan`: what other jobs and tools are told of a plan, and what comes back as an approval. schema/plan.schema.json is
// made from this; `schema` counts up when the meaning of a field changes, fields may be added.
import { z } from "zod";
import { wordsOf } from "../core/problem.ts";
import type { Step } from "../runtime/transaction.ts";
import { deedsOf } from "./deeds.ts";
import type { Plan, PlanItem, Rehearsal } from "./plan-item.ts";

const text = z.string();

const change = z.object({
  field: text.describe("The field's path in the spec, such as env.port."),
  from: text.nullable().describe("What is on record; null where there is nothing."),
  to: text.nullable().describe("What is wanted; null where there is nothing. Of a secret only its name is shown."),
  file: text.nullable().optional().describe("Where it stands now."),
  line: z.number().nullable().optional(),
});

const host = z.object({
  host: text.describe("The host's name in the fleet file."),
  address: text,
  port: z.number(),
  user: text,
  root: text,
  hostKey: text.nullable().describe("The key that the fleet file pins; null where it pins none."),
});

const step = z.object({
  id: text,
  action: z.object({
    verb: text,
    digest: text.optional().describe("Of the release's contents, where one is sent."),
    release: text.nullish().describe("The release's directory on the host."),
  }),
});

const hot = z.object({
  isDowngrade: z.boolean().optional().describe("It leads to an older version."),
  applications: z
    .array(
      z.object({
        name: text,
        from: text.nullable(),
        to: text.nullable(),
        origin: z
          .enum(["relup", "appup", "generated"])
          .nullable()
          .describe("Where its instructions come from; null where it is added or removed as a whole."),
      }),
    )
    .readonly(),
  loaded: z.array(text).readonly().describe("Modules whose code is loaded anew."),
  added: z.array(text).readonly(),
  deleted: z.array(text).readonly(),
  migrated: z.array(text).readonly().describe("Modules whose processes change their state (code_change)."),
  consolidated: z.array(text).readonly().describe("Elixir's consolidated protocols that are replaced."),
});

const item = z.object({
  app: text,
  host: text.describe("The host's name in the fleet file."),
  action: z.enum(["deploy", "upgrade", "reconfigure", "remove", "none"]),
  cause: z
    .enum(["spec", "drift", "retry", "rollback"])
    .nullable()
    .optional()
    .describe(
      "Why: the commits differ, the host differs though they do not, an earlier run did not get there, people ask.",
    ),
  strategy: text,
  from: text.nullable().describe("The version on record."),
  to: text.nullable().describe("The version wanted."),
  changes: z.array(change).readonly(),
  interruption: z.enum(["none", "drain", "restart"]).describe("What clients will notice."),
  sendBytes: z.number().optional().describe("The size of the release, where the host lacks it. Less is sent."),
  hot: hot
    .extend({
      through: z
        .array(hot.extend({ version: text }))
        .readonly()
        .optional()
        .describe("Versions that it becomes before, one after the other."),
    })
    .nullable()
    .optional()
    .describe("What a hot upgrade does to the VM that runs; null where there is none."),
  rehearsal: z
    .object({
      result: z.enum(["passed", "failed", "impossible"]),
      message: text.optional().describe("Why it failed, or was not possible."),
      durationMs: z.number().optional().describe("How long the way there and back took."),
      suspendedMs: z.number().optional().describe("For how long processes were suspended at the most."),
      wayBack: z.enum(["hot", "restart"]).optional().describe("How the old version was there again."),
      standIns: z.array(text).readonly().optional().describe("Secrets that it had other values for (a pull request)."),
    })
    .optional()
    .describe("How the hot upgrade went on the runner, with the input rehearse."),
  warnings: z.array(text).readonly().optional(),
  unknownSecrets: z
    .array(text)
    .readonly()
    .optional()
    .describe(
      "Secrets that the spec names and the plan was not given: the apply knows them, and whether they have changed.",
    ),
  blocked: z
    .object({ code: text, message: text.optional() })
    .nullable()
    .describe("Why nothing is done, though something is wanted."),
  wave: z.number().optional().describe("Items of a lower wave are done before those of a higher one."),
  transaction: z
    .object({
      does: text
        .optional()
        .describe("A digest of all that its steps do, and how each is undone. Plans of before version 0.2 have none."),
      steps: z.array(step).readonly(),
    })
    .nullable()
    .describe("What the host will be asked to do; null where nothing is done."),
});

/** A plan as JSON. */
export const planJson = z.object({
  schema: z.literal(1),
  environment: text,
  hosts: z
    .array(host)
    .readonly()
    .optional()
    .describe("How the hosts of the items are reached. Plans of before version 0.2 do not say it."),
  hostChanges: z
    .array(change.extend({ host: text }))
    .readonly()
    .optional()
    .describe("Fields of the fleet file by which hosts are reached otherwise than at the base commit."),
  items: z.array(item).readonly().describe("What one app means to one host, each."),
  isCut: z.literal(true).optional().describe("The items are left out: there are too many for an environment variable."),
  digest: text.describe(
    "sha256 of what the items do in that environment, and on which hosts: equal digests do the same.",
  ),
});

export type PlanJson = z.infer<typeof planJson>;

/** An environment variable holds 128 kB (execve(2), MAX_ARG_STRLEN), and this comes back as one. */
const LARGEST_OUTPUT = 100_000;

/** A plan as it goes out. Of one that is too large only the digest: it says what is approved, too. */
export function planJsonOf({ schema, environment, hosts, hostChanges, items, digest }: Plan): PlanJson {
  const none = { schema, environment, items: [], digest };
  const bare = { ...none, hosts, hostChanges };
  const kept: PlanJson["items"][number][] = [];
  // A comma comes before each item but the first.
  let length = JSON.stringify(bare).length - 1;
  for (const item of items) {
    const json = itemJson(item);
    length += JSON.stringify(json).length + 1;
    if (length > LARGEST_OUTPUT) return { ...none, isCut: true };
    kept.push(json);
  }
  return { ...bare, items: kept };
}

function itemJson({ unmet: _, blocked, transaction, rehearsal, ...of }: PlanItem): PlanJson["items"][number] {
  return {
    ...of,
    ...(rehearsal === undefined ? {} : { rehearsal: rehearsalJson(rehearsal) }),
    blocked: blocked === null ? null : { code: blocked.code, message: wordsOf(blocked).message },
    transaction: transaction && { does: deedsOf(transaction), steps: transaction.steps.map(stepJson) },
  };
}

const stepJson = ({ id, action }: Step): z.infer<typeof step> => ({
  id,
  action: {
    verb: action.verb,
    ...("digest" in action ? { digest: action.digest } : {}),
    ...("release" in action ? { release: action.release } : {}),
  },
});

const rehearsalJson = (rehearsal: Rehearsal): NonNullable<PlanJson["items"][number]["rehearsal"]> =>
  rehearsal.result === "passed"
    ? rehearsal
    : {
        result: rehearsal.result,
        message: rehearsal.why,
        ...(rehearsal.standIns === undefined ? {} : { standIns: rehearsal.standIns }),
      };
