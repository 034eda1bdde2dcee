// What a transaction does on its host, as a digest: whatever is done differently, or undone differently, has another one.
import type { Json } from "../core/digest.ts";
import { digestOf } from "../core/digest.ts";
import type { Action, Transaction } from "../runtime/transaction.ts";
import { openPart } from "./config-name.ts";

/**
 * Said by the digest beside it (scripts), or no deed: how much is sent, and what is written down of it, with its commit. The rest of a
 * record follows from the spec, whose changes are part of a plan.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "up",
  "down",
  "suspended",
  "oldCode",
  "sizeBytes",
  "unpackedBytes",
  "state",
]);

/** 32 hex digits. Without what depends on a secret's value, so that a plan made without secrets can be approved. */
export function deedsOf({ steps }: Pick<Transaction, "steps">): string {
  const deeds = steps.map(({ action, undo }) => [
    deedOf(action),
    undo.kind === "act" ? undo.actions.map(deedOf) : undo.kind,
  ]);
  return digestOf(deeds).slice(0, 32);
}

const deedOf = (action: Action): Json =>
  Object.fromEntries(
    Object.entries(action).flatMap(([key, value]) => (LEFT_OUT.has(key) ? [] : [[key, part(key, value)]])),
  );

function part(key: string, value: unknown): Json {
  if (key === "config") return openPart(String(value));
  if (key === "from") return deedOf(value as Action);
  return value as Json;
}
