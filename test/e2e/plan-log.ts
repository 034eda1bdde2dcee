// A plan as the log has it, and the same as a test writes it down: without columns, sizes, digests, and numbers of steps.
import { type PlanJson, planJson } from "../../src/plan/plan-json.ts";
import type { JobResult } from "./action.ts";

export type PlannedItem = {
  host: string;
  app: string;
  /** What is done, or that nothing is: unchanged, blocked. */
  action: string;
  /** `1.0.0 → 1.1.0`, or why it is blocked. */
  versions: string;
  /** Cause, and what becomes of connections; nothing where nothing is done. */
  facts: string;
  /** Changed fields with their places, and warnings. Of a deploy only these: its fields are those of its spec. */
  details: string[];
};

/** What the log of a run says that it will do. */
export function plannedIn({ log }: Pick<JobResult, "log">): PlannedItem[] {
  const lines = log.split("\n");
  const [begin = 0, end] = [/^Plan for /, /^Plan digest /].map((line) => lines.findIndex((it) => line.test(it)));
  return itemsOf(lines.slice(begin + 1, end).filter((line) => !KNOWN_LATER.test(line)));
}

/** Of secrets that the job of the plan lacks, behind all items. */
const KNOWN_LATER = /^ {2}known at apply: /;

/** The same from a text; `web1,web2/counter …` stands for a line each, with the same details. */
export const planned = (text: string): PlannedItem[] => itemsOf(text.split("\n").filter((line) => line.trim() !== ""));

function itemsOf(lines: readonly string[]): PlannedItem[] {
  const items: PlannedItem[][] = [];
  for (const line of lines.map((it) => plain(it.trim()))) {
    const [, hosts = "", app = "", action = "", versions = "", , facts = ""] =
      /^([\w,]+)\/(\w+) (\w+):? ([^(]*?)( \((.*)\))?$/.exec(line) ?? [];
    if (app !== "") items.push(hosts.split(",").map((host) => ({ host, app, action, versions, facts, details: [] })));
    else for (const item of items.at(-1) ?? []) if (isTold(item.action, line)) item.details.push(line);
  }
  return items.flat();
}

const isTold = (action: string, detail: string): boolean => action !== "deploy" || detail.startsWith("warning: ");

type Told = Omit<PlannedItem, "facts"> & { cause: string | null; isSent: boolean };

/** As much of an item as the output `plan` says, too. */
export const toldBy = ({ facts, details, ...item }: PlannedItem): Told => ({
  ...item,
  // What to do about it is for people.
  details: item.action === "blocked" ? [] : details,
  cause: /cause: (\w+)/.exec(facts)?.[1] ?? null,
  isSent: facts.endsWith("; sends"),
});

/** The items of the output `plan`. */
export const toldInOutput = ({ outputs }: Pick<JobResult, "outputs">): Told[] =>
  planJson.parse(JSON.parse(outputs.plan ?? "")).items.map((item) => ({
    host: item.host,
    app: item.app,
    action: item.blocked !== null ? "blocked" : item.transaction === null ? "unchanged" : item.action,
    versions: plain(
      item.blocked?.message ?? [...new Set([item.from, item.to])].filter((it) => it !== null).join(" → "),
    ),
    details: [
      ...(item.action === "deploy" ? [] : item.changes.map(changeText)),
      ...(item.warnings ?? []).map((warning) => `warning: ${warning}`),
    ],
    cause: item.blocked === null ? (item.cause ?? null) : null,
    isSent: (item.sendBytes ?? 0) > 0,
  }));

const changeText = ({ field, from, to, file, line }: PlanJson["items"][number]["changes"][number]): string =>
  plain(`${field} ${from ?? "(none)"} → ${to ?? "(none)"} ${file ? `${file}:${line}` : ""}`.trimEnd());

const plain = (text: string): string =>
  text
    .replace(/ {2,}/g, " ")
    .replace("; strategy: restart", "")
    .replace(/; sends at most [^;]+/, "; sends")
    .replace(/; \d+ steps?\)$/, ")")
    .replace(/\b[0-9a-f]{64}\b/g, "SHA")
    .replace(/\b[0-9a-f]{12}\b/g, "ID");
