// Whether an app can become what is wanted without a restart: asked of what runs, not of what git says ran.
import type { Problem } from "../core/problem.ts";
import type { EmbeddedApplication } from "../otp/embedded-upgrade.ts";
import { embeddedUpgrade } from "../otp/embedded-upgrade.ts";
import { hotUpgrade } from "../otp/hot-upgrade.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import { between, isLeap, knownPath } from "../otp/known-path.ts";
import { stoppedApplications } from "../otp/stopped-applications.ts";
import type { HotOptions, HotUpgrade, Refusal } from "../otp/upgrade.ts";
import { whyRestartEmbedded } from "../runtime/embedded.ts";
import { whyRestart } from "../runtime/hot.ts";
import { isRunning } from "../runtime/restart.ts";
import type { Present, Target } from "../runtime/runtime.ts";
import type { Transaction } from "../runtime/transaction.ts";
import type { HotStrategy } from "../spec/app-spec.ts";
import type { PastRelease, PlanInput } from "./plan-input.ts";
import type { HotPreview, PlannedAction } from "./plan-item.ts";
import { releaseOnHost } from "./release-target.ts";

type Running = ReleaseInventory | EmbeddedApplication;

/** Answers that are the same for all hosts that run the same; a release that is passed through lies elsewhere on each. */
type Answer =
  | { through: readonly { past: PastRelease; hot: HotUpgrade }[]; hot: HotUpgrade }
  | { refused: readonly Refusal[] };

/** Known answers: most hosts of an app run the same. */
const known = new WeakMap<ReleaseInventory, WeakMap<Running, Map<string, Answer>>>();

type Asked = { strategy: HotStrategy; past: readonly PastRelease[]; hasRun: (digest: string) => boolean };

function answerOf(running: Running | undefined, wanted: ReleaseInventory | undefined, asked: Asked): Answer {
  if (wanted === undefined) return refused("the release that is wanted was not looked into");
  if (running === undefined) return refused("nothing that runs here told what it is made of");
  const answers = known.get(wanted) ?? new WeakMap<Running, Map<string, Answer>>();
  known.set(wanted, answers);
  const byOptions = answers.get(running) ?? new Map<string, Answer>();
  answers.set(running, byOptions);
  const { appup, on_linger, appup_lint } = asked.strategy;
  const key = JSON.stringify([appup, on_linger, appup_lint, asked.past.map(({ specDigest }) => specDigest)]);
  const answer = byOptions.get(key) ?? judged(wayOf(running, wanted, asked), appup_lint);
  byOptions.set(key, answer);
  return answer;
}

const optionsOf = ({ appup, on_linger }: HotStrategy): HotOptions => ({ appup, onLinger: on_linger });

/** Straight, or where that is a leap through what was wanted in between, if each step of it is known. */
function wayOf(running: Running, wanted: ReleaseInventory, { strategy, past, hasRun }: Asked): Answer {
  const options = optionsOf(strategy);
  if ("inventory" in running) return at(embeddedUpgrade(running, wanted, options));
  const straight = hotUpgrade(running, wanted, options);
  if (!isLeap(straight, options)) return at(straight);
  const versions = past.map(({ version }) => version);
  const steps = between(versions, running.version, wanted.version).flatMap((index) => past[index] ?? []);
  const places = steps.map(({ release }) => ({
    release: release?.inventory ?? null,
    // What can't be had may have run: then others have not made the step over it.
    hasRun: release === null || hasRun(release.artifact.digest),
  }));
  const path = knownPath(running, wanted, places, options) ?? [];
  const last = path.at(-1);
  if (last === undefined) return at(straight);
  const through = path.flatMap(({ index, hot }) => {
    const step = index === null ? undefined : steps[index];
    return step === undefined ? [] : [{ past: step, hot }];
  });
  return { through, hot: last.hot };
}

const at = (answer: ReturnType<typeof hotUpgrade>): Answer => ("hot" in answer ? { through: [], ...answer } : answer);

/** Whether what was wanted in between would be of use. */
export function isLeapFrom(running: ReleaseInventory, wanted: ReleaseInventory, strategy: HotStrategy): boolean {
  const options = optionsOf(strategy);
  return isLeap(hotUpgrade(running, wanted, options), options);
}

/** What is doubtful is an error where the spec says so. */
function judged(answer: Answer, lint: HotStrategy["appup_lint"]): Answer {
  if (lint === "warning" || "refused" in answer) return answer;
  const findings = [...answer.through, answer].flatMap(({ hot }) => hot.findings);
  if (findings.length === 0) return answer;
  return { refused: findings.map(({ application, module, text }) => ({ application, module, text })) };
}

const refused = (text: string): Answer => ({ refused: [{ application: null, module: null, text }] });

export type HotWay = {
  inPlace: Target["inPlace"];
  /** Why it must be a restart; empty where it need not be. */
  why: readonly string[];
  mayNotRestart: boolean;
  /** What keeps from knowing whether it must be a restart, where nothing else says so: then it is neither. */
  unknown: Problem | null;
};

/** How an app with strategy hot gets to its target; null where nothing runs that could be interrupted, or for other strategies. */
export function hotWay(
  input: PlanInput,
  target: Target,
  from: Present,
  { host, action }: { host: string; action: PlannedAction },
): HotWay | null {
  const { strategy, name, isolation } = target.spec;
  if (strategy.type !== "hot" || from.running === null || isRunning(target, from)) return null;
  const place = `${host}/${name}`;
  const isEmbedded = isolation === "embedded";
  const running = (isEmbedded ? input.embedded : input.running).get(place);
  const unasked = action === "reconfigure" ? null : (input.uninspected.get(place) ?? null);
  const inPlace =
    action === "reconfigure" || unasked !== null
      ? undefined
      : onHost(answerOf(running, input.inventories.get(name), { strategy, ...pastOf(input, from) }), from);
  const whyNot = isEmbedded ? whyRestartEmbedded : whyRestart;
  const why = whyNot(inPlace === undefined ? target : { ...target, inPlace }, from);
  const mayNotRestart = why.length > 0 && strategy.on_no_appup === "fail";
  return { inPlace, why, mayNotRestart, unknown: why.length > 0 ? null : unasked };
}

/** What the app was before; not what has failed on this host. */
const pastOf = ({ past, observed }: PlanInput, { name, held }: Present): Pick<Asked, "past" | "hasRun"> => ({
  past: (past.get(name) ?? []).filter(({ specDigest }) => specDigest !== held?.specDigest),
  hasRun: (digest) =>
    observed.some(({ apps }) =>
      apps.some((app) => app.name === name && [app.recorded, ...app.history].some((it) => it?.digest === digest)),
    ),
});

function onHost(answer: Answer, present: Present): NonNullable<Target["inPlace"]> {
  if ("refused" in answer) return answer;
  const through = answer.through.map(({ past: { version, release }, hot }) => ({
    version,
    release: releaseOnHost(version, release?.artifact, present),
    hot,
  }));
  return { through, hot: answer.hot };
}

/** All the upgrades that it takes; none where there is no way. */
const upgradesIn = (way: HotWay | null): readonly HotUpgrade[] =>
  way?.inPlace !== undefined && "hot" in way.inPlace
    ? [...way.inPlace.through.map(({ hot }) => hot), way.inPlace.hot]
    : [];

/** Whether the app itself is stopped on the way, as an appup may have it. */
export const stopsIt = (way: HotWay | null, app: string): boolean =>
  upgradesIn(way).some(({ up }) => stoppedApplications(up).includes(app));

/** What a reviewer should know of it. */
export function hotWarnings(way: HotWay | null): string[] {
  if (way === null) return [];
  if (way.why.length > 0) return [`no hot upgrade, it restarts: ${way.why.join("; ")}`];
  const upgrades = upgradesIn(way);
  const stopped = [...new Set(upgrades.flatMap(({ up }) => stoppedApplications(up)))];
  const noWayBack = upgrades.flatMap((it) => it.noWayBack ?? []);
  return [
    ...(stopped.length === 0 ? [] : [`stopped on the way, with all that is connected to it: ${stopped.join(", ")}`]),
    ...upgrades.flatMap(({ findings }) => findings.map(({ text }) => text)),
    ...(noWayBack.length === 0 ? [] : [`if it fails the way back is a restart: ${noWayBack.join("; ")}`]),
  ];
}

/** What is loaded where the transaction is a hot upgrade. */
export function previewOf(way: HotWay | null, { steps }: Transaction): HotPreview | null {
  if (way?.inPlace === undefined || !("hot" in way.inPlace)) return null;
  if (!steps.some(({ action }) => action.verb === "hot" || action.verb === "embed_hot")) return null;
  const { through, hot } = way.inPlace;
  const passed = through.map(({ version, release: { directory, digest }, hot }) => ({
    version,
    release: directory,
    digest,
    ...partsOf(hot),
  }));
  return { through: passed, ...partsOf(hot) };
}

const partsOf = ({ isDowngrade, applications, loaded, added, deleted, migrated, consolidated }: HotUpgrade) => ({
  isDowngrade,
  applications,
  loaded,
  added,
  deleted,
  migrated,
  consolidated,
});
