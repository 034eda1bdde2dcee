// Whether an app can become what is wanted without a restart: asked of what runs, not of what git says ran.
import type { Problem } from "../core/problem.ts";
import type { EmbeddedApplication } from "../otp/embedded-upgrade.ts";
import { embeddedUpgrade } from "../otp/embedded-upgrade.ts";
import { hotUpgrade } from "../otp/hot-upgrade.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import { stoppedApplications } from "../otp/stopped-applications.ts";
import type { HotOptions } from "../otp/upgrade.ts";
import { whyRestartEmbedded } from "../runtime/embedded.ts";
import { whyRestart } from "../runtime/hot.ts";
import { isRunning } from "../runtime/restart.ts";
import type { Present, Target } from "../runtime/runtime.ts";
import type { Transaction } from "../runtime/transaction.ts";
import type { HotStrategy } from "../spec/app-spec.ts";
import type { PlanInput } from "./plan-input.ts";
import type { HotPreview, PlannedAction } from "./plan-item.ts";

type InPlace = NonNullable<Target["inPlace"]>;

type Running = ReleaseInventory | EmbeddedApplication;

/** Known answers: most hosts of an app run the same. */
const known = new WeakMap<ReleaseInventory, WeakMap<Running, Map<string, InPlace>>>();

function inPlaceUpgrade(
  running: Running | undefined,
  wanted: ReleaseInventory | undefined,
  { appup, on_linger, appup_lint }: HotStrategy,
): InPlace {
  if (wanted === undefined) return refused("the release that is wanted was not looked into");
  if (running === undefined) return refused("nothing that runs here told what it is made of");
  const answers = known.get(wanted) ?? new WeakMap<Running, Map<string, InPlace>>();
  known.set(wanted, answers);
  const byOptions = answers.get(running) ?? new Map<string, InPlace>();
  answers.set(running, byOptions);
  const options = `${appup} ${on_linger} ${appup_lint}`;
  const answer =
    byOptions.get(options) ?? judged(upgradeOf(running, wanted, { appup, onLinger: on_linger }), appup_lint);
  byOptions.set(options, answer);
  return answer;
}

const upgradeOf = (running: Running, ...asked: [ReleaseInventory, HotOptions]): InPlace =>
  "inventory" in running ? embeddedUpgrade(running, ...asked) : hotUpgrade(running, ...asked);

/** What is doubtful is an error where the spec says so. */
function judged(answer: InPlace, lint: HotStrategy["appup_lint"]): InPlace {
  if (lint === "warning" || !("hot" in answer) || answer.hot.findings.length === 0) return answer;
  return { refused: answer.hot.findings.map(({ application, module, text }) => ({ application, module, text })) };
}

const refused = (text: string): InPlace => ({ refused: [{ application: null, module: null, text }] });

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
      : inPlaceUpgrade(running, input.inventories.get(name), strategy);
  const whyNot = isEmbedded ? whyRestartEmbedded : whyRestart;
  const why = whyNot(inPlace === undefined ? target : { ...target, inPlace }, from);
  const mayNotRestart = why.length > 0 && strategy.on_no_appup === "fail";
  return { inPlace, why, mayNotRestart, unknown: why.length > 0 ? null : unasked };
}

/** Whether the app itself is stopped on the way, as an appup may have it. */
export const stopsIt = (way: HotWay | null, app: string): boolean =>
  way?.inPlace !== undefined && "hot" in way.inPlace && stoppedApplications(way.inPlace.hot.up).includes(app);

/** What a reviewer should know of it. */
export function hotWarnings(way: HotWay | null): string[] {
  if (way === null) return [];
  if (way.why.length > 0) return [`no hot upgrade, it restarts: ${way.why.join("; ")}`];
  if (way.inPlace === undefined || !("hot" in way.inPlace)) return [];
  const { findings, noWayBack, up } = way.inPlace.hot;
  const stopped = stoppedApplications(up);
  return [
    ...(stopped.length === 0 ? [] : [`stopped on the way, with all that is connected to it: ${stopped.join(", ")}`]),
    ...findings.map(({ text }) => text),
    ...(noWayBack === null ? [] : [`if it fails the way back is a restart: ${noWayBack}`]),
  ];
}

/** What is loaded where the transaction is a hot upgrade. */
export function previewOf(way: HotWay | null, { steps }: Transaction): HotPreview | null {
  if (way?.inPlace === undefined || !("hot" in way.inPlace)) return null;
  if (!steps.some(({ action }) => action.verb === "hot" || action.verb === "embed_hot")) return null;
  const { isDowngrade, applications, loaded, added, deleted, migrated, consolidated } = way.inPlace.hot;
  return { isDowngrade, applications, loaded, added, deleted, migrated, consolidated };
}
