// What a reporter shows on every surface: what the step printed, its file commands, and what GitHub would be sent.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, vi } from "vitest";
import { Reporter } from "../../src/action/reporter.ts";
import type { Problem } from "../../src/core/problem.ts";
import type { CheckOutput } from "../../src/github/check-runs.ts";
import { planJsonOf } from "../../src/plan/plan-json.ts";
import { planMarkdown } from "../../src/report/plan-markdown.ts";
import { itemTitle, planText } from "../../src/report/plan-text.ts";
import { problemText } from "../../src/report/problem-text.ts";
import { appMarkdown, resultMarkdown } from "../../src/report/result-markdown.ts";
import { itemResultText, resultText } from "../../src/report/result-text.ts";
import type { ReportedItem } from "../../src/report/run-result.ts";
import { item, planOf, reported, resultOf } from "../unit/report/results.ts";

export type Shown = {
  log: string;
  /** How many lines were said. */
  said: number;
  summary: string;
  outputs: string;
  checks: { name: string; output: CheckOutput }[];
};

export type Told = { text: string; problems: readonly Problem[] };

// @actions/core keeps the first path that it was given.
const directory = mkdtempSync(join(tmpdir(), "shown-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Tells a text and problems wherever a run tells any. */
export async function shown(told: Told, secrets: readonly string[] = []): Promise<Shown> {
  const file = (name: string): string => {
    const path = join(directory, name);
    writeFileSync(path, "");
    return path;
  };
  const [summaryFile, outputFile] = [file("summary"), file("output")];
  vi.stubEnv("GITHUB_STEP_SUMMARY", summaryFile);
  vi.stubEnv("GITHUB_OUTPUT", outputFile);
  vi.stubEnv("GITHUB_ACTIONS", "true");
  vi.stubEnv("NO_COLOR", undefined);
  let log = "";
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    log += String(chunk);
    return true;
  });
  const checks: Shown["checks"] = [];
  const keep = (name: string, output: CheckOutput): void => void checks.push({ name, output });
  const reporter = new Reporter(secrets, {
    begin: keep,
    update: keep,
    conclude: (name, _, output) => keep(name, output),
  });
  // What the runner itself is told to hide.
  log = "";
  try {
    const said = tell(reporter, told);
    const markdown = markdownOf(told);
    await reporter.summary(markdown);
    return {
      log,
      said,
      summary: readFileSync(summaryFile, "utf8"),
      outputs: readFileSync(outputFile, "utf8"),
      checks,
    };
  } finally {
    stdout.mockRestore();
    vi.unstubAllEnvs();
  }
}

function planFor({ text, problems }: Told) {
  const change = { field: text, from: text, to: text, file: text, line: 3 };
  const items = [
    item({ app: text, host: text, from: text, to: text, changes: [change], warnings: [text] }),
    ...problems.map((blocked) => item({ action: "none", transaction: null, blocked })),
  ];
  return { ...planOf(...items), environment: text };
}

function resultFor({ text, problems }: Told) {
  const steps = [{ step: text, durationMs: 1, result: "failed" as const }];
  const items: ReportedItem[] = problems.map((problem) =>
    reported({ item: item({ app: text, host: text }), outcome: "rolled_back", problem, steps }),
  );
  return resultOf(items, { environment: text, problems, state: { [text]: {} } });
}

const markdownOf = (told: Told): string =>
  [
    planMarkdown(planFor(told), told.problems),
    resultMarkdown(resultFor(told)),
    appMarkdown(told.text, resultFor(told)),
  ].join("\n");

/** How many lines that were. */
function tell(reporter: Reporter, told: Told): number {
  const { text, problems } = told;
  const result = resultFor(told);
  const lines = [text, ...planText(planFor(told), reporter.paint), ...resultText(result)];
  for (const line of lines) reporter.say(line);
  reporter.problems(problems, "error");
  reporter.problems(problems, "warning");
  reporter.begin(text, text, [text, ...planFor(told).items.map(itemTitle)]);
  reporter.update(text, text, result.items.map(itemResultText));
  reporter.conclude(text, "failure", { title: text, markdown: markdownOf(told), problems });
  reporter.setOutput("plan", planJsonOf(planFor(told)));
  reporter.setOutput("state", { [text]: { status: text, tail: [text] } });
  // Errors all are; warnings only where they stand in a file.
  const annotated = problems.filter(({ where }) => where.in === "spec").length;
  return lines.length + 2 * problems.flatMap(problemText).length + problems.length + annotated;
}
