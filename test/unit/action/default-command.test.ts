// Which events do what by themselves: a closed list.
import { expect, test } from "vitest";
import { defaultCommand, whyNoCommand } from "../../../src/action/default-command.ts";

const MAIN = "refs/heads/main";

test.each([
  ["pull_request", "refs/pull/7/merge", "plan"],
  ["pull_request_target", MAIN, "plan"],
  ["merge_group", "refs/heads/gh-readonly-queue/main/pr-7-abc", "plan"],
  ["push", MAIN, "apply"],
  ["workflow_dispatch", MAIN, "apply"],
  ["schedule", MAIN, "apply"],
  ["push", "refs/heads/try", null],
  ["push", "refs/tags/main", null],
  ["push", null, null],
  ["workflow_dispatch", "refs/heads/try", null],
  ...[
    "issue_comment",
    "release",
    "workflow_run",
    "delete",
    "create",
    "repository_dispatch",
    "pull_request_review",
    "",
  ].map((eventName) => [eventName, MAIN, null] as const),
] as const)("the event %s of %s does %j where nothing else is said", (eventName, ref, command) => {
  expect(defaultCommand({ eventName, ref, defaultBranch: "main" })).toBe(command);
});

test("without a default branch nothing is pushed to it", () => {
  expect(defaultCommand({ eventName: "push", ref: "refs/heads/null", defaultBranch: null })).toBe(null);
});

test("what is missing is said with the event, and with what would need no input", () => {
  expect(whyNoCommand({ eventName: "push", ref: "refs/heads/try", defaultBranch: "main" })).toBe(
    "for the event push of refs/heads/try: only a push to main, a run by hand on it, or a schedule, applies by itself",
  );
  expect(whyNoCommand({ eventName: "issue_comment", ref: MAIN, defaultBranch: "main" })).toMatch(
    /^for the event issue_comment: /,
  );
});
