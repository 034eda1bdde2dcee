// A failure that the agent reports (code, facts, quoted lines) as a problem of ours.
import { z } from "zod";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { Facts } from "../core/problem-words.ts";
import { LONGEST_SAID, shortened } from "../core/shortened.ts";

type ReportedCode =
  | "disk_full"
  | "disk_read_only"
  | "no_inodes"
  | "disk_unwritable"
  | "state_removed"
  | "no_more_processes"
  | "port_in_use"
  | "erts_not_runnable"
  | "hooks_not_run"
  | "release_damaged"
  | "node_down"
  | "not_embeddable"
  | "unit_taken"
  | "linked_directory"
  | "host_lacks"
  | "root_unsafe"
  | "root_of_another"
  | "record_unreadable"
  | "user_missing"
  | "root_not_reachable"
  | "lock_timeout"
  | "host_changed"
  | "transfer_failed"
  | "start_failed"
  | "stop_failed"
  | "health_check_failed"
  | "step_timeout"
  | "step_failed"
  | "hot_upgrade_failed"
  | "interrupted";

const text = z.string().transform((it) => shortened(it, LONGEST_SAID));
const number = z.number().min(0).max(Number.MAX_SAFE_INTEGER);

/** As many lines as the agent quotes. */
const MAX_TAIL = 20;

const reported: { [C in ReportedCode]: z.ZodType<Facts<C>> } = {
  disk_full: z.object({ path: text, neededBytes: number, freeBytes: number }),
  disk_read_only: z.object({ path: text }),
  no_inodes: z.object({ path: text }),
  disk_unwritable: z.object({ path: text, detail: text }),
  state_removed: z.object({ path: text }),
  no_more_processes: z.object({ step: text }),
  port_in_use: z.object({ port: number, holder: text }),
  erts_not_runnable: z.object({ path: text, detail: text }),
  hooks_not_run: z.object({ path: text, hooks: text }),
  release_damaged: z.object({ path: text }),
  node_down: z.object({ node: text, detail: text }),
  not_embeddable: z.object({ node: text, detail: text }),
  unit_taken: z.object({ file: text }),
  linked_directory: z.object({ path: text, to: text }),
  host_lacks: z.object({ tool: text }),
  root_unsafe: z.object({
    ...{ path: text, owner: text, mode: text, user: text },
    fault: z.enum(["owner", "mode", "closed", "link"]),
  }),
  root_of_another: z.object({ root: text, owner: text, user: text }),
  record_unreadable: z.object({ file: text, why: text }),
  user_missing: z.object({ user: text }),
  root_not_reachable: z.object({ root: text, user: text }),
  lock_timeout: z.object({ holder: text, waitedMs: number }),
  host_changed: z.object({ expected: text, found: text }),
  transfer_failed: z.object({ detail: text }),
  start_failed: z.object({ detail: text }),
  stop_failed: z.object({ detail: text }),
  health_check_failed: z.object({ probe: text, saw: text, waitedMs: number }),
  step_timeout: z.object({ deadlineMs: number }),
  hot_upgrade_failed: z.object({ what: text, detail: text, term: text }),
  step_failed: z.object({ detail: text }),
  interrupted: z.object({ step: text }),
};

/** Whatever word a host comes up with, `constructor` too, it is one of ours, or none. */
const isReported = (code: string | undefined): code is ReportedCode =>
  code !== undefined && Object.hasOwn(reported, code);

/** What the agent said, at its place. What it should not have said is a protocol error that quotes it. */
export function reportedProblem(
  said: { code?: string | undefined; facts?: unknown; tail?: readonly string[] },
  where: { host: string; app?: string; step?: string },
): Problem {
  const place = { in: "host", ...where } as const;
  const tail = said.tail?.slice(-MAX_TAIL).map((line) => shortened(line, LONGEST_SAID));
  const { code } = said;
  if (isReported(code)) {
    const facts = reported[code].safeParse(said.facts);
    if (facts.success) return problem(code, place, facts.data, tail);
  }
  return problem("protocol_error", place, { detail: shortened(JSON.stringify(said), 300) }, tail);
}
