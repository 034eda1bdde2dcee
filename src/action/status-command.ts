import { Failure } from "../core/failure.ts";
import type { Problem } from "../core/problem.ts";
import { unreadableProblem } from "../plan/unreadable-record.ts";
import { block, literal, table } from "../report/markdown.ts";
import { problemText } from "../report/problem-text.ts";
import type { CodeState } from "../runtime/app-state.ts";
import { codeDrift } from "../runtime/app-state.ts";
import type { ObservedHost } from "../runtime/observed.ts";
import { checkName } from "./check-names.ts";
import type { FleetSession, Observed } from "./fleet-session.ts";
import type { Run } from "./run.ts";
import { stateOf } from "./state-of.ts";
import type { Wanted } from "./wanted.ts";

/** Says what each app's state is on every host. Whether all that is wanted runs and is not unhealthy. */
export async function status(
  { inputs, context, reporter, session }: Run,
  wanted: Wanted,
  observed: Observed,
): Promise<boolean> {
  const { hosts } = wanted.fleet;
  const ours = { repository: `${context.owner}/${context.repo}`, environment: inputs.environment };
  const { codes, unasked } = await codesOf(observed.hosts, session);
  const unreadable = observed.hosts.flatMap(({ host, apps }) => {
    const place = hosts.find(({ name }) => name === host);
    return place === undefined ? [] : apps.flatMap((app) => unreadableProblem(app, place, ours) ?? []);
  });
  const problems = [...observed.problems.values(), ...unasked, ...unreadable];
  const state = stateOf(hosts, observed.hosts, (host, app) => codes.get(`${host}/${app}`) ?? null);
  const rows = Object.entries(state).flatMap(([app, byHost]) =>
    Object.entries(byHost).map(([host, it]) => {
      const present = observed.hosts.find((o) => o.host === host)?.apps.find(({ name }) => name === app);
      const saw = present?.health.saw ?? "";
      const supervisor = it.isolation === "vm" ? (present?.recorded?.supervisor ?? null) : null;
      return { app, host, it, saw, supervisor, drift: it.code === null ? [] : codeDrift(it.code) };
    }),
  );
  reporter.problems(problems, "error");
  for (const { app, host, it, saw, drift, supervisor } of rows) {
    reporter.say(`${host}/${app} ${it.version ?? ""} ${it.status}, ${it.health} (${saw})`);
    if (supervisor === "daemon")
      reporter.say("    warning: nothing starts it again after a crash or a reboot (supervisor: daemon)");
    for (const words of drift) reporter.say(`    warning: drift: it ${words}`);
    reporter.say(`    ${JSON.stringify(it)}`);
  }
  if (rows.length === 0) reporter.say("No app is on record on these hosts.");

  const isWell =
    problems.length === 0 &&
    rows.every(({ it, drift }) => it.status === "running" && it.health !== "unhealthy" && drift.length === 0);
  const word = isWell ? "synced" : rows.length === 0 ? "error" : "degraded";
  const lines = table(
    ["App", "Host", "Version", "Status", "Health", "Since"],
    rows.map(({ app, host, it }) => [
      literal(app),
      literal(host),
      literal(it.version ?? ""),
      it.status,
      it.health,
      it.started_at ?? "",
    ]),
  );
  const markdown = [
    `## ${literal(inputs.environment)}: ${word}`,
    "",
    ...lines,
    ...rows.flatMap(({ app, host, drift }) => drift.map((words) => `\n- ⚠️ ${literal(`${host}/${app} ${words}`)}`)),
    ...rows.flatMap(({ app, host, supervisor }) =>
      supervisor === "daemon"
        ? [`\n- ⚠️ ${literal(`${host}/${app} is not started again after a crash or a reboot`)}`]
        : [],
    ),
    ...problems.flatMap((problem) => ["", ...block(problemText(problem))]),
    "",
  ].join("\n");
  reporter.setOutput("status", word);
  reporter.setOutput("state", state);
  reporter.conclude(checkName(null, inputs.environment), isWell ? "success" : "failure", {
    title: `${word}: ${rows.length} apps looked at`,
    markdown,
  });
  await reporter.summary(markdown);
  return isWell;
}

/** Of each app that runs, what code its VM has; of those that don't tell, nothing. Hosts that could not even be asked are problems. */
async function codesOf(
  observed: readonly ObservedHost[],
  session: FleetSession,
): Promise<{ codes: Map<string, CodeState>; unasked: Problem[] }> {
  const codes = new Map<string, CodeState>();
  const unasked: Problem[] = [];
  await Promise.all(
    observed.map(async ({ host, apps }) => {
      const names = apps.filter(({ running }) => running?.isUpgradable === true).map(({ name }) => name);
      try {
        for (const { app, ...code } of await session.client(host).code(names)) codes.set(`${host}/${app}`, code);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        unasked.push(error.problems[0]);
      }
    }),
  );
  return { codes, unasked };
}
