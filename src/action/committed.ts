// What a host has on record, as git has it. A host may say anything: of an old release nothing but its name is believed, and that
// only where it is the name of what this repository held at an ancestor of the commit that is wanted now.
import { Failure } from "../core/failure.ts";
import { wordsOf } from "../core/problem.ts";
import { isConfigName } from "../plan/config-name.ts";
import { isFromFolder, isOurs } from "../plan/ownership.ts";
import { isReleaseDirectory } from "../plan/release-target.ts";
import type { Apps } from "../plan/wanted-problems.ts";
import { notCarriedOut } from "../runtime/not-carried-out.ts";
import type { Owner, Recorded } from "../runtime/observed.ts";
import type { AppSpec } from "../spec/app-spec.ts";
import { defined } from "../spec/defined.ts";
import type { Host } from "../spec/host.ts";
import { selects } from "../spec/host-selection.ts";
import { readSpecs } from "../spec/read-specs.ts";
import { specDigest } from "../spec/spec-digest.ts";
import { specFilesOf } from "../spec/spec-files.ts";
import { specOn } from "../spec/variables.ts";
import type { Wanted } from "./wanted.ts";
import { ancestryOf, isCommit } from "./wanted.ts";

/**
 * The record of an app on a host, made of git's spec; or why it can't be had. Who it runs as, and what starts it, is the host's own
 * business, and of use there alone.
 */
export type Committed = (app: string, host: string, record: Recorded) => Promise<Recorded | { refused: string }>;

type Specs = Pick<Wanted, "repository" | "commit" | "folder"> & { fleet: { hosts: readonly Host[] } };

/** Each commit is read once; `onSpec` is told of each spec that is taken from one. */
export function committedIn(wanted: Specs, owner: Owner, onSpec: (spec: AppSpec) => void): Committed {
  const read = new Map<string, Promise<Apps | { refused: string }>>();
  return async (app, host, record) => {
    const why = whyNot(record, { owner, folder: wanted.folder });
    if (why !== null) return { refused: why };
    const { commit } = record;
    const reading = read.get(commit) ?? specsAt(commit, wanted, owner.environment);
    read.set(commit, reading);
    const specs = await reading;
    if ("refused" in specs) return specs;
    const found = specs.get(app);
    const at = `commit ${commit.slice(0, 12)}`;
    if (found === undefined) return { refused: `${at} has no valid spec of ${app}` };
    // What a spec never gave to a host, its secrets among it, the host doesn't get by saying that it had it.
    const place = wanted.fleet.hosts.find(({ name }) => name === host);
    if (place === undefined || !selects(found.spec.hosts, place))
      return { refused: `${at} has ${app} for other hosts than ${host}` };
    const [missing] = notCarriedOut(found);
    if (missing !== undefined) return { refused: `at ${at}: ${wordsOf(missing).message}` };
    const spec = specOn(found.spec, host);
    if (spec.version !== record.version)
      return { refused: `${at} has ${app} ${spec.version}, the host's record says ${shown(record.version)}` };
    if (!isReleaseDirectory(record.release, spec.version, record.digest))
      return { refused: `the host's record names ${shown(record.release)} as its directory` };
    onSpec(spec);
    const { digest, release, config } = record;
    return {
      schema: 1,
      owner,
      version: spec.version,
      release,
      digest,
      config,
      supervisor: record.supervisor,
      ...defined({ runAs: record.runAs, node: record.node }),
      specDigest: specDigest(spec),
      commit,
      file: found.document.file,
      spec,
    };
  };
}

/** Why a record is none of ours, or none at all. */
function whyNot(record: Recorded, { owner, folder }: { owner: Owner; folder: string }): string | null {
  const { digest, config, commit } = record;
  if (!isOurs(record.owner, owner) || !isFromFolder(record, folder))
    return "the host's record is of another repository, environment or folder";
  if (!isCommit(commit)) return `the host's record names ${shown(commit)} as its commit`;
  if (!/^[0-9a-f]{64}$/.test(digest)) return `the host's record names ${shown(digest)} as its digest`;
  return isConfigName(config) ? null : `the host's record names ${shown(config)} as its configuration`;
}

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

async function specsAt(commit: string, wanted: Specs, environment: string): Promise<Apps | { refused: string }> {
  const relation = (await ancestryOf(wanted, [commit])).get(commit);
  if (relation !== "same" && relation !== "older")
    return { refused: `commit ${commit.slice(0, 12)} of the host's record is not in the history of what is wanted` };
  const { repository, folder } = wanted;
  try {
    const tree = await repository.tree(commit, [folder], (paths) => specFilesOf(paths, folder, environment));
    return readSpecs(tree, folder, environment).apps;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { refused: wordsOf(error.problems[0]).message };
  }
}
