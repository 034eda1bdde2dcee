import { block, literal, table } from "../report/markdown.ts";
import { problemText } from "../report/problem-text.ts";
import { checkName } from "./check-names.ts";
import type { Run } from "./run.ts";
import { stateOf } from "./state-of.ts";
import type { Wanted } from "./wanted.ts";

/** Looks at every host and says what each app's state is. Whether all that is wanted runs and is not unhealthy. */
export async function status({ inputs, reporter, session }: Run, wanted: Wanted): Promise<boolean> {
  const { hosts } = wanted.fleet;
  const observed = await session.observe(hosts, [...wanted.desired.keys()]);
  const problems = [...observed.problems.values()];
  const state = stateOf(hosts, observed.hosts);
  const rows = Object.entries(state).flatMap(([app, byHost]) =>
    Object.entries(byHost).map(([host, it]) => {
      const saw = observed.hosts.find((o) => o.host === host)?.apps.find(({ name }) => name === app)?.health.saw ?? "";
      return { app, host, it, saw };
    }),
  );
  reporter.problems(problems, "error");
  for (const { app, host, it, saw } of rows) {
    reporter.say(`${host}/${app} ${it.version ?? ""} ${it.status}, ${it.health} (${saw})`);
    reporter.say(`    ${JSON.stringify(it)}`);
  }
  if (rows.length === 0) reporter.say("No app is on record on these hosts.");

  const isWell = problems.length === 0 && rows.every(({ it }) => it.status === "running" && it.health !== "unhealthy");
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
