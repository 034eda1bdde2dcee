// One item on one host: what the op needs goes along, what it said becomes a result.
import type { Bundles } from "../artifact/bundles.ts";
import { Failure } from "../core/failure.ts";
import type { Code } from "../core/problem-words.ts";
import type { HostClient } from "../host/client.ts";
import { configFiles } from "../host/config-files.ts";
import type { PlanItem } from "../plan/plan-item.ts";
import type { ReportedItem } from "../report/run-result.ts";
import { timedSteps } from "../report/timeline.ts";
import type { JournalEvent } from "../runtime/journal.ts";
import type { ObservedApp, Recorded } from "../runtime/observed.ts";
import type { Transaction } from "../runtime/transaction.ts";
import { endOf } from "./ended.ts";

export type Execution = {
  client: (host: string) => HostClient;
  secrets: ReadonlyMap<string, string>;
  bundles: Bundles;
  newOp: () => string;
  now: () => number;
  lockTimeoutMs: number;
  holder: string;
  /** The app as it was seen when its op had ended. */
  onSeen: (host: string, app: ObservedApp) => void;
};

export async function execute(
  item: PlanItem,
  onEvent: (event: JournalEvent) => void,
  { client, secrets, bundles, newOp, now, lockTimeoutMs, holder, onSeen }: Execution,
): Promise<ReportedItem> {
  const { app, host, transaction } = item;
  if (transaction === null) throw new Error(`nothing to execute for ${app} on ${host}`);
  const begin = now();
  const journal: JournalEvent[] = [];
  const files = filesFor(transaction, secrets);
  const staged = transaction.steps.flatMap(({ action }) => (action.verb === "stage" ? [action.digest] : []));
  const manifests = new Map(staged.map((digest) => [digest, bundles.manifest(digest)]));
  const ended = (rest: Pick<ReportedItem, "outcome" | "problem">): ReportedItem => ({
    item,
    steps: timedSteps(journal),
    durationMs: now() - begin,
    ...rest,
  });
  try {
    const { outcome, app: after } = await client(host).run(
      newOp(),
      { transaction, lockTimeoutMs, holder, manifests, files },
      async (digest, lacking) => {
        if (!manifests.has(digest)) throw new Error(`it asks for ${digest}, which is not to be staged there`);
        return bundles.bundle(digest, lacking);
      },
      (event) => {
        journal.push(event);
        onEvent(event);
      },
    );
    if (after !== null) onSeen(host, after);
    return ended(endOf(item, outcome, { journal, after }));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const [first] = error.problems;
    if (journal.length === 0 && NOT_BEGUN.has(first.code)) return ended({ outcome: "blocked", problem: first });
    // What became of it is not known here; the host ends it by itself, and the next run sees how.
    return ended({ outcome: "broken", problem: first });
  }
}

/** What keeps an op from being received. */
const NOT_BEGUN: ReadonlySet<Code> = new Set(["login_eats_input", "agent_not_put"]);

/** The configuration that goes along: of the spec that the transaction puts on record. */
function filesFor({ steps }: Transaction, secrets: ReadonlyMap<string, string>): Map<string, string> {
  const [state] = steps.flatMap(({ action }) => (action.verb === "record" ? [action.state] : []));
  const hasConfig = steps.some(({ action }) => action.verb === "config");
  return state === undefined || !hasConfig ? new Map() : configFiles((JSON.parse(state) as Recorded).spec, secrets);
}
