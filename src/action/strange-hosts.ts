// Hosts that a pull request may not have logged in to: whoever opens one writes its fleet file. What was merged is trusted, nothing else.
import { Failure } from "../core/failure.ts";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { Repository } from "../git/repository.ts";
import { reachDifferences, reachOf } from "../plan/host-changes.ts";
import type { Host } from "../spec/host.ts";
import type { Inputs } from "./inputs.ts";
import type { RunContext } from "./run-context.ts";
import { hostsIn, inRepository } from "./wanted.ts";

/** Why a host is not contacted; null where it is. */
export type Strangers = (host: Host) => Problem | null;

type Rules = Pick<Inputs, "fleet" | "environment" | "workingDirectory" | "contactChangedHosts">;

const NO_STRANGERS: Strangers = () => null;

/**
 * A host must be reached in the same way as at the pull request's base. Where that is not the repository's own branch it must be
 * so there as well, or a branch for a pull request to stand on would be all it takes.
 */
export async function strangersTo(
  repository: Repository,
  inputs: Rules,
  context: Pick<RunContext, "proposal">,
): Promise<Strangers> {
  const { proposal } = context;
  if (proposal === null || inputs.contactChangedHosts) return NO_STRANGERS;
  const { base, defaultBranch } = proposal;
  const trusted: [ref: string | null, name: string][] = [[base, "the pull request's base"]];
  if (defaultBranch !== null) trusted.push([`refs/heads/${defaultBranch}`, `branch ${defaultBranch}`]);
  const doubts: ((host: Host) => string | null)[] = [];
  // One after the other: two fetches into one clone would be in each other's way.
  for (const [ref, name] of trusted) doubts.push(doubtsAbout(await hostsAt(ref, repository, inputs), name));
  return (host) => {
    const why = doubts.map((doubt) => doubt(host)).find((each) => each !== null);
    if (why === undefined || why === null) return null;
    return problem("host_not_contacted", { in: "host", host: host.name }, { host: host.name, why });
  };
}

/** The hosts in the fleet file of a commit, or why they are not known. */
async function hostsAt(
  ref: string | null,
  repository: Repository,
  inputs: Rules,
): Promise<readonly Host[] | { unknown: string }> {
  if (ref === null) return { unknown: "the event does not say which it is" };
  const fleetFile = inRepository(inputs, inputs.fleet);
  try {
    const commit = await repository.commit(ref, "base");
    const tree = await repository.tree(commit, [fleetFile], () => [fleetFile]);
    return hostsIn(tree, fleetFile, inputs.environment) ?? { unknown: `it has no ${fleetFile} that can be read` };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { unknown: "that commit can't be read" };
  }
}

function doubtsAbout(known: readonly Host[] | { unknown: string }, name: string): (host: Host) => string | null {
  if ("unknown" in known) return () => `whether it is in ${name} is not known: ${known.unknown}`;
  const hosts = new Map(known.map((host) => [host.name, reachOf(host)]));
  return (host) => {
    const was = hosts.get(host.name);
    if (was === undefined) return `it is not in ${name}`;
    const fields = reachDifferences(was, reachOf(host));
    return fields.length === 0 ? null : `it is not as in ${name}: another ${fields.join(", ")}`;
  };
}
