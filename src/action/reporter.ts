// Where a run is told: the log, the job summary, check runs, outputs. Renders nothing itself.
import { error as annotateError, warning as annotateWarning, setOutput, summary } from "@actions/core";
import type { Problem } from "../core/problem.ts";
import { wordsOf } from "../core/problem.ts";
import type { CheckAnnotation, CheckOutput, CheckRuns, Conclusion } from "../github/check-runs.ts";
import { cutToBytes } from "../report/markdown.ts";
import type { Mask } from "../report/mask.ts";
import type { Paint } from "../report/paint.ts";
import { coloured, plain } from "../report/paint.ts";
import { annotationOf, problemText } from "../report/problem-text.ts";

/** GitHub's limits: a check's summary (REST, checks), a step's summary (1 MiB; larger ones are dropped whole). */
const CHECK_SUMMARY_BYTES = 65_535;
const STEP_SUMMARY_BYTES = 1_000_000;
/** The runner keeps ten annotations of a kind a step; the checks carry all. */
const STEP_ANNOTATIONS = 10;

export class Reporter {
  private readonly mask: Mask;
  private readonly checks: CheckRuns | null;

  /** GitHub's log shows colours, and so do terminals; NO_COLOR (no-color.org) asks for none. */
  readonly paint: Paint;

  constructor(mask: Mask, checks: CheckRuns | null) {
    this.mask = mask;
    this.checks = checks;
    const isShown = process.env.GITHUB_ACTIONS === "true" || process.stdout.isTTY === true;
    this.paint = isShown && !process.env.NO_COLOR ? coloured : plain;
  }

  /** Text in the log. The runner obeys lines such as `::error::…`: what a host says must not become one. */
  say = (text: string): void => {
    for (const line of this.mask(text).split(/\r\n|\r|\n/)) {
      const harmless = line.replace(/^(\s*)::/, "$1\u200b::").replaceAll("##[", "#\u200b#[");
      process.stdout.write(`${harmless}\n`);
    }
  };

  /** Problems in the log, and as annotations where they stand in a file. */
  problems(problems: readonly Problem[], level: "error" | "warning"): void {
    for (const problem of problems) for (const line of problemText(this.mask(problem))) this.say(line);
    const annotate = level === "error" ? annotateError : annotateWarning;
    for (const problem of problems.slice(0, STEP_ANNOTATIONS)) {
      const annotation = annotationOf(this.mask(problem));
      if (annotation === null) continue;
      const { file, line, column, title, message } = annotation;
      annotate(message, { file, startLine: line, startColumn: column, title });
    }
  }

  begin(check: string, title: string, markdown: string): void {
    this.checks?.begin(check, this.output(title, markdown));
  }

  update(check: string, title: string, markdown: string): void {
    this.checks?.update(check, this.output(title, markdown));
  }

  conclude(
    check: string,
    conclusion: Conclusion,
    { title, markdown, problems = [] }: { title: string; markdown: string; problems?: readonly Problem[] },
  ): void {
    const annotations = problems.flatMap((problem) => checkAnnotation(this.mask(problem)) ?? []);
    this.checks?.conclude(check, conclusion, { ...this.output(title, markdown), annotations });
  }

  /** Words of ours stay as they are, whatever a secret may be; in values for machines secrets are masked. */
  setOutput(name: string, value: string | object): void {
    setOutput(name, typeof value === "string" ? value : JSON.stringify(this.mask(value)));
  }

  async summary(markdown: string): Promise<void> {
    // Not set outside of GitHub Actions; the log has all of it.
    if (!process.env.GITHUB_STEP_SUMMARY) return;
    await summary.addRaw(cutToBytes(this.mask(markdown), STEP_SUMMARY_BYTES), true).write();
  }

  private output(title: string, markdown: string): CheckOutput {
    return { title: this.mask(title), summary: cutToBytes(this.mask(markdown), CHECK_SUMMARY_BYTES) };
  }
}

function checkAnnotation(problem: Problem): CheckAnnotation | null {
  const annotation = annotationOf(problem);
  if (annotation === null) return null;
  const { file, line, title } = annotation;
  const { message, remedy } = wordsOf(problem);
  return {
    path: file,
    start_line: line,
    end_line: line,
    annotation_level: "failure",
    title,
    message: `${message}\n${remedy}`,
  };
}
