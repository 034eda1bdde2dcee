// Check runs. An update replaces what it names, but appends annotations, as GitHub does: that is how more than 50 get in.
import { type Answer, addressIn, type Call, listAnswer, type Model, notFound, pageOf } from "./call.ts";
import { actionsApp, type Json, sampleOf } from "./sample.ts";
import { type Annotation, type CheckAction, type CheckRun, shaOf } from "./state.ts";

type Output = { title?: string; summary: string; text?: string; annotations?: Annotation[] };
type Fields = {
  name?: string;
  details_url?: string;
  external_id?: string;
  status?: CheckRun["status"];
  started_at?: string;
  conclusion?: string;
  completed_at?: string;
  output?: Output;
  actions?: CheckAction[];
};

/** The check operations, by operation id. */
export const checks: Record<string, Model> = {
  "checks/create": (call) => {
    const { name, head_sha, ...fields } = call.body as Fields & { name: string; head_sha: string };
    const run: CheckRun = {
      id: call.nextId(),
      name,
      head_sha,
      status: "queued",
      conclusion: null,
      external_id: "",
      details_url: null,
      started_at: call.now,
      completed_at: null,
      output: { title: null, summary: null, text: null },
      annotations: [],
      actions: [],
    };
    write(run, fields, call.now);
    call.repository.checkRuns.push(run);
    return { status: 201, body: shown(call, run) };
  },
  "checks/update": (call) =>
    withRun(call, (run) => {
      write(run, call.body as Fields, call.now);
      return { status: 200, body: shown(call, run) };
    }),
  "checks/get": (call) => withRun(call, (run) => ({ status: 200, body: shown(call, run) })),
  "checks/list-annotations": (call) =>
    withRun(call, (run) => {
      const blank = { start_column: null, end_column: null, title: null, raw_details: null };
      const all = run.annotations.map((one) => sampleOf("check-annotation", { ...blank, ...one }));
      return listAnswer(call, addressIn(call, `/check-runs/${run.id}/annotations`), all);
    }),
  "checks/list-for-ref": (call) => {
    const sha = shaOf(call.repository, call.path.ref ?? "");
    if (sha === undefined) return notFound();
    const { check_name, status, filter, app_id } = call.query;
    const named = call.repository.checkRuns.filter(
      (run) => run.head_sha === sha && run.name === (check_name ?? run.name) && run.status === (status ?? run.status),
    );
    const ours = app_id === undefined || Number(app_id) === actionsApp.id ? named : [];
    const isLatest = (run: CheckRun) => ours.findLast((one) => one.name === run.name) === run;
    const all = ours.filter((run) => filter === "all" || isLatest(run)).reverse();
    const { items, headers } = pageOf(
      call,
      addressIn(call, `/commits/${sha}/check-runs`),
      all.map((run) => shown(call, run)),
    );
    return { status: 200, headers, body: { total_count: all.length, check_runs: items } };
  },
};

function withRun(call: Call, then: (run: CheckRun) => Answer): Answer {
  const run = call.repository.checkRuns.find((one) => one.id === Number(call.path.check_run_id));
  return run === undefined ? notFound() : then(run);
}

function write(run: CheckRun, fields: Fields, now: string): void {
  run.name = fields.name ?? run.name;
  run.details_url = fields.details_url ?? run.details_url;
  run.external_id = fields.external_id ?? run.external_id;
  run.started_at = fields.started_at ?? run.started_at;
  run.actions = fields.actions ?? run.actions;
  if (fields.output !== undefined) {
    const { title, summary, text, annotations } = fields.output;
    run.output = { title: title ?? run.output.title, summary, text: text ?? run.output.text };
    run.annotations.push(...(annotations ?? []));
  }
  if (fields.conclusion !== undefined) {
    // A conclusion completes the run, whatever status says.
    run.status = "completed";
    run.conclusion = fields.conclusion;
    run.completed_at = fields.completed_at ?? now;
  } else if (fields.status !== undefined) {
    run.status = fields.status;
    run.conclusion = null;
    run.completed_at = null;
  }
}

function shown(call: Call, { annotations, actions: _, ...run }: CheckRun): Json {
  const url = addressIn(call, `/check-runs/${run.id}`);
  return sampleOf("check-run", {
    ...run,
    node_id: `CR_${run.id}`,
    url,
    html_url: `https://github.com/${call.repository.owner}/${call.repository.name}/runs/${run.id}`,
    output: { ...run.output, annotations_count: annotations.length, annotations_url: `${url}/annotations` },
    check_suite: { id: 1 },
    app: actionsApp,
  });
}
