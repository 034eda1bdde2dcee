// One run of the action: inputs → wanted state → plan → apply. Whatever happens, it is told, and nothing of ours is left.
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { saveState, setFailed } from "@actions/core";
import { roomBelow } from "../artifact/disk-room.ts";
import { sourcesOf } from "../artifact/sources.ts";
import { Failure } from "../core/failure.ts";
import type { Problem } from "../core/problem.ts";
import { Repository } from "../git/repository.ts";
import { CheckRuns } from "../github/check-runs.ts";
import { octokitFor } from "../github/octokit.ts";
import { makePrivateDirectory, makeShortDirectory, type PrivateDirectory } from "../process/private-directory.ts";
import { block, literal } from "../report/markdown.ts";
import { problemText } from "../report/problem-text.ts";
import type { AppSpec } from "../spec/app-spec.ts";
import { secretsIn } from "../spec/secrets-in.ts";
import { hasRoomForSockets } from "../ssh/connection.ts";
import { type KeyFile, keyFileOf } from "../ssh/key-file.ts";
import { apply } from "./apply-command.ts";
import { askForLastDeployment } from "./base-commit.ts";
import { bugText } from "./bug.ts";
import { unlessCancelled } from "./cancelled.ts";
import { checkName } from "./check-names.ts";
import { withAnswers } from "./dry-run.ts";
import type { Fetching } from "./fetch-releases.ts";
import { appsWithNewSource, fetchingOnce } from "./fetch-releases.ts";
import type { FleetSession, Observed } from "./fleet-session.ts";
import { openFleet } from "./fleet-session.ts";
import type { Inputs } from "./inputs.ts";
import { readInputs } from "./inputs.ts";
import { makePlan } from "./make-plan.ts";
import { concludePlan, showPlan, showSpecChanges } from "./plan-command.ts";
import { rehearsed } from "./rehearse-plan.ts";
import { Reporter } from "./reporter.ts";
import type { Run } from "./run.ts";
import type { RunContext } from "./run-context.ts";
import { readRunContext } from "./run-context.ts";
import { runnerProblems } from "./runner-problems.ts";
import { status } from "./status-command.ts";
import { type Strangers, strangersTo } from "./strange-hosts.ts";
import type { Head, Wanted } from "./wanted.ts";
import { readHead, readWanted } from "./wanted.ts";

/** How long the end of a run waits for its last posts to GitHub, in ms. Many writes are a second apart. */
const FLUSH_MS = 30_000;
const FLUSH_MS_PER_CHECK = 3_000;
/** How long the end of a run that is refused waits for hosts that have not answered yet, in ms. */
const LOOK_MS = 5_000;
/** How long a cancelled run waits for its connections to end, in ms. */
const CLOSE_MS = 500;
/** What is left of GitHub's 10 s for a cancelled run, after CANCEL_GRACE_MS for the hosts. */
const CANCELLED_FLUSH_MS = 3_000;

/**
 * Runs the action. Whether everything is as wanted. `crashed` is rejected with what went wrong where nobody listened: then the run is
 * over, too, and told.
 */
export async function runAction(signal: AbortSignal, crashed: Promise<never>): Promise<boolean> {
  let reporter = new Reporter([], null);
  let checks: CheckRuns | null = null;
  try {
    const context = readRunContext(process.env);
    const inputs = readInputs(context);
    // Of the input secrets those that specs name, once these are read: what else a workflow passes along may be any word.
    const secrets = [inputs.sshKey, inputs.token];
    reporter.hide(secrets);
    if (inputs.token !== "" && inputs.command !== "status") {
      const { owner, repo, checkSha, runUrl, runId } = context;
      const octokit = octokitFor(inputs.token, reporter.say);
      checks = new CheckRuns(octokit, { owner, repo, headSha: checkSha, detailsUrl: runUrl, externalId: runId });
    }
    reporter = new Reporter(secrets, checks);
    reporter.begin(checkName(null, inputs.environment), inputs.command, [`${inputs.command} is running.`]);
    return await Promise.race([withSession(inputs, context, reporter, signal), crashed]);
  } catch (error) {
    if (error instanceof Failure) {
      reporter.problems(error.problems, "error");
      await reporter.summary(refusalMarkdown("Beamline", error.problems));
    } else {
      const text = reporter.shown(bugText(error, process.env));
      setFailed(text);
      const markdown = ["## A bug in Beamline", "", ...block(text.split("\n")), ""].join("\n");
      checks?.concludeOpen("failure", { title: "this is a bug in Beamline", summary: markdown });
    }
    return false;
  } finally {
    checks?.concludeOpen("failure", { title: "the run ended early", summary: "The job's log says why." });
    await checks?.flush(signal.aborted ? CANCELLED_FLUSH_MS : FLUSH_MS + FLUSH_MS_PER_CHECK * checks.count);
    reporter.problems(checks?.problems ?? [], "warning");
  }
}

const refusalMarkdown = (title: string, problems: readonly Problem[]): string =>
  [`## ${literal(title)}: nothing was done`, "", ...block(problems.flatMap(problemText)), ""].join("\n");

/** A failure is concluded on GitHub, too, with its annotations. */
async function refuse(reporter: Reporter, inputs: Inputs, problems: readonly Problem[]): Promise<void> {
  reporter.problems(problems, "error");
  const markdown = refusalMarkdown(inputs.environment, problems);
  reporter.conclude(checkName(null, inputs.environment), "failure", {
    title: `${problems.length === 1 ? problems[0]?.code : `${problems.length} problems`}: nothing was done`,
    markdown,
    problems,
  });
  reporter.setOutput("status", "error");
  await reporter.summary(markdown);
}

async function withSession(
  inputs: Inputs,
  context: RunContext,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<boolean> {
  const directory = await makePrivateDirectory();
  // Before anything is in it: post removes it even if this process is killed.
  saveState("directory", directory.path);
  const sockets = hasRoomForSockets(directory.path) ? directory : await makeShortDirectory();
  saveState("sockets", sockets.path);
  let look: Look | null = null;
  // Downloads of a run that is over go on for nobody, and would keep it from ending.
  const over = new AbortController();
  try {
    const { say } = reporter;
    const isContacting = inputs.sshKey.trim() !== "";
    const lacking = runnerProblems(isContacting);
    if (lacking.length > 0) {
      await refuse(reporter, inputs, lacking);
      return false;
    }
    const key = isContacting ? await keyFileOf(inputs.sshKey, directory) : null;
    // First of all: GitHub's answer is on its way while git reads what does not need it.
    const asked = askForLastDeployment(inputs, context, signal);
    const soon = <T>(work: () => Promise<T>): Promise<T> => unlessCancelled(signal, work);
    const repository = new Repository(context.workspace, directory);
    const hide = (specs: Iterable<Pick<AppSpec, "os_env">>): void =>
      reporter.hide(secretsIn(specs).flatMap((name) => inputs.secrets.get(name) ?? []));
    const head = await soon(() => readHead(repository, inputs, context, key !== null && "code" in key ? [key] : []));
    hide([...head.desired.values()].map(({ spec }) => spec));
    const strangers = (): Promise<Strangers> => strangersTo(repository, inputs, context);
    // And the hosts answer while git and GitHub say what was there before.
    if (key !== null && "path" in key)
      look = await soon(() => lookAt(head, inputs, { key, directory, socketDirectory: sockets.path, say, strangers }));
    const read = await soon(() => readWanted(repository, head, { inputs, context, asked, say }));
    reporter.problems(read.warnings, "warning");
    if ("problems" in read) {
      await refuse(reporter, inputs, read.problems);
      return false;
    }
    if (look === null) {
      await showSpecChanges({ inputs, reporter }, read.wanted);
      return true;
    }
    const room = await roomBelow(directory.path);
    const sources = sourcesOf({
      room,
      workspace: context.workspace,
      allowed: inputs.allowedSources,
      say,
      signal: AbortSignal.any([signal, over.signal]),
    });
    const fetching = fetchingOnce(sources, directory.path);
    if (inputs.command === "plan" || inputs.command === "apply")
      for (const app of appsWithNewSource(read.wanted, inputs.apps)) fetching(app);
    hide([...read.wanted.previous.values()].map(({ spec }) => spec));
    const { session, observed: looking } = look;
    const run = { inputs, context, reporter, session, sources, directory: directory.path, room, signal, newOp };
    const observed = await soon(() => looking);
    reporter.problems(observed.warnings, "warning");
    return await command(run, read.wanted, observed, { fetching, onSpec: (spec) => hide([spec]) });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await refuse(reporter, inputs, error.problems);
    return false;
  } finally {
    over.abort();
    if (look !== null) {
      // A connection that is still being made can't be ended yet.
      const patience = (waitMs: number) => pause(waitMs, undefined, { ref: false });
      if (!signal.aborted) await Promise.race([Promise.allSettled([look.observed]), patience(LOOK_MS)]);
      await Promise.race([look.session.close(), ...(signal.aborted ? [patience(CLOSE_MS)] : [])]);
    }
    await sockets.remove();
    await directory.remove();
  }
}

type Look = { session: FleetSession; observed: Promise<Observed> };

/** Null where something is wrong already. */
async function lookAt(
  { fleet, desired, problems }: Head,
  { knownHosts, command }: Inputs,
  {
    strangers,
    ...given
  }: {
    key: KeyFile;
    directory: PrivateDirectory;
    socketDirectory: string;
    say: (line: string) => void;
    strangers: () => Promise<Strangers>;
  },
): Promise<Look | null> {
  if (fleet === null || problems.length > 0) return null;
  // Who may be contacted is known before anybody is; only of a pull request git must be asked for that.
  const whyNot = await strangers();
  const strange = new Map(
    fleet.hosts.flatMap((host) => {
      const why = whyNot(host);
      return why === null ? [] : [[host.name, why] as const];
    }),
  );
  const hosts = fleet.hosts.filter(({ name }) => !strange.has(name));
  // Nobody in this run has a connection to any other.
  const isOnlyLookedAt = command === "plan" || command === "status";
  const session = await openFleet(hosts, { knownHosts, isOnlyLookedAt, ...given });
  const observed = session
    .observe(hosts, [...desired.keys()])
    .then((seen): Observed => ({ ...seen, problems: new Map([...strange, ...seen.problems]) }));
  // Whoever waits for it is told.
  observed.catch(() => undefined);
  return { session, observed };
}

async function command(
  run: Run,
  wanted: Wanted,
  observed: Observed,
  { fetching, onSpec }: { fetching: Fetching; onSpec: (spec: AppSpec) => void },
): Promise<boolean> {
  const { inputs, context, reporter, session, sources, directory } = run;
  const soon = <T>(work: () => Promise<T>): Promise<T> => unlessCancelled(run.signal, work);
  if (inputs.command === "status") return soon(() => status(run, wanted, observed));
  const { say } = reporter;
  const given = { inputs, context, fetching, sources, downloads: directory, say, onSpec };
  const made = await soon(async () => {
    const planned = await makePlan(wanted, session, observed, given);
    const tried = await rehearsed(run, wanted, planned);
    return inputs.command === "plan" ? withAnswers(run, tried) : tried;
  });
  showPlan(run, made);
  return inputs.command === "plan" ? concludePlan(run, wanted, made) : apply(run, wanted, made);
}

/** Sorts by time, so that a host's op directories do. */
const newOp = (): string => `${new Date().toISOString().replace(/[-:.]/g, "")}.${randomBytes(4).toString("hex")}`;
