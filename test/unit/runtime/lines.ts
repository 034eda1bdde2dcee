// Transactions as people read them.
import type { Action, Step, Transaction } from "../../../src/runtime/transaction.ts";

/** An action with what tells it from others of its verb. */
function words(action: Action): string {
  const { verb } = action;
  if (verb === "prune") return `${verb} to ${action.retain}`;
  if ("config" in action && "release" in action) return `${verb} ${action.release} with ${action.config}`;
  if ("config" in action) return `${verb} ${action.config}`;
  return "release" in action ? `${verb} ${action.release ?? "nothing"}` : verb;
}

/** `stop | start 1.0.0 with c1, health 1.0.0`: a step and its undo. */
function line({ action, undo }: Step): string {
  if (undo.kind !== "act") return `${words(action)} | ${undo.kind}`;
  return `${words(action)} | ${undo.actions.map(words).join(", ")}`;
}

/** A line a step, with its undo. */
export const lines = ({ steps }: Transaction): string[] => steps.map(line);
