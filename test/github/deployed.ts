// Deployments as earlier jobs have left them, or GitHub itself for a job with an `environment:`.
import type { DeploymentStatus, Repository } from "./state.ts";

/** One more, the newest; its states oldest first, as they came. */
export function addDeployment(
  { deployments }: Repository,
  sha: string,
  { environment = "production", states = ["in_progress", "success"] as readonly DeploymentStatus["state"][] } = {},
): void {
  const created_at = "2026-11-24T04:00:00Z";
  const id = deployments.length + 1;
  deployments.push({
    id,
    sha,
    ref: "main",
    task: "deploy",
    environment,
    description: null,
    payload: {},
    transient_environment: false,
    production_environment: environment === "production",
    created_at,
    statuses: states.map((state, index) => ({
      id: id * 100 + index,
      state,
      description: "",
      environment,
      environment_url: "",
      log_url: "",
      created_at,
    })),
  });
}
