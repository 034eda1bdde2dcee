// A transaction as the agent reads it: a line a fact. See src/host/agent/95-submit.sh, the other side of this.
import { createHash } from "node:crypto";
import type { Action, Transaction } from "../runtime/transaction.ts";
import { deadlineOf } from "../runtime/transaction.ts";
import type { HealthCheck } from "../spec/app-spec.ts";
import { formatTerm } from "../spec/erlang-term.ts";
import { gateTimes } from "../spec/health.ts";
import { encodeWord, encodeWords } from "./transfer-alphabet.ts";

export type Request = {
  transaction: Transaction;
  lockTimeoutMs: number;
  /** Who runs this, shown to whoever waits for the lock. */
  holder: string;
  /** Of the releases that are to be staged, by their digests (see manifestText). */
  manifests: ReadonlyMap<string, string>;
  /** Files that the steps use, by name. They may hold secrets; they travel on standard input only. */
  files: ReadonlyMap<string, string>;
};

/** What a request begins with, which is gone where something else has read from it first. */
export const FIRST_LINE = "request";

/** A request as text; the agent takes nothing unless it is whole. */
export function requestText({ transaction, lockTimeoutMs, holder, manifests, files }: Request): string {
  const lines = [
    FIRST_LINE,
    `app ${transaction.app}`,
    `lock_timeout ${lockTimeoutMs}`,
    `expects ${encodeWord(transaction.expects)}`,
    `holds ${encodeWord(transaction.holds)}`,
    `holder ${encodeWord(holder)}`,
  ];
  for (const { id, action, undo, deadlineMs } of transaction.steps) {
    lines.push(`step ${id} ${undo.kind === "point-of-no-return" ? "final" : "undoable"} ${deadlineMs}`);
    lines.push(`do ${actionLine(action)}`);
    if (undo.kind === "act") lines.push(...undo.actions.map((undoing) => `undo ${actionLine(undoing)}`));
  }
  for (const [name, content] of files) lines.push(`file ${name} ${encodeWord(content)}`);
  // Not in words: shells read lines from a pipe byte by byte, and manifests are long.
  const text = [...manifests].map(([digest, manifest]) => `release\t${digest}\n${manifest}`).join("");
  if (text !== "") lines.push(`manifests ${createHash("sha256").update(text).digest("hex")}`);
  return `${[...lines, "end"].join("\n")}\n${text}`;
}

const actionLine = (action: Action): string =>
  [deadlineOf(action), action.verb, encodeWords(argumentsOf(action))].join(" ").trimEnd();

function argumentsOf(action: Action): (string | number | null)[] {
  switch (action.verb) {
    case "preflight":
      return [action.release, action.port, action.digest, action.supervisor, action.runAs ?? null];
    case "stage":
      return [action.release, action.digest, action.sizeBytes, action.unpackedBytes];
    case "unstage":
    case "link":
      return [action.release];
    case "config":
    case "unconfig":
      return [action.config];
    case "unit":
      return [action.supervisor, action.memoryMib, action.runAs ?? null];
    case "start":
      return [action.release, action.config, action.supervisor, action.runAs ?? null];
    case "health":
      return [action.release, action.version, ...healthArguments(action.check), ...(action.node ? [action.node] : [])];
    case "embeddable":
      return [action.release, action.config, action.version, action.digest, action.port, action.node];
    case "embed":
      return [action.release, action.config, action.node, action.timeoutMs];
    case "unembed":
      return [action.node];
    case "embed_env":
      return [action.release, action.config, action.node];
    case "embed_hot":
      return [
        action.release,
        action.config,
        action.from.release,
        action.node,
        action.up,
        atomList(action.suspended),
        atomList(action.oldCode),
        atomList(action.supervisors),
        action.lingerTimeoutMs,
        action.onLinger,
        action.suspendTimeoutMs,
      ];
    case "unembed_hot":
      return [
        action.release,
        action.config,
        action.left,
        action.node,
        action.down,
        atomList(action.suspended),
        atomList(action.supervisors),
        action.timeoutMs,
      ];
    case "purge":
      return [action.node, atomList(action.oldCode), action.lingerTimeoutMs, action.onLinger];
    case "record":
      return [action.state, encodeWords([action.release, ...healthArguments(action.check)])];
    case "hot":
      return [
        action.release,
        action.config,
        action.from.release,
        action.from.config,
        action.up,
        action.down,
        atomList(action.suspended),
        atomList(action.oldCode),
        atomList(action.supervisors),
        action.lingerTimeoutMs,
        action.onLinger,
        action.suspendTimeoutMs,
        action.runAs ?? null,
        atomList(action.replacedTwice),
      ];
    case "unhot":
      return [
        action.release,
        action.config,
        action.left,
        atomList(action.supervisors),
        action.supervisor,
        action.runAs ?? null,
      ];
    case "unhot_between":
      return [action.release, action.config, action.left, atomList(action.supervisors), action.runAs ?? null];
    case "reconfigure":
      return [action.release, action.config, action.runAs ?? null];
    case "permanent":
      return [
        action.release,
        action.config,
        action.supervisor,
        atomList(action.oldCode),
        action.lingerTimeoutMs,
        action.onLinger,
        action.runAs ?? null,
      ];
    case "hold":
      return [action.specDigest, action.code];
    case "prune":
      return [action.retain];
    case "embed_at_start":
    case "ununit":
    case "stop":
    case "forget":
      return [];
  }
}

const atomList = (names: readonly string[]): string => formatTerm({ list: names.map((atom) => ({ atom })) });

/** The parts that Erlang reads are Erlang terms already. */
function healthArguments(check: HealthCheck) {
  const { type, port, path, expect, min_healthy_time } = check;
  const { probeMs, startMs } = gateTimes(check);
  return [
    type,
    port ?? 0,
    formatTerm({ charlist: path ?? "" }),
    expect.status,
    formatTerm({ binary: expect.body ?? "" }),
    probeMs,
    startMs,
    min_healthy_time,
  ];
}
