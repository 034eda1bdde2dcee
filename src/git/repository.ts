// Commits, trees and blobs through the git binary; the working tree is never read or changed.
import { randomUUID } from "node:crypto";
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";
import type { CommandOptions } from "../process/command.ts";
import { runCommand } from "../process/command.ts";
import type { PrivateDirectory } from "../process/private-directory.ts";
import { MAX_FILE_BYTES } from "../spec/file-text.ts";
import type { Tree } from "../spec/read-specs.ts";
import { BatchOutput } from "./cat-file.ts";

/** git's name for a tree without files; the base of a first push. */
export const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** Modes of what leads out of a tree (git fast-import, M). */
const SUBMODULE = "160000";
const ELSEWHERE: Readonly<Record<string, string>> = { "120000": "a symbolic link", [SUBMODULE]: "a submodule" };

/** How GitHub names "no commit before this push". */
const ZERO = /^0+$/;

export class Repository {
  private readonly clone: string;
  private readonly directory: PrivateDirectory;

  /** `clone` is where it lies; `directory` is for what git is given to read. */
  constructor(clone: string, directory: PrivateDirectory) {
    this.clone = clone;
    this.directory = directory;
  }

  /** The full id of a commit that a ref or an id names; fetches that one commit where a shallow clone lacks it. */
  async commit(ref: string, input: string): Promise<string> {
    if (ref === EMPTY_TREE || ZERO.test(ref)) return EMPTY_TREE;
    const local = await this.resolved(ref);
    if (local !== undefined) return local;
    // A missing commit of a shallow clone, or a branch that only the remote has. Whatever is asked for, it is no option.
    const fetched = await this.git(["fetch", "--quiet", "--depth=1", "--no-tags", "origin", "--end-of-options", ref]);
    const found = fetched.code === 0 ? ((await this.resolved(ref)) ?? (await this.resolved("FETCH_HEAD"))) : undefined;
    if (found !== undefined) return found;
    const detail = fetched.stderr.trim().split("\n").at(-1) ?? "git fetch failed";
    throw new Failure([problem("unknown_commit", { in: "input", name: input }, { commit: ref, detail })]);
  }

  /** The files of a commit below folders, or that themselves; with the bytes of those that `wanted` picks and that are not too large. */
  async tree(
    commit: string,
    folders: readonly string[],
    wanted: (paths: readonly string[]) => readonly string[],
  ): Promise<Tree> {
    const below = folders.map((folder) => folder || ".");
    const listed = await this.must(commit, ["ls-tree", "-r", "-z", "--full-tree", commit, "--", ...below]);
    // MODE TYPE ID<tab>PATH
    const entries = [...listed.matchAll(/(\d+) \w+ ([0-9a-f]+)\t([^\0]+)\0/g)].map(
      ([, mode = "", id = "", path = ""]) => ({ mode, id, path }),
    );
    const elsewhere = new Map(
      entries.flatMap(({ mode, path }) => {
        const what = ELSEWHERE[mode];
        return what === undefined ? [] : [[path, what] as const];
      }),
    );
    const paths = entries.map(({ path }) => path);
    const chosen = new Set(wanted(paths));
    const ids = new Map(
      entries.filter(({ path, mode }) => chosen.has(path) && mode !== SUBMODULE).map(({ path, id }) => [path, id]),
    );
    const objects = await this.objects(commit, [...new Set(ids.values())]);
    return { commit, paths, elsewhere, read: (path) => objects.get(ids.get(path) ?? "") ?? null };
  }

  /** The best common ancestor of two commits (git-merge-base(1)); null where there is none, undefined where one is not here. */
  async mergeBase(one: string, other: string): Promise<string | null | undefined> {
    const { code, stdout } = await this.git(["merge-base", one, other]);
    if (code === 0) return stdout.trim();
    return code === 1 ? null : undefined;
  }

  /** Those of these ids that are commits here. */
  async existing(ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const inputFile = await this.directory.write(`commits-${randomUUID()}`, `${ids.join("\n")}\n`);
    const { stdout } = await this.git(["cat-file", "--batch-check=%(objectname) %(objecttype)"], { inputFile });
    return new Set([...stdout.matchAll(/^([0-9a-f]+) commit$/gm)].map(([, id = ""]) => id));
  }

  /** Completes a shallow clone's commits, without their files. `cut` is one that can't be completed. */
  async completeHistory(): Promise<"whole" | "completed" | "cut"> {
    const isShallow = (await this.git(["rev-parse", "--is-shallow-repository"])).stdout.trim() === "true";
    if (!isShallow) return "whole";
    const options = ["--quiet", "--no-tags", "--unshallow", "--filter=tree:0"];
    return (await this.git(["fetch", ...options, "origin"])).code === 0 ? "completed" : "cut";
  }

  private async objects(commit: string, ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | null>> {
    const output = new BatchOutput(MAX_FILE_BYTES);
    if (ids.length === 0) return output.objects;
    const inputFile = await this.directory.write(`objects-${randomUUID()}`, `${ids.join("\n")}\n`);
    await this.must(commit, ["cat-file", "--batch"], { inputFile, onBytes: (chunk) => output.add(chunk) });
    const missing = ids.find((id) => !output.objects.has(id));
    if (missing !== undefined) throw unreadable(commit, `git has no object ${missing}`);
    return output.objects;
  }

  private async resolved(ref: string): Promise<string | undefined> {
    const { code, stdout } = await this.git([
      "rev-parse",
      "--verify",
      "--quiet",
      "--end-of-options",
      `${ref}^{commit}`,
    ]);
    return code === 0 ? stdout.trim() : undefined;
  }

  /** What a commit can't be read without. */
  private async must(commit: string, argv: string[], options: CommandOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.git(argv, options);
    if (code === 0) return stdout;
    throw unreadable(commit, stderr.trim());
  }

  private git(argv: string[], options: CommandOptions = {}) {
    // The workspace may belong to another user than ours (a container job); we only read.
    return runCommand("git", ["-c", "safe.directory=*", "-C", this.clone, ...argv], options);
  }
}

const unreadable = (commit: string, detail: string): Failure =>
  new Failure([problem("unknown_commit", { in: "input", name: "working-directory" }, { commit, detail })]);
