// The wanted state of a run: fleet and specs at the head commit, specs at the base commit; everything wrong with it at once.
import { didYouMean } from "../core/did-you-mean.ts";
import type { Problem } from "../core/problem.ts";
import { problem, sortedProblems } from "../core/problem.ts";
import type { Repository } from "../git/repository.ts";
import type { LastDeployment } from "../github/last-deployment.ts";
import { hostChanges } from "../plan/host-changes.ts";
import type { Ancestry } from "../plan/plan-input.ts";
import type { HostChange } from "../plan/plan-item.ts";
import type { Apps } from "../plan/wanted-problems.ts";
import { removedDependencies, secretProblems, wantedProblems } from "../plan/wanted-problems.ts";
import { notCarriedOut } from "../runtime/not-carried-out.ts";
import type { Fleet } from "../spec/fleet.ts";
import { readFleet } from "../spec/fleet.ts";
import type { Host } from "../spec/host.ts";
import type { Tree } from "../spec/read-specs.ts";
import { readSpecs } from "../spec/read-specs.ts";
import { allOverlays, specFilesOf } from "../spec/spec-files.ts";
import { baseCommit } from "./base-commit.ts";
import { folderProblems, foldersWithoutSpec, letsAllGo, lostSpecProblems } from "./folder-problems.ts";
import type { Inputs } from "./inputs.ts";
import type { RunContext } from "./run-context.ts";

/** What the head commit says: all of `Wanted` that does not need to know what was before. */
export type Head = {
  commit: string;
  /** Where the specs are. */
  folder: string;
  /** The files there, and the fleet's. */
  tree: Tree;
  fleetFile: string;
  desired: Apps;
  /** Null where its file is wrong or missing. */
  fleet: Fleet | null;
  problems: readonly Problem[];
  warnings: readonly Problem[];
};

export type Wanted = {
  repository: Repository;
  commit: string;
  fleet: Fleet;
  /** How its hosts are reached otherwise than at the base commit. */
  hostChanges: readonly HostChange[];
  previous: Apps;
  desired: Apps;
  /** Where the specs are, and the folders in it that hold files but no spec. */
  folder: string;
  vanished: ReadonlySet<string>;
};

/** Reads and checks fleet and specs at the head commit. No host is touched. `others` is what else is wrong. */
export async function readHead(
  repository: Repository,
  inputs: Inputs,
  context: RunContext,
  others: readonly Problem[],
): Promise<Head> {
  const folder = inRepository(inputs, inputs.specs);
  const fleetFile = inRepository(inputs, inputs.fleet);
  const commit = await repository.commit(context.sha, "GITHUB_SHA");
  const tree = await repository.tree(commit, [folder, fleetFile], (paths) => [
    ...specFilesOf(paths, folder, inputs.environment),
    fleetFile,
  ]);
  const head = readSpecs(tree, folder, inputs.environment);
  const read = tree.paths.includes(fleetFile)
    ? readFleet(fleetFile, tree.read(fleetFile), inputs.environment)
    : { problems: [problem("no_fleet", at(fleetFile), { file: fleetFile, commit })], warnings: [] };
  // An environment's own secrets are there only in a job that has the environment.
  const secrets = inputs.command === "apply" ? new Set(inputs.secrets.keys()) : null;
  const withheld = new Map([...inputs.withheld].map(([name, { input }]) => [name, input]));
  const problems = [
    ...others,
    ...head.problems,
    ...[...head.apps.values()].flatMap(notCarriedOut),
    ...head.drafts.flatMap((draft) =>
      [...notCarriedOut(draft), ...secretProblems([draft], secrets, withheld)].filter((of) => !draft.isTouched(of)),
    ),
    ...read.problems,
    ...folderProblems(tree, folder, letsAllGo(inputs.maxRemovals)),
  ];
  const warnings = [...head.warnings, ...read.warnings];
  const fleet = "fleet" in read ? read.fleet : null;
  if (fleet !== null) {
    warnings.push(...unknownOverlays(tree, folder, fleet));
    problems.push(
      ...wantedProblems(head.apps, fleet, {
        secrets,
        withheld,
        only: inputs.apps,
        areAllRead: head.problems.length === 0,
      }),
    );
  }
  return { commit, folder, tree, fleetFile, desired: head.apps, fleet, problems, warnings };
}

/** With what was before; problems instead where anything is wrong, all of them at once. */
export async function readWanted(
  repository: Repository,
  head: Head,
  given: {
    inputs: Inputs;
    context: RunContext;
    asked: Promise<LastDeployment> | null;
    say: (line: string) => void;
  },
): Promise<{ warnings: Problem[] } & ({ wanted: Wanted } | { problems: Problem[] })> {
  const { inputs, say } = given;
  const { commit, folder, tree, fleetFile, desired, fleet } = head;
  const base = await baseCommit(repository, given);
  for (const line of base.said) say(line);
  const baseTree = await repository.tree(base.commit, [folder, fleetFile], (paths) => [
    ...specFilesOf(paths, folder, inputs.environment),
    fleetFile,
  ]);
  const previous = readSpecs(baseTree, folder, inputs.environment).apps;
  const warnings = [...base.warnings, ...head.warnings];
  const problems = [
    ...head.problems,
    ...lostSpecProblems(tree, folder, { previous, desired }, inputs.maxRemovals),
    ...removedDependencies(head.problems, previous),
    ...unknownApps(inputs, desired, previous),
  ];
  if (fleet === null || problems.length > 0) return { problems: sortedProblems(problems), warnings };
  const vanished = foldersWithoutSpec(tree, folder);
  const changes = hostChanges(hostsIn(baseTree, fleetFile, inputs.environment), fleet);
  return {
    wanted: { repository, commit, fleet, hostChanges: changes, previous, desired, folder, vanished },
    warnings,
  };
}

/** The hosts of an environment in a fleet file; null where there is no such file, or it can't be read. */
export function hostsIn(tree: Tree, fleetFile: string, environment: string): readonly Host[] | null {
  if (!tree.paths.includes(fleetFile)) return null;
  return readFleet(fleetFile, tree.read(fleetFile), environment).fleet?.hosts ?? null;
}

/** Whether it is a commit's id. What a host says is another's word: git is given nothing else, which could be an option or a ref. */
export const isCommit = (text: string): boolean => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

/** How commits that hosts have on record relate to the one wanted now. */
export async function ancestryOf(
  { repository, commit }: Pick<Wanted, "repository" | "commit">,
  recorded: Iterable<string>,
): Promise<Map<string, Ancestry>> {
  const ancestry = new Map([...recorded].map((other): [string, Ancestry] => [other, "unknown"]));
  const relate = async (others: readonly string[]): Promise<string[]> => {
    // A host may have any number of commits on record; those that there are are asked for one by one.
    const here = await repository.existing(others.filter((other) => other !== commit));
    for (const other of others)
      if (other === commit || here.has(other)) ancestry.set(other, await relationOf(repository, other, commit));
    return others.filter((other) => ["unrelated", "unknown"].includes(ancestry.get(other) ?? ""));
  };
  const open = await relate([...ancestry.keys()].filter((other) => isCommit(other)));
  if (open.length === 0) return ancestry;
  // In a shallow clone that only says that the history ends before. Which of the two is older decides what may be done.
  const history = await repository.completeHistory();
  if (history === "completed") await relate(open);
  if (history === "cut") for (const other of open) ancestry.set(other, "unknown");
  return ancestry;
}

async function relationOf(repository: Repository, other: string, commit: string): Promise<Ancestry> {
  if (other === commit) return "same";
  const base = await repository.mergeBase(other, commit);
  if (base === undefined) return "unknown";
  return base === other ? "older" : base === commit ? "newer" : "unrelated";
}

export const inRepository = ({ workingDirectory }: Pick<Inputs, "workingDirectory">, path: string): string =>
  [workingDirectory, path].filter((part) => part !== "").join("/");

const at = (file: string) => ({ in: "spec", file, line: 1, column: 1, path: "" }) as const;

/** Overlays of environments that the fleet file does not know: probably misspelt, and without effect. */
function unknownOverlays({ paths }: Tree, folder: string, { environments }: Fleet): Problem[] {
  if (environments === null) return [];
  return allOverlays(paths, folder)
    .filter(({ environment }) => !environments.includes(environment))
    .map(({ file, environment }) =>
      problem("unknown_overlay", at(file), { environment, suggestion: didYouMean(environment, environments) }),
    );
}

function unknownApps(inputs: Inputs, desired: Apps, previous: Apps): Problem[] {
  return [...(inputs.apps ?? [])]
    .filter((name) => !desired.has(name) && !previous.has(name))
    .map((name) =>
      problem(
        "invalid_input",
        { in: "input", name: "apps" },
        {
          input: "apps",
          expected: `names of apps (${[...desired.keys()].join(", ")})`,
          got: name,
        },
      ),
    );
}
