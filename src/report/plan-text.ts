import { wordsOf } from "../core/problem.ts";
import { counted, formatBytes } from "../core/quantity.ts";
import {
  type HotPart,
  type HotPreview,
  isUnchanged,
  type Plan,
  type PlanItem,
  type Rehearsal,
} from "../plan/plan-item.ts";
import type { Paint } from "./paint.ts";
import { plain } from "./paint.ts";
import { rehearsalText } from "./rehearsal-text.ts";

/** More than anybody reads, and as much as a page bears that shows it. */
export const MOST_LISTED = 10_000;

/** A plan for the log: what is done to each app, then host by host; what changes stands in columns, each with its place. */
export function planText(plan: Plan, paint: Paint = plain): string[] {
  const lines = [paint("strong", `Plan for ${plan.environment}: ${planSummary(plan)}`)];
  lines.push(...hostChangeLines(plan.hostChanges, paint).map((line) => `  ${line}`));
  const { items } = plan;
  const listed = items.length <= MOST_LISTED ? items : items.filter((item) => !isUnchanged(item)).slice(0, MOST_LISTED);
  const width = widest(listed.map(nameOf), 40);
  for (const item of listed) {
    lines.push(`  ${nameOf(item).padEnd(width)} ${itemWords(item, paint)}`);
    lines.push(...changeLines(item.changes, paint).map((line) => `      ${line}`));
    if (item.hot !== null) lines.push(...hotTexts(item.hot).map((line) => `      ${line}`));
    if (item.rehearsal !== undefined) lines.push(`      ${paintedRehearsal(item.rehearsal, paint)}`);
    lines.push(...item.warnings.map((warning) => `      ${paint("change", "warning:")} ${warning}`));
    if (item.blocked !== null) lines.push(`      ${wordsOf(item.blocked).remedy}`);
  }
  lines.push(...moreText(items.length - listed.length).map((line) => `  ${line}`));
  lines.push(...unknownSecretsText(items).map((line) => `  ${line}`));
  lines.push(paint("quiet", `Plan digest ${plan.digest}`));
  return lines;
}

/** As many changed fields of hosts a page lists: all of a fleet may move to another user. The log has all of them. */
export const MOST_HOST_CHANGES = 100;

/** Which machine it is counts most. */
const FIRST = ["address", "host_key"];

/** How hosts are reached otherwise, in columns: `web1 address  192.0.2.11 → 192.0.2.66  fleet.yaml:3`. */
export function hostChangeLines(
  changes: Plan["hostChanges"],
  paint: Paint = plain,
  most = Number.POSITIVE_INFINITY,
): string[] {
  const isFirst = ({ field }: { field: string }): boolean => FIRST.includes(field);
  const listed = [...changes.filter(isFirst), ...changes.filter((it) => !isFirst(it))].slice(0, most);
  const more = changes.length - listed.length;
  return [
    ...changeLines(
      listed.map((change) => ({ ...change, field: `${change.host} ${change.field}` })),
      paint,
    ),
    ...(more === 0 ? [] : [`… and ${counted(more, "more change")} of how hosts are reached: the job's log has all`]),
  ];
}

/** What a plan can't tell that was made without some secrets, as one is of an environment's own. */
export function unknownSecretsText(items: readonly PlanItem[]): string[] {
  const names = [...new Set(items.flatMap(({ unknownSecrets }) => unknownSecrets ?? []))].sort();
  if (names.length === 0) return [];
  return [
    `known at apply: ${names.join(", ")}; this job was not given ${names.length === 1 ? "it" : "them"}. Where a value has changed, its app restarts.`,
  ];
}

/** What stands for the items that are not listed. */
export const moreText = (count: number): string[] => (count === 0 ? [] : [`… and ${count} more, counted above`]);

/** Changed fields in columns: the field, what it was and will be, where that stands. */
export function changeLines(changes: PlanItem["changes"], paint: Paint = plain): string[] {
  const field = widest(
    changes.map((change) => change.field),
    60,
  );
  const values = widest(changes.map(valuesText), 60);
  return changes.map((change) => {
    const place = change.file === null ? "" : `  ${change.file}:${change.line}`;
    const text = `${change.field.padEnd(field)}  ${valuesText(change)}`;
    return place === "" ? text : text.padEnd(field + 2 + values) + paint("quiet", place);
  });
}

/** `1 to deploy, 3 to upgrade, 2 unchanged`. */
export function planSummary({ items }: Plan): string {
  const counts = new Map<string, number>();
  for (const item of items) {
    const word = wordOf(item);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = ["to deploy", "to upgrade", "to reconfigure", "to remove", "blocked", LATER, "unchanged"];
  const said = words.filter((word) => counts.has(word)).map((word) => `${counts.get(word)} ${word}`);
  return said.length === 0 ? "nothing is wanted, nothing is there" : said.join(", ");
}

/** What is said of hosts that a pull request may not look at. */
const LATER = "to plan after the merge";

/** An item in a word or two. */
export function wordOf(item: PlanItem): string {
  if (item.blocked !== null) return item.blocked.code === "host_not_contacted" ? LATER : "blocked";
  return isUnchanged(item) ? "unchanged" : `to ${item.action}`;
}

/** `web1/counter upgrade 1.0.0 → 1.1.0 (cause: spec; strategy: restart; connections: cut, it restarts; 9 steps)`. */
export const itemTitle = (item: PlanItem): string => `${nameOf(item)} ${itemWords(item, plain)}`;

const nameOf = ({ host, app }: PlanItem): string => `${host}/${app}`;

function itemWords(item: PlanItem, paint: Paint): string {
  if (item.blocked !== null) {
    const word = wordOf(item);
    return `${paint(word === LATER ? "change" : "bad", word)}: ${wordsOf(item.blocked).message}`;
  }
  if (item.transaction === null) return `${paint("quiet", "unchanged")} ${item.to ?? ""}`.trimEnd();
  const facts = [
    `cause: ${item.cause}`,
    `strategy: ${item.strategy}`,
    `connections: ${connectionsText(item)}`,
    ...(item.sendBytes > 0 ? [`sends at most ${formatBytes(item.sendBytes)}`] : []),
    counted(item.transaction.steps.length, "step"),
  ];
  const style = { deploy: "good", upgrade: "change", reconfigure: "change", remove: "bad", none: "quiet" } as const;
  return `${paint(style[item.action], item.action)} ${versionsText(item)} (${facts.join("; ")})`;
}

/** A line for each version that it becomes. */
export const hotTexts = ({ through, ...last }: HotPreview): string[] => [
  ...through.map((it, index) => partText(index === 0 ? `to ${it.version} first` : `then to ${it.version}`, it)),
  partText(through.length === 0 ? "" : "then", last),
];

/**
 * `hot: 3 modules loaded, 1 added; state migrated: counter_server; counter 1.0.0 → 1.1.0 by a generated appup`; where that leads to
 * an older version, `hot downgrade: …`.
 */
function partText(
  when: string,
  { isDowngrade, loaded, added, deleted, migrated, consolidated, applications }: HotPart,
): string {
  const counts = [
    `${counted(loaded.length, "module")} loaded`,
    ...(added.length > 0 ? [`${added.length} added`] : []),
    ...(deleted.length > 0 ? [`${deleted.length} deleted`] : []),
    ...(consolidated.length > 0 ? [`${counted(consolidated.length, "consolidated protocol")} replaced`] : []),
  ];
  const origins = { relup: "by its relup", appup: "by its appup", generated: "by a generated appup" };
  const moves = applications.map(({ name, from, to, origin }) => {
    if (from === null) return `${name} ${to} is started`;
    if (to === null) return `${name} ${from} is stopped`;
    return `${name} ${from === to ? from : `${from} → ${to}`}${origin === null ? "" : ` ${origins[origin]}`}`;
  });
  return `hot${isDowngrade ? " downgrade" : ""}${when === "" ? "" : ` ${when}`}: ${[
    counts.join(", "),
    ...(migrated.length > 0 ? [`state migrated: ${migrated.join(", ")}`] : []),
    ...moves,
  ].join("; ")}`;
}

/** Its first words say how it went. */
function paintedRehearsal(rehearsal: Rehearsal, paint: Paint): string {
  const [word = "", ...rest] = rehearsalText(rehearsal).split(":");
  const style = { passed: "good", failed: "bad", impossible: "change" } as const;
  return [paint(style[rehearsal.result], word), ...rest].join(":");
}

/** What becomes of the connections that the app has now. */
export function connectionsText({ action, interruption, transaction }: PlanItem): string {
  const has = (verb: string): boolean => transaction?.steps.some(({ action }) => action.verb === verb) === true;
  if (interruption === "drain") return "drained";
  if (interruption === "restart") {
    const what = has("unembed") ? "the application" : "it";
    const end = action === "remove" ? `cut, ${what} stops` : `cut, ${what} restarts`;
    return has("unembed") ? `${end}, its node goes on` : end;
  }
  // Nothing is stopped: either nothing runs, or the process that runs goes on.
  if (action === "remove") return "none";
  return has("start") || has("embed") ? "none yet" : "kept";
}

/** `1.0.0 → 1.1.0`, or the one version there is. */
export function versionsText({ from, to }: Pick<PlanItem, "from" | "to">): string {
  if (from !== null && to !== null && from !== to) return `${from} → ${to}`;
  return to ?? from ?? "";
}

/** The width of a column, within reason: one long text does not push all others out of sight. */
const widest = (texts: readonly string[], most: number): number =>
  texts.reduce((width, { length }) => (length <= most && length > width ? length : width), 0);

const valuesText = ({ from, to }: PlanItem["changes"][number]): string => `${from ?? "(none)"} → ${to ?? "(none)"}`;
