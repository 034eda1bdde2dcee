// An approved plan and the plan of the run that is to carry it out.
import { canonicalJson } from "../core/digest.ts";
import { reachDifferences } from "./host-changes.ts";
import { essenceOf } from "./plan-digest.ts";
import type { Plan, PlannedHost } from "./plan-item.ts";
import type { PlanJson } from "./plan-json.ts";

type Item = PlanJson["items"][number];

export const isAsApproved = (approved: PlanJson, now: Plan): boolean =>
  approved.digest === now.digest || planDifferences(approved, now).length === 0;

/**
 * In which items an approved plan and the one made now differ, in words. What interrupts nobody any more is no difference: an app may
 * have crashed since, and its repair must not wait for another approval.
 */
export function planDifferences(approved: PlanJson, now: Plan): string[] {
  if (approved.environment !== now.environment) return [`it was made for environment ${approved.environment}`];
  if (approved.isCut) return ["something; the approved plan was too large to be kept whole"];
  if (approved.hosts === undefined)
    return ["it was made by an older version of Beamline, which did not say how hosts are reached"];
  const byName = (items: readonly Item[]): Map<string, Item> =>
    new Map(items.map((item) => [`${item.host}/${item.app}`, item]));
  const [approvedItems, items] = [byName(approved.items), byName(now.items)];
  const differing = [...new Set([...approvedItems.keys(), ...items.keys()])].flatMap((name) => {
    const [was, is] = [approvedItems.get(name), items.get(name)];
    const parts = differingParts(was, is);
    if (parts.length === 0 || isOutOfReach(is) || interruptsLess(was, is, parts) || isOfUnknownSecrets(was, is))
      return [];
    const [before, after] = [actionText(was), actionText(is)];
    if (before === after) return [`${name} is still ${after}, with another ${parts.join(", ")}`];
    return [`${name} was ${before}, is now ${after}`];
  });
  return [...reachedOtherwise(approved.hosts, now.hosts), ...differing];
}

const INTERRUPTIONS = ["none", "drain", "restart"];

/** Is the same reached with fewer interruptions, or reached already; or does what was to stay only have to be started again? */
function interruptsLess(was: Item | undefined, is: Item | undefined, parts: readonly string[]): boolean {
  if (was === undefined || is === undefined || is.blocked !== null || was.blocked !== null || is.to !== was.to)
    return false;
  if (is.transaction === null) return was.action !== "remove";
  if (was.transaction === null) return is.cause === "drift" && is.action === "deploy" && is.interruption === "none";
  const isLess = INTERRUPTIONS.indexOf(is.interruption) < INTERRUPTIONS.indexOf(was.interruption);
  return isLess && parts.every((part) => part === "interruption" || part === "steps");
}

/** A host that is down by now: nothing is done there, and the rest is as approved. */
const isOutOfReach = (is: Item | undefined): boolean => is?.blocked?.code === "incomplete_observation";

/** Does nothing change but the value of a secret that the approved plan said it did not know? */
const isOfUnknownSecrets = (was: Item | undefined, is: Item | undefined): boolean =>
  was?.unknownSecrets !== undefined &&
  was.transaction === null &&
  was.blocked === null &&
  is?.blocked === null &&
  is.action === "reconfigure" &&
  is.cause === "spec" &&
  is.changes.length === 0 &&
  is.to === was.to;

/** Hosts of both that are reached otherwise; of others their items tell. */
function reachedOtherwise(approved: readonly PlannedHost[], now: readonly PlannedHost[]): string[] {
  const were = new Map(approved.map((host) => [host.host, host]));
  return now.flatMap((is) => {
    const was = were.get(is.host);
    const fields = was === undefined ? [] : reachDifferences(was, is);
    return fields.length === 0 ? [] : [`${is.host} is reached by another ${fields.join(", ")}`];
  });
}

function actionText(item: Item | undefined): string {
  if (item === undefined) return "absent";
  if (item.blocked !== null) return `blocked (${item.blocked.code})`;
  return item.transaction === null ? "unchanged" : [item.action, item.to ?? item.from ?? ""].join(" ");
}

/** The changed fields in which two items differ, or else the other parts of what they do. */
function differingParts(was: Item | undefined, is: Item | undefined): string[] {
  if (was === undefined || is === undefined) return ["everything"];
  const [a, b] = [essenceOf(was), essenceOf(is)];
  const parts = Object.keys(a).filter(
    (part) => canonicalJson(a[part as keyof typeof a]) !== canonicalJson(b[part as keyof typeof b]),
  );
  if (!parts.includes("changes")) return parts;
  const texts = (changes: typeof a.changes): Set<string> => new Set(changes.map((change) => canonicalJson(change)));
  const [old, recent] = [texts(a.changes), texts(b.changes)];
  const fields = [...a.changes, ...b.changes].filter(
    (change) => !(old.has(canonicalJson(change)) && recent.has(canonicalJson(change))),
  );
  return [...new Set(fields.map(({ field }) => field))];
}
