import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { fieldChanges } from "../plan/field-changes.ts";
import { hasChanges } from "../plan/plan-item.ts";
import { planJsonOf } from "../plan/plan-json.ts";
import { weighed } from "../plan/weighed.ts";
import { block, literal } from "../report/markdown.ts";
import { planMarkdown } from "../report/plan-markdown.ts";
import { changeLines, hostChangeLines, planSummary, planText } from "../report/plan-text.ts";
import { checkName } from "./check-names.ts";
import type { MadePlan } from "./make-plan.ts";
import { rehearsalProblems } from "./rehearsal-problems.ts";
import type { Run } from "./run.ts";
import { unhealthyProblems } from "./unhealthy.ts";
import { unsupervised } from "./unsupervised.ts";
import type { Wanted } from "./wanted.ts";

/** Shows a plan: log and outputs; `apply` goes on from there. */
export function showPlan({ inputs, reporter }: Run, { plan, observed }: MadePlan): void {
  for (const line of planText(plan, reporter.paint)) reporter.say(line);
  const foreign = observed.hosts.flatMap(({ host, apps }) =>
    apps.flatMap((app) =>
      plan.items.some((item) => item.host === host && item.app === app.name) || app.recorded === null
        ? []
        : [
            `${host}/${app.name} belongs to ${app.recorded.owner.repository}, environment ${app.recorded.owner.environment}: left alone`,
          ],
    ),
  );
  for (const line of foreign) reporter.say(`  ${line}`);
  const output = planJsonOf(plan);
  reporter.setOutput("plan", output);
  if (inputs.command === "plan")
    reporter.problems(secretsInPlan(reporter.shown(JSON.stringify(output)), inputs.secrets), "warning");
  reporter.setOutput("plan-digest", plan.digest);
  reporter.setOutput("has-changes", String(hasChanges(plan)));
  reporter.setOutput("changes", String(plan.items.filter((item) => item.transaction !== null).length));
}

/** Secrets that no spec names, and that stand in what is handed over all the same: GitHub hides all of a job's. */
export const secretsInPlan = (shown: string, secrets: ReadonlyMap<string, string>): Problem[] =>
  [...secrets].flatMap(([secret, value]) =>
    shown.includes(JSON.stringify(value).slice(1, -1))
      ? [problem("secret_in_plan", { in: "input", name: "secrets" }, { secret })]
      : [],
  );

/**
 * Ends a plan that is not carried out. Whether it may be: not refused, no rehearsal failed, and something can go on. What is held, or a
 * host that is down, is a warning then, and an error of the apply, which does the rest.
 */
export async function concludePlan(
  { inputs, context, reporter }: Run,
  wanted: Wanted,
  { plan, refused, observed }: MadePlan,
): Promise<boolean> {
  // Not what a merge would change; where drift is only reported, it is what is asked about.
  const unhealthy = unhealthyProblems(plan, observed.hosts);
  if (inputs.onDrift === "heal") reporter.problems(unhealthy, "warning");
  reporter.problems(rehearsalProblems(plan, wanted, "impossible"), "warning");
  const alone = unsupervised(plan, observed.hosts, wanted.fleet.hosts);
  reporter.problems(alone, "warning");
  const whole = [...(refused === null ? [] : [refused]), ...rehearsalProblems(plan, wanted, "failed")];
  // A host that the pull request changes is planned once it is merged: that alone is nothing wrong.
  const { later = [], silent = [] } = Object.groupBy(observed.problems.values(), ({ code }) =>
    code === "host_not_contacted" ? "later" : "silent",
  );
  reporter.problems(later, "warning");
  const { errors, warnings } = weighed(plan, silent, {
    isStrict: inputs.strict || inputs.onDrift === "report",
    isProposal: context.proposal !== null,
  });
  reporter.problems(warnings, "warning");
  const problems = [...whole, ...errors, ...(inputs.onDrift === "report" ? unhealthy : [])];
  reporter.problems(problems, "error");
  const markdown = planMarkdown(plan, [...whole, ...observed.problems.values(), ...unhealthy, ...alone]);
  reporter.conclude(checkName(null, inputs.environment), problems.length === 0 ? "success" : "failure", {
    title: planSummary(plan),
    markdown,
    problems,
  });
  await reporter.summary(markdown);
  return problems.length === 0;
}

/** Without a key no host can be looked at (a fork's pull request): only what changes in the specs is shown. */
export async function showSpecChanges(
  { inputs, reporter }: Pick<Run, "inputs" | "reporter">,
  { previous, desired, hostChanges }: Wanted,
): Promise<void> {
  const lines: string[] = [];
  for (const [name, app] of desired) {
    const before = previous.get(name)?.spec ?? null;
    const changes = fieldChanges(before, app);
    if (before === null) lines.push(`${name}: new, version ${app.spec.version}`);
    else if (changes.length > 0) lines.push(`${name}:`, ...changeLines(changes).map((line) => `    ${line}`));
  }
  lines.push(...hostChangeLines(hostChanges));
  lines.push(...[...previous.keys()].filter((name) => !desired.has(name)).map((name) => `${name}: removed`));
  if (lines.length === 0) lines.push("No spec changes.");
  const said = "No ssh-key: no host was looked at, so this shows only what changes in the specs.";
  for (const line of [said, ...lines]) reporter.say(line);
  const markdown = [`## Spec changes for ${literal(inputs.environment)}`, "", said, "", ...block(lines), ""].join("\n");
  reporter.conclude(checkName(null, inputs.environment), "neutral", { title: "spec changes only", markdown });
  await reporter.summary(markdown);
}
