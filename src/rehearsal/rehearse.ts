// One hot upgrade, carried out on the runner before any host sees it: the same agent, scripts and configuration, in a sandbox.

import type { DiskRoom } from "../artifact/disk-room.ts";
import type { FetchedRelease } from "../artifact/fetch.ts";
import { recordedRelease } from "../artifact/recorded-release.ts";
import type { Sources } from "../artifact/sources.ts";
import { Failure } from "../core/failure.ts";
import { wordsOf } from "../core/problem.ts";
import { formatDuration } from "../core/quantity.ts";
import type { Rehearsal } from "../plan/plan-item.ts";
import type { Act } from "../plan/rehearsals.ts";
import { makeSubdirectory } from "../process/private-directory.ts";
import type { Recorded } from "../runtime/observed.ts";
import type { AppSpec } from "../spec/app-spec.ts";
import type { Host } from "../spec/host.ts";
import { secretsIn } from "../spec/secrets-in.ts";
import { identityOf } from "./identity.ts";
import { openSandbox } from "./sandbox.ts";
import { openStage, type Played, type Stage } from "./stage.ts";
import { standIns } from "./stand-ins.ts";
import { deployed, upgraded, wayBack } from "./transactions.ts";
import { quoted, reasonOf, undoReason } from "./verdict.ts";

export type Rehearsing = {
  sources: Sources;
  /** The run's own, which what is rehearsed does not see. */
  directory: string;
  host: Host;
  /** The host's record as git has it (see committedIn): nothing else that a host says of the old version comes here. */
  was: Recorded;
  wanted: { spec: AppSpec; release: FetchedRelease };
  /** Those that it may go through, and others. */
  passed: readonly FetchedRelease[];
  /** Null: the release is not to have any, and gets others in their place. */
  secrets: ReadonlyMap<string, string> | null;
  /** Of all that the run puts on the disk. */
  room: DiskRoom;
  newOp: () => string;
  say: (line: string) => void;
  /** Aborted when the run is cancelled. */
  signal: AbortSignal;
};

/** All of it, the old release's download included. Each step has a deadline of its own as well. */
const LONGEST_MS = 600_000;

/** How often a wait is said aloud; the agent says its own. */
const SAY_EVERY_MS = 10_000;

const impossible = (why: string, tail: readonly string[] = []): Rehearsal => ({ result: "impossible", why, tail });

/** Rehearses an upgrade. That it can't be is an answer, too. */
export async function rehearse(act: Act, given: Rehearsing): Promise<Rehearsal> {
  const { running } = act.from;
  const { was } = given;
  if (given.wanted.spec.isolation === "embedded") return impossible("the node that it is embedded in is the host's");
  if (running?.release !== was.release || running.config !== was.config)
    return impossible("what runs is not what is on record");
  const names = secretsIn([was.spec, given.wanted.spec]);
  const secrets = given.secrets ?? standIns(names);
  const missing = names.filter((name) => !secrets.has(name));
  if (missing.length > 0) return impossible(`this job has no secret ${missing.join(", ")}`);
  const directory = await makeSubdirectory(given.directory, "rehearsal");
  const over = AbortSignal.any([given.signal, AbortSignal.timeout(LONGEST_MS)]);
  const rehearsal = await prepared(act, { ...given, secrets }, { directory, over })
    .catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      return impossible(wordsOf(error.problems[0]).message, error.problems[0].tail);
    })
    .finally(() => directory.remove());
  // Whatever came of it then came of that.
  if (given.signal.aborted) return impossible("this run was cancelled");
  if (over.aborted) return impossible(`it took longer than ${formatDuration(LONGEST_MS)}`);
  return given.secrets === null && names.length > 0 ? { ...rehearsal, standIns: names } : rehearsal;
}

type Place = { directory: Awaited<ReturnType<typeof makeSubdirectory>>; over: AbortSignal };

type Prepared = Rehearsing & { secrets: ReadonlyMap<string, string> };

async function prepared(act: Act, given: Prepared, { directory, over }: Place): Promise<Rehearsal> {
  const { was } = given;
  const waiting = setInterval(() => given.say(`waiting for the release of ${was.version}`), SAY_EVERY_MS);
  const old = await untilOver(recordedRelease(was, given.sources, directory.path), over).finally(() =>
    clearInterval(waiting),
  );
  if (old === null || "refused" in old) return impossible(old?.refused ?? "");
  const releases = [old, ...given.passed, given.wanted.release];
  const sandbox = await openSandbox(identityOf(given.host, act.from.running), roomFor(releases));
  if ("refused" in sandbox) return impossible(`no namespaces can be had here: ${sandbox.refused}`);
  const stage = await openStage(sandbox, { ...given, item: act.item, directory, releases });
  const end = (): Promise<void> => stage.close();
  over.addEventListener("abort", end, { once: true });
  try {
    if (over.aborted) return impossible("");
    const lacks = await stage.lacks();
    if (lacks.length > 0) return impossible(`the runner has no ${lacks.join(", ")}`);
    return await performed(act, stage, { was, old, releases });
  } finally {
    over.removeEventListener("abort", end);
    await end();
  }
}

/** For releases as they come and as they are unpacked, and for what apps write. */
const roomFor = (releases: readonly FetchedRelease[]): number =>
  releases.reduce((sum, { sizeBytes, unpackedBytes }) => sum + sizeBytes + 2 * unpackedBytes, 512 * 1024 * 1024);

/** The old version first, then the new one, then the old one again. */
async function performed(
  { item }: Act,
  stage: Stage,
  { was, old, releases }: { was: Recorded; old: FetchedRelease; releases: readonly FetchedRelease[] },
): Promise<Rehearsal> {
  const before = await stage.play(deployed(was, old), "waits");
  const op = before.app?.op;
  if (before.reported.outcome !== "deployed" || !op) return unplayed(`${item.from} can't be run here`, before);

  const upgrade = upgraded(item.transaction, { releases, expects: op, health: was.spec.health });
  const after = await stage.play(upgrade, "all");
  const upgradeOp = after.app?.op;
  if (after.reported.outcome !== "deployed" || !upgradeOp) {
    if (!isTheUpgrade(after)) return unplayed("it did not get as far as that", after);
    const why = [reasonOf(after.reported.problem), ...undoReason(after.journal, item)].join("; ");
    return { result: "failed", why, tail: await quoted(after, stage) };
  }

  const back = await stage.play(wayBack(upgrade, upgradeOp), "waits");
  const undone = undoReason(back.journal, item);
  if (undone.length > 0) return { result: "failed", why: undone.join("; "), tail: await quoted(back, stage) };
  if (back.reported.outcome !== "rolled_back") return unplayed("the way back was not tried", back);
  const installed = after.journal.flatMap((it) => (it.event === "note" && it.name === "installed" ? [it.value] : []));
  return {
    result: "passed",
    durationMs: after.reported.durationMs + back.reported.durationMs,
    suspendedMs: Math.max(0, ...installed.map(Number)) / 1000,
    wayBack: back.app?.running?.pid === after.app?.running?.pid ? "hot" : "restart",
  };
}

const unplayed = (what: string, { reported: { problem } }: Played): Rehearsal =>
  impossible(`${what}: ${reasonOf(problem)}`, problem?.tail);

/** These steps are what is rehearsed; one that fails before them says nothing of the upgrade. */
const REHEARSED: readonly string[] = ["hot", "health", "permanent"];

function isTheUpgrade({ transaction, reported: { problem } }: Played): boolean {
  const failed = problem?.where.in === "host" ? problem.where.step : undefined;
  return transaction.steps.some(({ id, action }) => id === failed && REHEARSED.includes(action.verb));
}

/** Null where it was over before. What the work then still does ends with the run. */
async function untilOver<T>(work: Promise<T>, over: AbortSignal): Promise<T | null> {
  if (over.aborted) return null;
  work.catch(() => undefined);
  const stopped = new Promise<null>((resolve) => {
    over.addEventListener("abort", () => resolve(null), { once: true });
  });
  return Promise.race([work, stopped]);
}
