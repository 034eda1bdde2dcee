// Commits, trees and blobs through the git binary; the working tree is never read or changed.
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";
import type { CommandOptions } from "../process/command.ts";
import { runCommand } from "../process/command.ts";
import { MAX_FILE_BYTES } from "../spec/file-text.ts";
import type { Tree } from "../spec/read-specs.ts";

/** git's name for a tree without files; the base of a first push. */
export const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** Paths of one command line, far below what a system takes. */
const FILES_AT_ONCE = 200;

/** Modes of what leads out of a tree (git fast-import, M). */
const ELSEWHERE: Readonly<Record<string, string>> = { "120000": "a symbolic link", "160000": "a submodule" };

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

  /** The files of a commit below a folder, with the bytes of those that `wanted` picks and that are not too large. */
  async tree(commit: string, folder: string, wanted: (paths: readonly string[]) => readonly string[]): Promise<Tree> {
    const list = ["ls-tree", "-r", "-z", "--full-tree"];
    const listed = await this.must([...list, commit, "--", folder || "."]);
    // MODE TYPE ID<tab>PATH
    const entries = [...listed.matchAll(/(\d+) \w+ [0-9a-f]+\t([^\0]+)\0/g)];
    const paths = entries.map(([, , path = ""]) => path);
    const elsewhere = new Map(
      entries.flatMap(([, mode = "", path = ""]) => {
        const what = ELSEWHERE[mode];
        return what === undefined ? [] : [[path, what] as const];
      }),
    );
    const files = new Map<string, Uint8Array>();
    const chosen = wanted(paths);
    for (let from = 0; from < chosen.length; from += FILES_AT_ONCE) {
      // Sizes are asked of these alone: a clone without blobs has to fetch what they are asked of.
      const some = await this.must([...list, "--long", commit, "--", ...chosen.slice(from, from + FILES_AT_ONCE)]);
      // MODE blob ID SIZE<tab>PATH
      const blobs = [...some.matchAll(/\d+ blob ([0-9a-f]+) +(\d+)\t([^\0]+)\0/g)].filter(
        ([, , size]) => Number(size) <= MAX_FILE_BYTES,
      );
      if (blobs.length === 0) continue;
      const chunks: Buffer[] = [];
      await this.must(["show", "--no-textconv", ...blobs.map(([, id = ""]) => id)], (chunk) => chunks.push(chunk));
      const bytes = Buffer.concat(chunks);
      let at = 0;
      for (const [, , size, path = ""] of blobs) {
        files.set(path, bytes.subarray(at, at + Number(size)));
        at += Number(size);
      }
    }
    return { commit, paths, elsewhere, read: (path) => files.get(path) ?? null };
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

  private async must(argv: string[], onBytes?: (chunk: Buffer) => void): Promise<string> {
    const { code, stdout, stderr } = await this.git(argv, onBytes === undefined ? {} : { onBytes });
    if (code === 0) return stdout;
    const where = { in: "input", name: "working-directory" } as const;
    throw new Failure([problem("unknown_commit", where, { commit: argv.at(-1) ?? "", detail: stderr.trim() })]);
  }

  private git(argv: string[], options: CommandOptions = {}) {
    // The workspace may belong to another user than ours (a container job); we only read.
    return runCommand("git", ["-c", "safe.directory=*", "-C", this.directory, ...argv], options);
  }
}
