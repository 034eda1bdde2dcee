// Whether an app can become what is wanted without a restart: asked of what runs, not of what git says ran.
import type { Problem } from "../core/problem.ts";
import { stoppedApplications } from "../otp/stopped-applications.ts";
import type { HotUpgrade } from "../otp/upgrade.ts";
import { whyRestartEmbedded } from "../runtime/embedded.ts";
import { whyRestart } from "../runtime/hot.ts";
import { isRunning } from "../runtime/restart.ts";
import type { Present, Target } from "../runtime/runtime.ts";
import type { Transaction } from "../runtime/transaction.ts";
import { type HotAnswer, hotAnswer } from "./hot-answer.ts";
import { knownSteps, stepsBetween } from "./known-steps.ts";
import type { PastRelease, PlanInput } from "./plan-input.ts";
import type { HotPreview, PlannedAction } from "./plan-item.ts";
import { portWarnings } from "./port-change.ts";
import { releaseOnHost } from "./release-target.ts";

export type HotWay = {
  inPlace: Target["inPlace"];
  /** Why it must be a restart; empty where it need not be. */
  why: readonly string[];
  mayNotRestart: boolean;
  /** Nobody is known to have made that step, or one like it. */
  isUntried: boolean;
  /** What of its spec a VM that runs would hardly take up. */
  doubts: readonly string[];
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
  const { through, isKnown } = isEmbedded ? STRAIGHT : throughFor(input, target, from);
  const answer =
    action === "reconfigure" || unasked !== null
      ? undefined
      : hotAnswer(running, input.inventories.get(name), { strategy, through });
  const inPlace = answer && onHost(answer, from);
  const whyNot = isEmbedded ? whyRestartEmbedded : whyRestart;
  const why = whyNot(inPlace === undefined ? target : { ...target, inPlace }, from);
  const mayNotRestart = why.length > 0 && strategy.on_no_appup === "fail";
  const isUntried = !isKnown && answer !== undefined && "hot" in answer && answer.isLeap;
  const doubts = portWarnings(target.spec, from.recorded.spec, input.inventories.get(name));
  return { inPlace, why, mayNotRestart, isUntried, doubts, unknown: why.length > 0 ? null : unasked };
}

type Through = { through: readonly PastRelease[]; isKnown: boolean };

const STRAIGHT: Through = { through: [], isKnown: true };

/** What it goes through, where each step is known; none where nothing is, or a release in between can't be had. */
function throughFor(
  { observed, unobserved, past }: PlanInput,
  target: Target,
  { name, recorded, running, held }: Present,
): Through {
  if (running?.release !== recorded.release) return STRAIGHT;
  const known = knownSteps(name, observed);
  const steps = stepsBetween(recorded.digest, target.release.digest, known);
  // Hosts that can't be reached may know more than that there is nothing in between.
  if (steps === null || steps.length === 0) return { through: [], isKnown: steps !== null && unobserved.size === 0 };
  const hasFailed = held !== null && steps.some((it) => known.records.get(it)?.specDigest === held.specDigest);
  const through = steps.flatMap((digest) => past.get(digest) ?? []);
  return hasFailed || through.length < steps.length ? { through: [], isKnown: false } : { through, isKnown: true };
}

function onHost(answer: HotAnswer, present: Present): NonNullable<Target["inPlace"]> {
  if ("refused" in answer) return { refused: answer.refused };
  const through = answer.through.map(({ past: { version, artifact }, hot }) => ({
    version,
    release: releaseOnHost(version, artifact, present),
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

const UNTRIED =
  "a leap: no host is known to have gone straight there, and code_change may only know the version before";

/** So many that for a moment requests meet old and new code side by side: 62 of Phoenix, plug and cowboy took 0.3 s. */
const MANY_MODULES = 20;

/** What a reviewer should know of it. */
export function hotWarnings(way: HotWay | null): string[] {
  if (way === null) return [];
  if (way.why.length > 0) return [`no hot upgrade, it restarts: ${way.why.join("; ")}`];
  const upgrades = upgradesIn(way);
  const stopped = [...new Set(upgrades.flatMap(({ up }) => stoppedApplications(up)))];
  const most = Math.max(0, ...upgrades.map(({ loaded }) => loaded.length));
  const noWayBack = upgrades.flatMap((it) => it.noWayBack ?? []);
  return [
    ...(stopped.length === 0 ? [] : [`stopped on the way, with all that is connected to it: ${stopped.join(", ")}`]),
    ...(way.isUntried ? [UNTRIED] : []),
    ...way.doubts,
    ...(most < MANY_MODULES
      ? []
      : [`${most} modules are loaded one after the other: some requests may fail meanwhile`]),
    ...upgrades.flatMap(({ findings }) => findings.map(({ text }) => text)),
    ...(noWayBack.length === 0 ? [] : [`if it fails the way back is a restart: ${noWayBack.join("; ")}`]),
  ];
}

/** What is loaded where the transaction is a hot upgrade. */
export function previewOf(way: HotWay | null, { steps }: Transaction): HotPreview | null {
  if (way?.inPlace === undefined || !("hot" in way.inPlace)) return null;
  if (!steps.some(({ action }) => action.verb === "hot" || action.verb === "embed_hot")) return null;
  const { through, hot } = way.inPlace;
  return { through: through.map(({ version, hot }) => ({ version, ...partsOf(hot) })), ...partsOf(hot) };
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
