import { Bundles } from "../artifact/bundles.ts";
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";
import { isAsApproved, planDifferences } from "../plan/approved-plan.ts";
import type { Plan, PlanItem } from "../plan/plan-item.ts";
import { isOfUnseenHost } from "../plan/plan-item.ts";
import type { PlanJson } from "../plan/plan-json.ts";
import { withheld } from "../plan/rehearsals.ts";
import { grouped } from "../report/plan-markdown.ts";
import { itemTitle, planSummary } from "../report/plan-text.ts";
import { appMarkdown, resultMarkdown } from "../report/result-markdown.ts";
import { itemResultText, resultText } from "../report/result-text.ts";
import type { ReportedItem, RunResult } from "../report/run-result.ts";
import { outputCounts, statusOf } from "../report/run-result.ts";
import { eventText, stepText } from "../report/timeline.ts";
import type { Execution } from "../rollout/execute.ts";
import { execute } from "../rollout/execute.ts";
import type { RolloutEvent } from "../rollout/rollout.ts";
import { rollout } from "../rollout/rollout.ts";
import type { ObservedApp } from "../runtime/observed.ts";
import { checkName } from "./check-names.ts";
import type { MadePlan } from "./make-plan.ts";
import { rehearsalProblems } from "./rehearsal-problems.ts";
import type { Run } from "./run.ts";
import { stateOf } from "./state-of.ts";
import { unhealthyProblems } from "./unhealthy.ts";
import type { Wanted } from "./wanted.ts";

/** After a cancel GitHub leaves 7.5 s, then 2.5 s more (GitHub docs, "Canceling a workflow"); the report needs some of it. */
const CANCEL_GRACE_MS = 4_000;

/** Carries a plan out, and reports how it ended. Whether everything is as wanted. */
export async function apply(run: Run, wanted: Wanted, made: MadePlan): Promise<boolean> {
  const { inputs, reporter } = run;
  const { refused, observed } = made;
  refuseStale(inputs.approvedPlan, made.plan);
  if (refused !== null) throw new Failure([refused]);
  const plan = withheld(made.plan);
  reporter.problems(rehearsalProblems(plan, wanted, "impossible"), "warning");
  const hostProblems = [...observed.problems.values(), ...unhealthyProblems(plan, observed.hosts)];
  reporter.problems(hostProblems, "error");
  for (const [app, items] of grouped(shown(plan)))
    reporter.begin(checkName(app, inputs.environment), "in progress", items.map(itemTitle));

  const seen = new Map<string, ObservedApp[]>();
  const items = await carriedOut(run, wanted, { ...made, plan }, (host, app) =>
    seen.set(host, [...(seen.get(host) ?? []), app]),
  );
  const state = await stateAfter(run, wanted, made, items, seen);
  const problems = [
    ...hostProblems,
    ...items.flatMap(({ item, problem }) => (isSaid(item, problem) ? [] : (problem ?? []))),
  ];
  const result: RunResult = {
    environment: inputs.environment,
    items,
    problems: hostProblems,
    status: statusOf(items, hostProblems),
    state,
  };
  reporter.problems(problems.slice(hostProblems.length), "error");
  for (const line of resultText(result)) reporter.say(line);
  await report(run, plan, result);
  return result.status === "synced";
}

/** An item that is blocked only because its host could not be looked at adds nothing to the host's own problem. */
const isSaid = (item: PlanItem, of: ReportedItem["problem"]): boolean => isOfUnseenHost(of) && item.blocked === of;

const shown = (plan: Plan): PlanItem[] =>
  plan.items.filter((item) => item.transaction !== null || item.blocked !== null);

function refuseStale(approved: PlanJson | null, plan: Plan): void {
  if (approved === null || isAsApproved(approved, plan)) return;
  const facts = { differences: planDifferences(approved, plan) };
  throw new Failure([problem("plan_stale", { in: "input", name: "plan" }, facts)]);
}

async function carriedOut(
  run: Run,
  wanted: Wanted,
  { plan, releases, passed }: MadePlan,
  onSeen: Execution["onSeen"],
): Promise<ReportedItem[]> {
  const { inputs, context, session, signal, directory, room } = run;
  const bundles = new Bundles([...releases.values(), ...passed], directory, room);
  const spec = (app: string) => wanted.desired.get(app)?.spec;
  const ended = new Map<PlanItem, ReportedItem>();
  const finished = rollout(
    plan,
    (item, onEvent) =>
      execute(item, onEvent, {
        client: session.client,
        secrets: inputs.secrets,
        bundles,
        newOp: run.newOp,
        now: Date.now,
        lockTimeoutMs: inputs.lockTimeoutMs,
        holder: `${context.owner}/${context.repo}, ${context.runUrl}, started by ${context.actor}`,
        onSeen,
      }),
    {
      concurrency: inputs.concurrency,
      maxFailures: (app) => spec(app)?.rollout.max_failures ?? 0,
      dependencies: (app) => spec(app)?.depends_on ?? [],
      signal,
      onEvent: (event) => {
        if (event.kind === "finished") ended.set(event.result.item, event.result);
        tell(run, event);
      },
    },
  );
  const cancelled = new Promise<"cancelled">((resolve) => {
    signal.addEventListener("abort", () => setTimeout(() => resolve("cancelled"), CANCEL_GRACE_MS), { once: true });
  });
  const results = await Promise.race([finished, cancelled]);
  if (results !== "cancelled") return results;
  return plan.items.map((item) => ended.get(item) ?? stillRunning(item));
}

/** What a cancelled run must leave: the op on the host ends by itself. */
const stillRunning = (item: PlanItem): ReportedItem => ({
  item,
  outcome: "broken",
  problem: problem("op_unfinished", { in: "host", host: item.host, app: item.app }, { waitedMs: CANCEL_GRACE_MS }),
  steps: [],
  durationMs: 0,
});

function tell({ reporter, inputs }: Run, event: RolloutEvent): void {
  if (event.kind === "started") {
    reporter.say(`${itemTitle(event.item)} …`);
  } else if (event.kind === "journal") {
    const text = eventText(event.event);
    if (text === null) return;
    reporter.say(`${event.item.host}/${event.item.app}: ${text}`);
  } else if (event.result.item.transaction !== null) {
    reporter.say(itemResultText(event.result));
    const { steps } = event.result;
    if (steps.length > 0) reporter.say(`    ${steps.map(stepText).join(", ")}`);
    reporter.update(checkName(event.result.item.app, inputs.environment), "in progress", [
      itemResultText(event.result),
    ]);
  }
}

/** Each op's end told how its app is; hosts of ops whose end was not heard of are looked at again. */
async function stateAfter(
  { session }: Run,
  wanted: Wanted,
  { observed }: MadePlan,
  items: readonly ReportedItem[],
  seen: ReadonlyMap<string, readonly ObservedApp[]>,
) {
  const { hosts } = wanted.fleet;
  const isSeen = ({ item }: ReportedItem): boolean =>
    seen.get(item.host)?.some(({ name }) => name === item.app) === true;
  const unheard = new Set(items.filter((it) => it.steps.length > 0 && !isSeen(it)).map(({ item }) => item.host));
  const again = await session.observe(
    hosts.filter(({ name }) => unheard.has(name)),
    [...wanted.desired.keys()],
  );
  const latest = observed.hosts.map((before) => {
    const own = seen.get(before.host) ?? [];
    const others = before.apps.filter(({ name }) => own.every((app) => app.name !== name));
    return again.hosts.find(({ host }) => host === before.host) ?? { ...before, apps: [...others, ...own] };
  });
  return stateOf(hosts, latest);
}

async function report({ inputs, reporter }: Run, plan: Plan, result: RunResult): Promise<void> {
  for (const [app, items] of grouped(result.items.map((reported) => ({ app: reported.item.app, ...reported })))) {
    const isWell = items.every(({ outcome }) => outcome === "deployed" || outcome === "unchanged");
    const worst = items.find(({ problem }) => problem !== null) ?? items[0];
    reporter.conclude(checkName(app, inputs.environment), isWell ? "success" : "failure", {
      title: worst === undefined ? app : itemResultText(worst),
      markdown: appMarkdown(app, result),
      problems: items.flatMap(({ problem }) => problem ?? []),
    });
  }
  reporter.conclude(checkName(null, inputs.environment), result.status === "synced" ? "success" : "failure", {
    title: `${result.status}: ${planSummary(plan)}`,
    markdown: resultMarkdown(result),
  });
  for (const [name, count] of Object.entries(outputCounts(result))) reporter.setOutput(name, String(count));
  reporter.setOutput("status", result.status);
  reporter.setOutput("state", result.state);
  await reporter.summary(resultMarkdown(result));
}
