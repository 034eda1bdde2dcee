// Deployments and their statuses. The two traps of the call are modelled: auto_merge answers 202 without a deployment,
// and required contexts (all of them, when the field is left out) answer 409.
import { type Answer, addressIn, type Call, docs, listAnswer, type Model, notFound, refusal } from "./call.ts";
import { actionsApp, actionsBot, type Json, sampleOf } from "./sample.ts";
import { type Deployment, type DeploymentStatus, isSha, type Repository, shaOf } from "./state.ts";

type Wanted = {
  ref: string;
  task?: string;
  auto_merge?: boolean;
  required_contexts?: string[];
  payload?: Deployment["payload"];
  environment?: string;
  description?: string | null;
  transient_environment?: boolean;
  production_environment?: boolean;
};
type WantedStatus = {
  state: DeploymentStatus["state"];
  target_url?: string;
  log_url?: string;
  description?: string;
  environment?: string;
  environment_url?: string;
  auto_inactive?: boolean;
};

/** The deployment operations, by operation id. */
export const deployments: Record<string, Model> = {
  "repos/create-deployment": (call) => {
    const wanted = call.body as Wanted;
    const sha = shaOf(call.repository, wanted.ref);
    if (sha === undefined) return refusal(`No ref found for: ${wanted.ref}`);
    const behind =
      wanted.auto_merge !== false &&
      !isSha(wanted.ref) &&
      sha !== call.repository.refs[`heads/${call.repository.defaultBranch}`];
    if (behind)
      return {
        status: 202,
        body: { message: `Auto-merged ${call.repository.defaultBranch} into ${wanted.ref} on deployment.` },
      };
    if (!isGreen(call.repository, sha, wanted.required_contexts)) {
      return {
        status: 409,
        body: { message: `Conflict: Commit status checks failed for ${wanted.ref}.`, documentation_url: docs },
      };
    }
    const environment = wanted.environment ?? "production";
    const deployment: Deployment = {
      id: call.nextId(),
      sha,
      ref: wanted.ref,
      task: wanted.task ?? "deploy",
      environment,
      description: wanted.description ?? null,
      payload: wanted.payload ?? {},
      transient_environment: wanted.transient_environment ?? false,
      production_environment: wanted.production_environment ?? environment === "production",
      created_at: call.now,
      statuses: [],
    };
    call.repository.deployments.push(deployment);
    return { status: 201, body: shown(call, deployment) };
  },
  "repos/list-deployments": (call) => {
    const fields = ["sha", "ref", "task", "environment"] as const;
    const isAsked = (one: Deployment) => fields.every((field) => one[field] === (call.query[field] ?? one[field]));
    const found = call.repository.deployments.filter(isAsked).reverse();
    return listAnswer(
      call,
      addressIn(call, "/deployments"),
      found.map((one) => shown(call, one)),
    );
  },
  "repos/get-deployment": (call) => withDeployment(call, (one) => ({ status: 200, body: shown(call, one) })),
  "repos/delete-deployment": (call) =>
    withDeployment(call, (one) => {
      const all = call.repository.deployments;
      const isActive = one.statuses.at(-1)?.state !== "inactive";
      if (isActive && all.length > 1) return stillActive();
      all.splice(all.indexOf(one), 1);
      return { status: 204 };
    }),
  "repos/create-deployment-status": (call) =>
    withDeployment(call, (one) => {
      const wanted = call.body as WantedStatus;
      const status: DeploymentStatus = {
        id: call.nextId(),
        state: wanted.state,
        description: wanted.description ?? "",
        environment: wanted.environment ?? one.environment,
        environment_url: wanted.environment_url ?? "",
        log_url: wanted.log_url ?? wanted.target_url ?? "",
        created_at: call.now,
      };
      one.statuses.push(status);
      if (status.state === "success" && wanted.auto_inactive !== false) retireOthers(call, one);
      return { status: 201, body: shownStatus(call, one, status) };
    }),
  "repos/list-deployment-statuses": (call) =>
    withDeployment(call, (one) => {
      const newestFirst = one.statuses.toReversed().map((status) => shownStatus(call, one, status));
      return listAnswer(call, addressIn(call, `/deployments/${one.id}/statuses`), newestFirst);
    }),
  "repos/get-deployment-status": (call) =>
    withDeployment(call, (one) => {
      const status = one.statuses.find((each) => each.id === Number(call.path.status_id));
      return status === undefined ? notFound() : { status: 200, body: shownStatus(call, one, status) };
    }),
};

// This call's 422 alone carries its errors as bare texts.
function stillActive(): Answer {
  const said = "We cannot delete an active deployment unless it is the only deployment in a given environment.";
  const body = { message: "Validation Failed", errors: [said], documentation_url: docs };
  return { status: 422, body, refused: said };
}

function withDeployment(call: Call, then: (deployment: Deployment) => Answer): Answer {
  const deployment = call.repository.deployments.find((one) => one.id === Number(call.path.deployment_id));
  return deployment === undefined ? notFound() : then(deployment);
}

function isGreen({ checkRuns }: Repository, sha: string, contexts: string[] | undefined): boolean {
  const runs = checkRuns.filter((run) => run.head_sha === sha);
  const passed = (name: string) => {
    const conclusion = runs.findLast((run) => run.name === name)?.conclusion;
    return conclusion === "success" || conclusion === "neutral" || conclusion === "skipped";
  };
  return (contexts ?? runs.map((run) => run.name)).every(passed);
}

// GitHub retires earlier successes in the same environment by itself, but no transient and no production ones.
function retireOthers(call: Call, current: Deployment): void {
  for (const other of call.repository.deployments) {
    const isSame = other.environment === current.environment && other.id < current.id;
    const isKept = other.transient_environment || other.production_environment;
    const last = other.statuses.at(-1);
    if (!isSame || isKept || last?.state !== "success") continue;
    other.statuses.push({ ...last, id: call.nextId(), state: "inactive", description: "", created_at: call.now });
  }
}

function shown(call: Call, { statuses, ...deployment }: Deployment): Json {
  const url = addressIn(call, `/deployments/${deployment.id}`);
  return sampleOf("deployment", {
    ...deployment,
    node_id: `DE_${deployment.id}`,
    url,
    statuses_url: `${url}/statuses`,
    repository_url: addressIn(call, ""),
    original_environment: deployment.environment,
    updated_at: statuses.at(-1)?.created_at ?? deployment.created_at,
    creator: actionsBot,
    performed_via_github_app: actionsApp,
  });
}

function shownStatus(call: Call, deployment: Deployment, status: DeploymentStatus): Json {
  const url = addressIn(call, `/deployments/${deployment.id}`);
  return sampleOf("deployment-status", {
    ...status,
    node_id: `DES_${status.id}`,
    url: `${url}/statuses/${status.id}`,
    deployment_url: url,
    repository_url: addressIn(call, ""),
    target_url: status.log_url,
    updated_at: status.created_at,
    creator: actionsBot,
    performed_via_github_app: actionsApp,
  });
}
