import type { NonEmpty, Problem } from "../core/problem.ts";
import { wordsOf } from "../core/problem.ts";
import { formatBytes } from "../core/quantity.ts";
import { isOfUnseenHost, isUnchanged, type Plan, type PlanItem } from "../plan/plan-item.ts";
import { block, code, literal, table } from "./markdown.ts";
import { plain } from "./paint.ts";
import {
  connectionsText,
  hostChangeLines,
  hotTexts,
  MOST_HOST_CHANGES,
  MOST_LISTED,
  moreText,
  planSummary,
  unknownSecretsText,
  versionsText,
  wordOf,
} from "./plan-text.ts";
import { problemText } from "./problem-text.ts";
import { rehearsalText } from "./rehearsal-text.ts";

/**
 * A plan for the job summary and the check: a row for what is done alike to some hosts, then what changes in each spec, and what
 * is wrong with hosts. Of many apps the changes are folded away, each under its name.
 */
export function planMarkdown(plan: Plan, hostProblems: readonly Problem[] = []): string {
  const hosts = hostChangeLines(plan.hostChanges, plain, MOST_HOST_CHANGES);
  const done = plan.items.filter((item) => !isUnchanged(item));
  const shown = done.slice(0, MOST_LISTED);
  const lines = [`## Plan for ${literal(plan.environment)}`, "", `${planSummary(plan)}.`, ""];
  if (hosts.length > 0) lines.push("Hosts that are reached otherwise than before:", "", ...block(hosts), "");
  if (shown.length > 0) lines.push(...table(HEAD, alike(shown, facts).map(row)), "");
  for (const line of moreText(done.length - shown.length)) lines.push(line, "");
  for (const line of unknownSecretsText(plan.items)) lines.push(literal(line), "");
  const sections = [...grouped(shown)].flatMap(([app, items]) => sectionsOf(app, items));
  for (const section of sections) lines.push(...(sections.length > SHOWN_WHOLE ? folded(section) : unfolded(section)));
  const blocked = shown.flatMap((item) => (isOfUnseenHost(item.blocked) ? [] : (item.blocked ?? [])));
  for (const problem of [...hostProblems, ...blocked]) lines.push(...block(problemText(problem)), "");
  lines.push(`Digest ${code(plan.digest)}`, "");
  return lines.join("\n");
}

/** As many apps' changes are shown without a click. */
const SHOWN_WHOLE = 3;

/** As many hosts are named in a row. */
const NAMED_HOSTS = 5;

const HEAD = ["App", "Hosts", "Action", "Version", "Why", "Connections", "Sends"];

/** What a row says of an item, besides its host. */
const facts = (item: PlanItem): string[] => [
  literal(item.app),
  item.blocked === null ? item.action : `${wordOf(item)}: ${literal(wordsOf(item.blocked).message)}`,
  literal(versionsText(item)),
  item.cause ?? "",
  item.transaction === null ? "" : connectionsText(item),
  item.sendBytes > 0 ? formatBytes(item.sendBytes) : "",
];

function row(items: NonEmpty<PlanItem>): string[] {
  const [app = "", ...others] = facts(items[0]);
  return [app, hostsText(items), ...others];
}

function hostsText(items: readonly PlanItem[]): string {
  const named = items.slice(0, NAMED_HOSTS).map(({ host }) => literal(host));
  return items.length > named.length ? `${named.join(", ")} and ${items.length - named.length} more` : named.join(", ");
}

/** Items of which the same is said, together. */
function alike(items: readonly PlanItem[], said: (item: PlanItem) => unknown): NonEmpty<PlanItem>[] {
  const groups = new Map<string, [PlanItem, ...PlanItem[]]>();
  for (const item of items) {
    const key = JSON.stringify(said(item));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

const SIGNS = { passed: "✅", failed: "❌", impossible: "⚠️" } as const;

type Section = { title: string; lines: string[] };

/** What changes in an app's spec and what to know about it, once for all hosts of which it is true. */
function sectionsOf(app: string, items: readonly PlanItem[]): Section[] {
  return alike(items, ({ changes, hot, rehearsal, warnings }) => [changes, hot, rehearsal, warnings]).flatMap(
    (group) => {
      const [{ changes, hot, rehearsal, warnings }] = group;
      if (changes.length === 0 && warnings.length === 0 && hot === null) return [];
      const hosts = group.length === items.length ? "" : ` on ${hostsText(group)}`;
      const rows = changes.map(({ field, from, to, file, line }) => [
        code(field),
        from === null ? "" : code(from),
        to === null ? "" : code(to),
        file === null ? "" : code(`${file}:${line}`),
      ]);
      const lines = [
        ...(rows.length > 0 ? [...table(["Field", "From", "To", "Where"], rows), ""] : []),
        ...(hot === null ? [] : hotTexts(hot).flatMap((line) => [literal(line), ""])),
        ...(rehearsal === undefined ? [] : [`${SIGNS[rehearsal.result]} ${literal(rehearsalText(rehearsal))}`, ""]),
        ...(warnings.length > 0 ? [...warnings.map((warning) => `- ⚠️ ${literal(warning)}`), ""] : []),
      ];
      return [{ title: `${literal(app)}${hosts}`, lines }];
    },
  );
}

const unfolded = ({ title, lines }: Section): string[] => [`### ${title}`, "", ...lines];

/** GitHub shows Markdown within an element where a blank line parts the two (GitHub Flavored Markdown, HTML blocks). */
const folded = ({ title, lines }: Section): string[] => [
  `<details><summary>${title}</summary>`,
  "",
  ...lines,
  "</details>",
  "",
];

/** Items by app, in the plan's order. */
export const grouped = <T extends { app: string }>(items: readonly T[]): Map<string, T[]> =>
  Map.groupBy(items, ({ app }) => app);
