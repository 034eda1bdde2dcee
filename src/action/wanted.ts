// The wanted state of a run: fleet and specs at the head commit, specs at the base commit; everything wrong with it at once.
import { didYouMean } from "../core/did-you-mean.ts";
import type { Problem } from "../core/problem.ts";
import { problem, sortedProblems } from "../core/problem.ts";
import { Repository } from "../git/repository.ts";
import type { Ancestry } from "../plan/plan-input.ts";
import type { Apps } from "../plan/wanted-problems.ts";
import { wantedProblems } from "../plan/wanted-problems.ts";
import { notCarriedOut } from "../runtime/not-carried-out.ts";
import type { Fleet } from "../spec/fleet.ts";
import { readFleet } from "../spec/fleet.ts";
import type { Tree } from "../spec/read-specs.ts";
import { readSpecs } from "../spec/read-specs.ts";
import { allOverlays, specFilesOf } from "../spec/spec-files.ts";
import { askForLastDeployment, baseCommit } from "./base-commit.ts";
import { folderProblems, foldersWithoutSpec } from "./folder-problems.ts";
import type { Inputs } from "./inputs.ts";
import type { RunContext } from "./run-context.ts";

export type Wanted = {
  repository: Repository;
  commit: string;
  fleet: Fleet;
  previous: Apps;
  desired: Apps;
  /** Where the specs are, and the folders in it that hold files but no spec. */
  folder: string;
  vanished: ReadonlySet<string>;
  warnings: readonly Problem[];
};

/** Reads and checks it; problems instead where anything is wrong. No host is touched. */
export async function readWanted(
  inputs: Inputs,
  context: RunContext,
  { signal, say }: { signal: AbortSignal; say: (line: string) => void },
): Promise<{ wanted: Wanted } | { problems: Problem[]; warnings: Problem[] }> {
  // First of all: GitHub's answer is on its way while git reads what does not need it.
  const asked = askForLastDeployment(inputs, context, signal);
  const repository = new Repository(context.workspace);
  const folder = inRepository(inputs, inputs.specs);
  const fleetFile = inRepository(inputs, inputs.fleet);
  const reading = repository.commit(context.sha, "GITHUB_SHA");
  const choosing = baseCommit(repository, { inputs, context, asked });
  const readable = (paths: readonly string[]): string[] => specFilesOf(paths, folder, inputs.environment);

  const [commit, base, headTree, baseTree, fleetTree] = await Promise.all([
    reading,
    choosing,
    reading.then((head) => repository.tree(head, folder, readable)),
    choosing.then((chosen) => repository.tree(chosen.commit, folder, readable)),
    reading.then((head) => repository.tree(head, fleetFile, (paths) => paths.filter((path) => path === fleetFile))),
  ]);
  for (const line of base.said) say(line);
  const head = readSpecs(headTree, folder, inputs.environment);
  const previous = readSpecs(baseTree, folder, inputs.environment).apps;
  const fleet = fleetTree.paths.includes(fleetFile)
    ? readFleet(fleetFile, fleetTree.read(fleetFile), inputs.environment)
    : { problems: [problem("no_fleet", at(fleetFile), { file: fleetFile, commit })], warnings: [] };

  const problems = [
    ...head.problems,
    ...[...head.apps.values()].flatMap(notCarriedOut),
    ...fleet.problems,
    ...folderProblems(headTree, folder, { previous, desired: head.apps }),
    ...unknownApps(inputs, head.apps, previous),
  ];
  const warnings = [...base.warnings, ...head.warnings, ...fleet.warnings];
  const known = "fleet" in fleet ? fleet.fleet : undefined;
  if (known !== undefined) {
    // A plan that is made without secrets can't tell; one that is made with them tells what an apply would miss.
    const isTold = inputs.command === "apply" || inputs.secrets.size > 0;
    const secrets = isTold ? new Set(inputs.secrets.keys()) : null;
    warnings.push(...unknownOverlays(headTree, folder, known));
    problems.push(
      ...wantedProblems(head.apps, known, { secrets, only: inputs.apps, areAllRead: head.problems.length === 0 }),
    );
    if (problems.length === 0)
      return {
        wanted: {
          repository,
          commit,
          fleet: known,
          previous,
          desired: head.apps,
          folder,
          vanished: foldersWithoutSpec(headTree, folder),
          warnings,
        },
      };
  }
  return { problems: sortedProblems(problems), warnings };
}

/** How commits that hosts have on record relate to the one wanted now. */
export async function ancestryOf(
  { repository, commit }: Wanted,
  recorded: Iterable<string>,
): Promise<Map<string, Ancestry>> {
  const ancestry = new Map<string, Ancestry>();
  for (const other of new Set(recorded)) {
    const relation = await relationOf(repository, other, commit);
    // A shallow clone does not reach back to it. Which of the two is older decides whether anything may be done.
    const isKnown = relation !== "unknown" || !(await repository.fetchHistory());
    ancestry.set(other, isKnown ? relation : await relationOf(repository, other, commit));
  }
  return ancestry;
}

async function relationOf(repository: Repository, other: string, commit: string): Promise<Ancestry> {
  if (other === commit) return "same";
  if ((await repository.isAncestor(other, commit)) === true) return "older";
  const isNewer = await repository.isAncestor(commit, other);
  return isNewer === null ? "unknown" : isNewer ? "newer" : "unrelated";
}

const inRepository = ({ workingDirectory }: Inputs, path: string): string =>
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
