// Which transactions are struck, at which of their steps, at which point of a step, by which fault.
import { FAULTS, type Fault } from "./faults.ts";

/** `bad` is an upgrade to a version that is not healthy: there the undos are struck. */
type Deed = "deploy" | "upgrade" | "reconfigure" | "remove" | "bad";
/** Of strategy hot; all others are of restart. */
type HotKind = "hot upgrade" | "hot reconfigure" | "hot bad";
/** Of strategy hot, to a version that another one lies before. */
type LeapKind = "leap upgrade" | "leap bad";
/** Embedded ones are of an application in another app's node. */
export type Kind = Deed | HotKind | LeapKind | `embedded ${Deed | HotKind}`;

export const isLeap = (kind: Kind): boolean => kind.startsWith("leap ");

export const isHot = (kind: Kind): boolean => isLeap(kind) || kind.split(" ").includes("hot");

export const isEmbedded = (kind: Kind): boolean => kind.startsWith("embedded ");

/** What is done, however. */
export const deedOf = (kind: Kind): Deed => kind.replace(/^.* /, "") as Deed;

/** `WHEN EVENT` of the journal: intent written, effect not begun; or effect done, not yet written. */
export type Point = "after begin" | "before done" | "after undo" | "before undone";

/** `step`: a verb, or the step itself where there are several of one verb. */
export type Combination = { kind: Kind; fault: Fault; step: string; point: Point };

const STEPS: Readonly<Record<Kind, readonly string[]>> = {
  deploy: ["stage", "config", "preflight", "unit", "link", "start", "health", "record", "prune"],
  upgrade: ["stage", "config", "preflight", "stop", "unit", "link", "start", "health", "record", "prune"],
  reconfigure: ["config", "preflight", "stop", "unit", "link", "start", "health", "record", "prune"],
  bad: ["stage", "config", "stop", "unit", "link", "start"],
  "hot upgrade": ["stage", "config", "preflight", "hot", "health", "permanent", "link", "record", "prune"],
  "hot reconfigure": ["config", "preflight", "reconfigure", "health", "permanent", "record", "prune"],
  "hot bad": ["stage", "config", "hot"],
  "leap upgrade": ["config", "4-hot", "5-hot", "health", "permanent", "link", "record", "prune"],
  "leap bad": ["config", "4-hot", "5-hot"],
  remove: ["link", "stop", "forget", "prune"],
  "embedded deploy": embedded("stage", "config", "embeddable", "link", "embed"),
  "embedded upgrade": embedded("stage", "config", "embeddable", "unembed", "link", "embed"),
  "embedded reconfigure": embedded("config", "embeddable", "unembed", "link", "embed"),
  "embedded bad": ["stage", "config", "unembed", "link", "embed"],
  "embedded hot upgrade": [
    ...["stage", "config", "embeddable", "embed_hot", "health", "purge", "link"],
    ...["record", "embed_at_start", "prune"],
  ],
  "embedded hot reconfigure": embedded("config", "embeddable", "embed_env"),
  "embedded hot bad": ["stage", "config", "embed_hot"],
  "embedded remove": ["link", "unembed", "forget", "prune"],
};

function embedded(...steps: readonly string[]): string[] {
  return [...steps, "health", "record", "embed_at_start", "prune"];
}

/** Steps of a transaction on a host without systemd. */
const stepsOf = (kind: Kind, systemd: boolean): readonly string[] =>
  STEPS[kind].filter((step) => systemd || step !== "unit");

const pointsOf = (kind: Kind): readonly Point[] =>
  deedOf(kind) === "bad" ? ["after undo", "before undone"] : ["after begin", "before done"];

/**
 * How often an app is down for as long as a restart takes, until the run after the fault has ended: once for the op, once more where it is
 * taken back, and once for the next run that does it again. Nowhere else, and never where the strategy promises none. Of a fault that
 * ends the VM itself nothing is promised.
 */
export function restartsOf({ kind, fault, step, point }: Combination): number | null {
  if (fault.mayRestart === true) return null;
  if (isHot(kind)) return fault.endsVm === true ? null : 0;
  if (fault.endsVm === true) return null;
  const steps = STEPS[kind];
  const isBehind = (...verbs: readonly string[]): boolean => {
    const of = steps.findIndex((it) => verbs.includes(it));
    return of >= 0 && (steps.indexOf(step) > of || (steps[of] === step && point === "before done"));
  };
  const isUndone = fault.endsOp !== undefined && !isBehind("record", "forget");
  // Its check before the stop was the last to find a disk too full, and a deploy has nothing to stop: from there on it goes as far
  // as it gets.
  const goesOn =
    fault.endsOp === "for want of space" && (deedOf(kind) === "deploy" || isBehind("preflight", "embeddable"));
  const hasStopped = goesOn || isBehind("stop", "unembed");
  const hasStarted = goesOn || isBehind("start", "embed");
  switch (deedOf(kind)) {
    case "deploy":
      return isUndone && hasStarted ? 1 : 0;
    case "upgrade":
    case "reconfigure":
      return 1 + (isUndone && hasStopped ? 1 : 0) + (isUndone && hasStarted ? 1 : 0);
    // The unhealthy version answers, too, but for its health check.
    case "bad":
      return 2;
    case "remove":
      return isUndone && hasStopped ? 1 : 0;
  }
}

/** All combinations, those of one kind and fault next to each other. */
export function combinations(
  systemd: boolean,
  chosen: (fault: Fault, kind: Kind) => boolean = () => true,
): Combination[] {
  const kinds = Object.keys(STEPS) as Kind[];
  return FAULTS.flatMap((fault) =>
    kinds
      .filter((kind) => chosen(fault, kind))
      .flatMap((kind) =>
        stepsOf(kind, systemd).flatMap((step) => pointsOf(kind).map((point) => ({ kind, fault, step, point }))),
      ),
  );
}
