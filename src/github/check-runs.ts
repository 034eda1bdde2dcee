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

export class CheckRuns {
  private readonly octokit: Octokit;
  private readonly target: CheckTarget;
  /** Each check's requests in order; checks go on beside each other. */
  private readonly queues = new Map<string, Promise<number | undefined>>();
  /** Progress not posted yet: only the latest is worth a request, and none is once the check is concluded. */
  private readonly progress = new Map<string, CheckOutput>();
  readonly problems: Problem[] = [];

  constructor(octokit: Octokit, target: CheckTarget) {
    this.octokit = octokit;
    this.target = target;
  }

  /** Begins a check, in progress. */
  begin(name: string, output: CheckOutput): void {
    const { owner, repo, headSha, detailsUrl, externalId } = this.target;
    const create = async (): Promise<number> => {
      const { data } = await this.octokit.rest.checks.create({
        owner,
        repo,
        name,
        head_sha: headSha,
        details_url: detailsUrl,
        external_id: externalId,
        status: "in_progress",
        output: { title: output.title, summary: output.summary },
        request: { retries: 0 },
      });
      return data.id;
    };
    this.queues.set(name, this.guarded(`create check run ${name}`, create, undefined));
  }

  /** Shows progress in a check that was begun. */
  update(name: string, output: CheckOutput): void {
    const isQueued = this.progress.has(name);
    this.progress.set(name, output);
    if (isQueued) return;
    this.after(name, `update check run ${name}`, async (id) => {
      const latest = this.progress.get(name);
      this.progress.delete(name);
      if (latest !== undefined) await this.patch(id, { output: plain(latest) });
    });
  }

  /** Ends a check. */
  conclude(name: string, conclusion: Conclusion, output: CheckOutput): void {
    this.progress.delete(name);
    const annotations = output.annotations ?? [];
    const first = annotations.slice(0, ANNOTATIONS_PER_REQUEST);
    this.after(name, `conclude check run ${name}`, async (id) => {
      await this.patch(id, { status: "completed", conclusion, output: { ...plain(output), annotations: [...first] } });
      for (let from = ANNOTATIONS_PER_REQUEST; from < annotations.length; from += ANNOTATIONS_PER_REQUEST) {
        const more = annotations.slice(from, from + ANNOTATIONS_PER_REQUEST);
        await this.patch(id, { output: { ...plain(output), annotations: more } });
      }
    });
  }

  /** How many checks were begun. */
  get count(): number {
    return this.queues.size;
  }

  /** Waits until all is posted, at most so long (ms). */
  async flush(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), timeoutMs);
    });
    const ended = await Promise.race([Promise.all(this.queues.values()), late]);
    clearTimeout(timer);
    if (ended === "late")
      this.problems.push(unavailable("check runs", `not all were posted within ${timeoutMs / 1000} s`));
  }

  private after(name: string, call: string, act: (id: number) => Promise<void>): void {
    const before = this.queues.get(name);
    if (before === undefined) return;
    this.queues.set(
      name,
      before.then((id) =>
        // A check that could not be created has been reported once; there is nothing to update.
        id === undefined ? undefined : this.guarded(call, () => act(id).then(() => id), id),
      ),
    );
  }

  private patch(id: number, change: object): Promise<void> {
    const { owner, repo } = this.target;
    return this.octokit.rest.checks.update({ owner, repo, check_run_id: id, ...change }).then(() => undefined);
  }

  private async guarded(
    call: string,
    act: () => Promise<number>,
    otherwise: number | undefined,
  ): Promise<number | undefined> {
    try {
      return await act();
    } catch (error) {
      const { status, message } = error as { status?: number; message: string };
      this.problems.push(unavailable(call, status === undefined ? message : `${status} ${message.split("\n")[0]}`));
      return otherwise;
    }
  }
}

const plain = ({ title, summary }: CheckOutput) => ({ title, summary });

const unavailable = (call: string, detail: string): Problem =>
  problem("github_unavailable", { in: "github", call }, { call, detail });
