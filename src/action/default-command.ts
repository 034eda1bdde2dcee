// What a run does where the workflow does not give the input command. A closed list: an event that nobody thought of as one that
// deploys must not (GitHub docs, "Events that trigger workflows").
import type { RunContext } from "./run-context.ts";

/** Null: the workflow must say it. */
export function defaultCommand(
  context: Pick<RunContext, "eventName" | "ref" | "defaultBranch">,
): "plan" | "apply" | null {
  const { eventName, ref, defaultBranch } = context;
  const isOnDefaultBranch = defaultBranch !== null && ref === `refs/heads/${defaultBranch}`;
  switch (eventName) {
    case "pull_request":
    case "pull_request_target":
    case "merge_group":
      return "plan";
    // GitHub runs a schedule on the default branch only.
    case "schedule":
      return "apply";
    case "push":
    case "workflow_dispatch":
      return isOnDefaultBranch ? "apply" : null;
    default:
      return null;
  }
}

/** Why there is none, behind `input command is required`. */
export function whyNoCommand({ eventName, ref, defaultBranch }: Parameters<typeof defaultCommand>[0]): string {
  const event = `for the event ${eventName === "" ? "(none)" : eventName}`;
  const of = eventName === "push" || eventName === "workflow_dispatch" ? ` of ${ref ?? "an unknown ref"}` : "";
  const applies = `only a push to ${defaultBranch ?? "the default branch"}, a run by hand on it, or a schedule, applies by itself`;
  return `${event}${of}: ${applies}`;
}
