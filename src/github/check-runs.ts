// Check runs: one an app and environment, one for the run. Posting never fails or stalls a deploy: it goes on beside it, and
// what could not be posted is said at the end.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { Octokit } from "./octokit.ts";

export type Conclusion = "success" | "failure" | "cancelled" | "neutral" | "action_required";

export type CheckOutput = { title: string; summary: string; annotations?: readonly CheckAnnotation[] };

export type CheckAnnotation = {
  path: string;
  start_line: number;
  end_line: number;
  annotation_level: "failure" | "warning";
  title: string;
  message: string;
};

/** GitHub takes at most 50 annotations a request; further ones are appended by further updates (REST, checks). */
const ANNOTATIONS_PER_REQUEST = 50;

export type CheckTarget = { owner: string; repo: string; headSha: string; detailsUrl: string; externalId: string };

/** What a check shall show. */
type Wanted = { conclusion: Conclusion | null; output: CheckOutput };

type Check = { wanted: Wanted; posting: Promise<void> | null; id: number | null; isLost: boolean };

export class CheckRuns {
  private readonly octokit: Octokit;
  private readonly target: CheckTarget;
  private readonly checks = new Map<string, Check>();
  readonly problems: Problem[] = [];

  constructor(octokit: Octokit, target: CheckTarget) {
    this.octokit = octokit;
    this.target = target;
  }

  /** Begins a check, in progress. */
  begin(name: string, output: CheckOutput): void {
    const check: Check = { wanted: { conclusion: null, output }, posting: null, id: null, isLost: false };
    this.checks.set(name, check);
    this.want(name, check, check.wanted);
  }

  /** Shows progress in a check that was begun. */
  update(name: string, output: CheckOutput): void {
    const check = this.checks.get(name);
    if (check !== undefined) this.want(name, check, { conclusion: null, output });
  }

  /** Ends a check. */
  conclude(name: string, conclusion: Conclusion, output: CheckOutput): void {
    const check = this.checks.get(name);
    if (check !== undefined) this.want(name, check, { conclusion, output });
  }

  /** Ends those that nobody has ended: a run that broke off must not look as if it went on. */
  concludeOpen(conclusion: Conclusion, output: CheckOutput): void {
    for (const [name, check] of this.checks)
      if (check.wanted.conclusion === null) this.want(name, check, { conclusion, output });
  }

  /** How many checks were begun. */
  get count(): number {
    return this.checks.size;
  }

  /** Waits until all is posted, at most so long (ms). */
  async flush(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), timeoutMs);
    });
    const ended = await Promise.race([Promise.all([...this.checks.values()].map(({ posting }) => posting)), late]);
    clearTimeout(timer);
    if (ended === "late")
      this.problems.push(unavailable("check runs", `not all were posted within ${timeoutMs / 1000} s`));
  }

  /** Only the latest is worth a request: what is wanted while one is under way is posted after it, and nothing in between. */
  private want(name: string, check: Check, wanted: Wanted): void {
    check.wanted = wanted;
    check.posting ??= this.postUntilShown(name, check).finally(() => {
      check.posting = null;
    });
  }

  private async postUntilShown(name: string, check: Check): Promise<void> {
    let shown: Wanted | null = null;
    while (shown !== check.wanted && !check.isLost) {
      shown = check.wanted;
      await this.post(name, check, shown);
    }
  }

  private async post(name: string, check: Check, { conclusion, output }: Wanted): Promise<void> {
    const { owner, repo, headSha, detailsUrl, externalId } = this.target;
    const annotations = output.annotations ?? [];
    const first = { ...plain(output), annotations: annotations.slice(0, ANNOTATIONS_PER_REQUEST) };
    const state =
      conclusion === null ? { status: "in_progress" as const } : { status: "completed" as const, conclusion };
    const call = `${check.id === null ? "create" : conclusion === null ? "update" : "conclude"} check run ${name}`;
    try {
      if (check.id === null) {
        const { data } = await this.octokit.rest.checks.create({
          owner,
          repo,
          name,
          head_sha: headSha,
          details_url: detailsUrl,
          external_id: externalId,
          ...state,
          output: first,
          request: { retries: 0 },
        });
        check.id = data.id;
      } else await this.patch(check.id, { ...state, output: first });
      for (let from = ANNOTATIONS_PER_REQUEST; from < annotations.length; from += ANNOTATIONS_PER_REQUEST) {
        const more = annotations.slice(from, from + ANNOTATIONS_PER_REQUEST);
        await this.patch(check.id, { output: { ...plain(output), annotations: more } });
      }
    } catch (error) {
      const { status, message } = error as { status?: number; message: string };
      this.problems.push(unavailable(call, status === undefined ? message : `${status} ${message.split("\n")[0]}`));
      // A check that could not be created has been reported once; there is nothing to update.
      check.isLost = check.id === null;
    }
  }

  private patch(id: number, change: object): Promise<void> {
    const { owner, repo } = this.target;
    return this.octokit.rest.checks.update({ owner, repo, check_run_id: id, ...change }).then(() => undefined);
  }
}

const plain = ({ title, summary }: CheckOutput) => ({ title, summary });

const unavailable = (call: string, detail: string): Problem =>
  problem("github_unavailable", { in: "github", call }, { call, detail });
