// Ops that an earlier run has left: those that were cut off are finished or undone, live ones of other runs waited for.
import { Failure } from "../core/failure.ts";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { eventText } from "../report/timeline.ts";
import type { UnfinishedOp } from "../runtime/observed.ts";
import type { Host } from "../spec/host.ts";
import type { FleetSession, Observed } from "./fleet-session.ts";

/** How many ops of a host are waited for at once; each takes a session of its connection (see rollout). */
const PER_HOST = 4;

/** What ends a conversation that nobody waits for any more. */
const LEAVE_MS = 1_000;

type Found = { host: string; app: string; op: UnfinishedOp };

type Given = { say: (line: string) => void; waitMs: number };

/** Then those hosts are looked at again. */
export async function withoutUnfinished(
  observed: Observed,
  hosts: readonly Host[],
  apps: readonly string[],
  session: FleetSession,
  given: Given,
): Promise<Observed> {
  const found = observed.hosts.flatMap(({ host, apps }) =>
    apps.flatMap((app) => app.unfinished.map((op): Found => ({ host, app: app.name, op }))),
  );
  if (found.length === 0) return observed;
  const problems = new Map(observed.problems);
  await Promise.all(
    [...Map.groupBy(found, ({ host }) => host)].map(async ([host, ops]) => {
      const why = await endedOn(ops, session, given);
      if (why !== null) problems.set(host, why);
    }),
  );
  const again = await session.observe(
    hosts.filter(({ name }) => found.some(({ host }) => host === name) && !problems.has(name)),
    apps,
  );
  for (const [host, lost] of again.problems) problems.set(host, lost);
  const latest = new Map([...observed.hosts, ...again.hosts].map((each) => [each.host, each]));
  return {
    hosts: [...latest.values()].filter(({ host }) => !problems.has(host)),
    problems,
    warnings: observed.warnings,
  };
}

/** Brings the ops of one host to their end; why one of them was not, the others then not being begun. */
async function endedOn(ops: readonly Found[], session: FleetSession, { say, waitMs }: Given): Promise<Problem | null> {
  const waiting = [...ops];
  const end = Date.now() + waitMs;
  let why: Problem | null = null;
  const next = async (): Promise<void> => {
    for (let found = waiting.shift(); found !== undefined && why === null; found = waiting.shift())
      why = (await ended(found, session, { say, waitMs, leftMs: Math.max(0, end - Date.now()) })) ?? why;
  };
  await Promise.all(Array.from({ length: PER_HOST }, next));
  return why;
}

async function ended(
  { host, app, op }: Found,
  session: FleetSession,
  { say, waitMs, leftMs }: Given & { leftMs: number },
): Promise<Problem | null> {
  say(`${host}/${app}: ${op.isLive ? "waiting for" : "recovering"} op ${op.id} of an earlier run`);
  try {
    const recovered = session.client(host).recover(op.id, leftMs + LEAVE_MS, (event) => {
      const text = eventText(event);
      if (text !== null) say(`${host}/${app}: ${text}`);
    });
    const end = await withinMs(recovered, leftMs);
    if (end === null) {
      const holder = `op ${op.id} of an earlier run`;
      return problem("lock_timeout", { in: "host", host, app }, { holder, waitedMs: waitMs });
    }
    say(`${host}/${app}: op ${op.id} ended ${end.outcome.outcome}`);
    return null;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.problems[0];
  }
}

/** Null where it takes longer. */
async function withinMs<T>(work: Promise<T>, waitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), waitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Nobody waits for it any more; that it fails then is no news.
    work.catch(() => undefined);
  }
}
