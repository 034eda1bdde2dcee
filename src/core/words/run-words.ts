// What goes wrong in an op, and what keeps a plan from being carried out.
import { formatDuration } from "../quantity.ts";

export const runWords = {
  // Steps
  transfer_failed: (f: { detail: string }) => ({
    message: `the release did not arrive whole: ${f.detail}`,
    remedy: "Run again; if it repeats, check the host's disk and network.",
  }),
  start_failed: (f: { detail: string }) => ({
    message: `the app did not start: ${f.detail}`,
    remedy: "Read its last lines below; correct the release or its env.",
  }),
  stop_failed: (f: { detail: string }) => ({
    message: `the app did not stop: ${f.detail}`,
    remedy: "Look at the process on the host.",
  }),
  health_check_failed: (f: { probe: string; saw: string; waitedMs: number }) => ({
    message: `${f.probe} was not healthy within ${formatDuration(f.waitedMs)}: ${f.saw}`,
    remedy: "Read the app's last lines below; raise health.start_timeout if it only needs longer.",
  }),
  step_timeout: (f: { deadlineMs: number }) => ({
    message: `did not end within its deadline of ${formatDuration(f.deadlineMs)}`,
    remedy: "Look at the host's load and disk.",
  }),
  step_failed: (f: { detail: string }) => ({
    message: f.detail,
    remedy: "Look at the host; run again when it is mended.",
  }),
  hot_upgrade_failed: (f: { what: string; detail: string; term: string }) => ({
    message: `hot upgrade ${f.what}: ${f.detail}${f.term === "" ? "" : ` (${f.term})`}`,
    remedy:
      "What was refused before anything changed is tried again by the next run. Else correct the code or its appup, or use strategy: restart for this version; docs/hot-upgrade.md says more.",
  }),
  no_hot_upgrade: (f: { from: string; to: string; why: readonly string[] }) => ({
    message: `${f.from} can't become ${f.to} without a restart: ${f.why.join("; ")}`,
    remedy: "Use on_no_appup: restart to allow the restart, or change what stands in the way.",
  }),
  incomplete_inspection: (f: { why: string }) => ({
    message: `whether it can be upgraded without a restart is not known: ${f.why}`,
    remedy: "Nothing is done to it here. Run again; if it comes again, strategy: restart asks no node.",
  }),
  rehearsal_failed: (f: { from: string; to: string; detail: string }) => ({
    message: `the hot upgrade ${f.from} → ${f.to} fails when it is rehearsed: ${f.detail}`,
    remedy: "Correct the code or its appup, or use strategy: restart for this version; docs/hot-upgrade.md says more.",
  }),
  rehearsal_impossible: (f: { from: string; to: string; why: string }) => ({
    message: `the hot upgrade ${f.from} → ${f.to} can't be rehearsed here: ${f.why}`,
    remedy: "Nothing is proven either way, and nothing is held up; docs/hot-upgrade.md says what a rehearsal needs.",
  }),
  not_healthy: (f: { saw: string }) => ({
    message: `runs as it should, and is not healthy: ${f.saw}`,
    remedy: "Nothing is done about it: look at the app, its log and what it depends on.",
  }),
  interrupted: (f: { step: string }) => ({
    message: `an earlier run was cut off in step ${f.step}; it has been undone`,
    remedy: "Nothing: this run goes on from there.",
  }),
  undo_failed: (f: { detail: string; remedy: string }) => ({
    message: `the way back failed: ${f.detail}`,
    remedy: `The app is broken on this host: look at it now. ${f.remedy} The next run goes on from what it finds.`,
  }),
  cancelled: (_: object) => ({
    message: "this run was cancelled before it had anything deployed",
    remedy: "Run again when you like. An earlier run's work on a host ends or undoes by itself.",
  }),
  op_unfinished: (f: { waitedMs: number }) => ({
    message: `still at work on the host when this run was cancelled (waited ${formatDuration(f.waitedMs)})`,
    remedy: "It finishes or undoes by itself; run status in a minute.",
  }),

  // Plan
  superseded: (f: { recorded: string; head: string }) => ({
    message: `what runs here is of commit ${f.recorded}, which is newer than ${f.head}`,
    remedy: "Nothing to do: this run is late. To go back on purpose, revert the commit.",
  }),
  nothing_to_roll_back_to: (f: { wanted: string; there: readonly string[] }) => ({
    message: `${f.wanted} is not on the host any more, with its configuration${f.there.length > 0 ? ` (still there: ${f.there.join(", ")})` : ""}`,
    remedy:
      "Name a version that is still there, or revert the commit and push. retain says how many releases stay on a host.",
  }),
  record_lost: (f: { version: string; wanted: string; why: string }) => ({
    message: `${f.version} is gone or damaged here and can't be sent again: ${f.why}`,
    remedy: `Change the spec to a version that can be deployed, or try ${f.wanted} again with the input retry-failed: true.`,
  }),
  held: (f: { failed: string }) => ({
    message:
      f.failed === "rolled_back"
        ? "this very spec was rolled back here and is held: it is not tried again"
        : `this very spec failed here before (${f.failed}) and is held: it is not tried again`,
    remedy: "Change the spec, or set the input retry-failed: true.",
  }),
  record_unreadable: (f: { file: string; why: string }) => ({
    message: `${f.file} can't be read as a record: ${f.why}`,
    remedy:
      "Nothing is done there. Give the file back to the login's user, or restore it, or a line of its .history; or remove it and the app.",
  }),
  foreign_app: (f: { app: string; owner: string }) => ({
    message: `${f.app} belongs to ${f.owner}`,
    remedy: "Rename the app, choose other hosts, or remove it from there first.",
  }),
  plan_stale: (f: { differences: readonly string[] }) => ({
    message: `the world changed since the plan was approved: ${f.differences.join("; ")}`,
    remedy: "Plan again and approve the new plan.",
  }),
  plan_dropped: (f: { given: string }) => ({
    message: `the job plan handed over no plan (the input plan is ${f.given}): GitHub drops an output that contains the value of a secret`,
    remedy:
      "Look in the job plan for the warning secret_in_plan, or GitHub's own: Skip output 'plan'. A word such as deploy or production is no secret: make it a variable (vars.NAME), and delete the secret.",
  }),
  secret_in_plan: (f: { secret: string }) => ({
    message: `the plan contains the value of the secret ${f.secret}: GitHub drops the output plan, and no apply gets it`,
    remedy: `No spec names it as a secret. Where it is none, make it a variable (vars.${f.secret}) and delete the secret; else give it a value that stands nowhere else.`,
  }),
  too_many_removals: (f: {
    removed: number;
    owned: number;
    apps: readonly string[];
    limit: string;
    allowed: number;
    /** Where the hosts alone say that these apps are deployed from here: which. */
    on?: string;
  }) => ({
    message: `${f.removed} of the ${f.owned} apps deployed from here${f.on === undefined ? "" : ` to ${f.on}`} would be removed, max-removals (${f.limit}) allows ${f.allowed}: ${f.apps.join(", ")}`,
    remedy: `If all of them are to go, set max-removals: ${f.removed} for this run; if not, check specs, environment, ${f.on === undefined ? "and what was deleted" : "base, and who wrote that host's records"}.`,
  }),
  drift_found: (f: { detail: string }) => ({
    message: `drifted: ${f.detail}`,
    remedy: "on-drift is report: nothing was changed. Set on-drift: heal to bring it back.",
  }),
  incomplete_observation: (f: { host: string }) => ({
    message: `nothing is known about ${f.host}, so nothing is planned there`,
    remedy: "See the host's own problem.",
  }),

  // GitHub
  github_unavailable: (f: { call: string; detail: string }) => ({
    message: `${f.call} failed: ${f.detail}`,
    remedy: "The deploy is not affected; only this report is missing on GitHub. Check permissions: checks: write.",
  }),
};
