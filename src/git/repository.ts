// Commits, trees and blobs through the git binary; the working tree is never read or changed.
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";
import { runCommand } from "../process/command.ts";
import type { Tree } from "../spec/read-specs.ts";

/** git's name for a tree without files; the base of a first push. */
export const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** How GitHub names "no commit before this push". */
const ZERO = /^0+$/;

export class Repository {
  private readonly directory: string;

  constructor(directory: string) {
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

  /** The files of a commit below a folder, with the text of those that `wanted` picks. */
  async tree(commit: string, folder: string, wanted: (paths: readonly string[]) => readonly string[]): Promise<Tree> {
    const listed = await this.must(["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--", folder || "."]);
    const paths = listed.split("\0").filter((path) => path !== "");
    const texts = new Map<string, string>();
    for (const path of wanted(paths)) texts.set(path, await this.must(["cat-file", "blob", `${commit}:${path}`]));
    return { commit, paths, read: (path) => texts.get(path) ?? "" };
  }

  /** Whether `ancestor` is reached from `commit` by parents; null where this clone can't tell. */
  async isAncestor(ancestor: string, commit: string): Promise<boolean | null> {
    const { code } = await this.git(["merge-base", "--is-ancestor", ancestor, commit]);
    if (code === 0) return true;
    if (code !== 1) return null;
    // In a shallow clone "no" may only mean that the history ends before.
    const isShallow = (await this.git(["rev-parse", "--is-shallow-repository"])).stdout.trim() === "true";
    return isShallow ? null : false;
  }

  /** Completes a shallow clone's commits, without their files. False where there is nothing to fetch, or no way to. */
  async fetchHistory(): Promise<boolean> {
    const isShallow = (await this.git(["rev-parse", "--is-shallow-repository"])).stdout.trim() === "true";
    if (!isShallow) return false;
    const options = ["--quiet", "--no-tags", "--unshallow", "--filter=tree:0"];
    return (await this.git(["fetch", ...options, "origin"])).code === 0;
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

  private async must(argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.git(argv);
    if (code === 0) return stdout;
    const where = { in: "input", name: "working-directory" } as const;
    throw new Failure([problem("unknown_commit", where, { commit: argv.at(-1) ?? "", detail: stderr.trim() })]);
  }

  private git(argv: string[]) {
    // The workspace may belong to another user than ours (a container job); we only read.
    return runCommand("git", ["-c", "safe.directory=*", "-C", this.directory, ...argv]);
  }
}
