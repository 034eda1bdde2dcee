// Where a run is told: the log, the job summary, check runs, outputs. Renders nothing itself. Whatever hosts, apps and specs say
// goes through here, and nowhere else: here it is cleaned and masked, once for each surface.
import { randomBytes } from "node:crypto";
import { error as annotateError, warning as annotateWarning, setOutput, setSecret, summary } from "@actions/core";
import type { Problem } from "../core/problem.ts";
import { shortened } from "../core/shortened.ts";
import type { CheckAnnotation, CheckOutput, CheckRuns, Conclusion } from "../github/check-runs.ts";
import { block, cutToBytes, literal } from "../report/markdown.ts";
import { type Mask, maskFor } from "../report/mask.ts";
import type { Paint } from "../report/paint.ts";
import { colouredAt, marking, plain } from "../report/paint.ts";
import { cleaned, logLine, oneLine } from "../report/plain-text.ts";
import { type Annotation, annotationOf, problemText } from "../report/problem-text.ts";

/** GitHub's limits: a check's summary (REST, checks), a step's summary (1 MiB; larger ones are dropped whole). */
const CHECK_SUMMARY_BYTES = 65_535;
const STEP_SUMMARY_BYTES = 1_000_000;
/** What a check and its annotations take of a title, in characters, and of a message (64 KB; REST, checks). */
const TITLE_LENGTH = 250;
const MESSAGE_LENGTH = 15_000;
/** The runner keeps ten annotations of a kind a step; the checks carry all. */
const STEP_ANNOTATIONS = 10;

type Checks = Pick<CheckRuns, "begin" | "update" | "conclude">;

export class Reporter {
  private mask: Mask = (value) => value;
  private readonly hidden = new Set<string>();
  /** What was warned of; a summary has it, too. */
  private readonly warned: Problem[] = [];
  private readonly checks: Checks | null;
  private readonly paintMark = privateMark();

  /** GitHub's log shows colours, and so do terminals; NO_COLOR (no-color.org) asks for none. Only of use in what is said. */
  readonly paint: Paint;

  constructor(secrets: readonly string[], checks: Checks | null) {
    this.hide(secrets);
    this.checks = checks;
    const isShown = process.env.GITHUB_ACTIONS === "true" || process.stdout.isTTY === true;
    this.paint = isShown && !process.env.NO_COLOR ? marking(this.paintMark) : plain;
  }

  /** From here on these are shown nowhere, by us or by the runner. Those that are too short to be told from words stay. */
  hide(secrets: readonly string[]): void {
    const fresh = secrets.filter((secret) => secret.trim() !== "" && !this.hidden.has(secret));
    if (fresh.length === 0) return;
    for (const secret of fresh) {
      this.hidden.add(secret);
      setSecret(secret);
    }
    this.mask = maskFor(this.hidden);
  }

  /** Text as anybody may see it. */
  shown = (text: string): string => this.mask(cleaned(text));

  /** One line in the log, which is no command to the runner. */
  say = (text: string): void => this.write(this.shown(text));

  /** Problems in the log, and as annotations where they stand in a file. */
  problems(problems: readonly Problem[], level: "error" | "warning"): void {
    // All that was quoted at once: a secret may stand on several lines of it.
    for (const problem of problems)
      for (const line of this.shown(problemText(problem).join("\n")).split("\n")) this.write(line);
    if (level === "warning") this.warned.push(...problems);
    const annotate = level === "error" ? annotateError : annotateWarning;
    for (const problem of problems.slice(0, STEP_ANNOTATIONS)) {
      const annotation = this.annotation(problem);
      if (annotation === null) {
        // GitHub shows it above the log, and on the run's page.
        if (level === "error")
          annotateError(logLine(this.shown(oneLine(problemText(problem).slice(0, 2).join(" ")))), {
            title: problem.code,
          });
        continue;
      }
      const { file, line, column, title, message } = annotation;
      annotate(message, { file, startLine: line, startColumn: column, title });
    }
  }

  /** Begins a check; it shows lines as they are. */
  begin(check: string, title: string, lines: readonly string[]): void {
    this.checks?.begin(oneLine(check), this.output(title, paragraphs(lines)));
  }

  update(check: string, title: string, lines: readonly string[]): void {
    this.checks?.update(oneLine(check), this.output(title, paragraphs(lines)));
  }

  conclude(
    check: string,
    conclusion: Conclusion,
    { title, markdown, problems = [] }: { title: string; markdown: string; problems?: readonly Problem[] },
  ): void {
    const annotations = problems.flatMap((problem) => checkAnnotation(this.annotation(problem)) ?? []);
    this.checks?.conclude(oneLine(check), conclusion, { ...this.output(title, markdown), annotations });
  }

  /** Words of ours stay as they are, whatever a secret may be; in values for machines secrets are masked. */
  setOutput(name: string, value: string | object): void {
    setOutput(name, typeof value === "string" ? value : this.json(value));
  }

  async summary(markdown: string): Promise<void> {
    // Not set outside of GitHub Actions; the log has all of it.
    if (!process.env.GITHUB_STEP_SUMMARY) return;
    const text = `${markdown}${this.warningsBesides(markdown)}`;
    await summary.addRaw(cutToBytes(this.shown(text), STEP_SUMMARY_BYTES), true).write();
  }

  /** Warnings of files and hosts that a text does not have yet. */
  private warningsBesides(markdown: string): string {
    const texts = this.warned.map(problemText).filter(([first = ""]) => !markdown.includes(first));
    return texts.length === 0 ? "" : ["", "### Warnings", "", ...block(texts.flat()), ""].join("\n");
  }

  private write(line: string): void {
    process.stdout.write(`${colouredAt(this.paintMark, logLine(line))}\n`);
  }

  private output(title: string, markdown: string): CheckOutput {
    return {
      title: shortened(oneLine(this.shown(title)), TITLE_LENGTH),
      summary: cutToBytes(this.shown(markdown), CHECK_SUMMARY_BYTES),
    };
  }

  private annotation(problem: Problem): Annotation | null {
    const annotation = annotationOf(problem);
    if (annotation === null) return null;
    const { file, line, column, title, message } = annotation;
    // The runner writes it to the log as well.
    const lines = this.shown(message).split("\n").map(logLine).join("\n");
    return { file: logLine(this.shown(file)), line, column, title, message: shortened(lines, MESSAGE_LENGTH) };
  }

  /** A value as JSON in which everything can be seen. */
  private json(value: object): string {
    const text = JSON.stringify(this.mask(value), (_, item: unknown) =>
      typeof item === "string" ? this.shown(item) : item,
    );
    // Names of keys may come from hosts, too.
    if (cleaned(text) === text) return text;
    return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  }
}

const paragraphs = (lines: readonly string[]): string => lines.map(literal).join("\n\n");

/** Of characters for private use, which no font shows and no text has. Nobody who writes to a log of ours can guess it. */
const privateMark = (): string => String.fromCharCode(...[...randomBytes(8)].map((byte) => 0xe000 + byte));

function checkAnnotation(annotation: Annotation | null): CheckAnnotation | null {
  if (annotation === null) return null;
  const { file, line, title, message } = annotation;
  return { path: file, start_line: line, end_line: line, annotation_level: "failure", title, message };
}
