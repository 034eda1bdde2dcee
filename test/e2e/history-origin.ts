// Where a history comes from: the team's repository, and the folder that its releases are built into.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Commit, Edits } from "./history.ts";
import { releaseFile } from "./releases.ts";
import type { SpecRepository } from "./spec-repository.ts";

/** What a commit can be made with. */
export type Origin = {
  commit(edits: Edits): void;
  move(file: string, to: string): void;
  git(...argv: string[]): void;
  /** Of a file in the releases' folder. */
  sha256(file: string): string;
  /** Builds a release anew under its name: the same version with other contents. */
  rebuild(file: string): void;
};

export type Pushed = { sha: string; before: string };

const RELEASES = [
  ["counter", "1.0.0"],
  ["counter", "1.1.0"],
  ["counter", "1.2.0"],
  ["greeter", "1.0.0"],
  ["greeter", "1.1.0"],
  ["herald", "1.0.0"],
] as const;

export class History {
  private readonly repository: SpecRepository;
  /** Holds releases/ and mirror/, which are one: where a job downloads artifacts to. */
  private readonly downloads: string;
  private readonly pushes = new Map<string, Pushed>();

  constructor(repository: SpecRepository) {
    this.repository = repository;
    this.downloads = mkdtempSync(join(repository.directory, "downloads-"));
    mkdirSync(join(this.downloads, "releases"));
    symlinkSync("releases", join(this.downloads, "mirror"));
    for (const [app, version] of RELEASES)
      symlinkSync(releaseFile(app, version), join(this.downloads, "releases", `${app}-${version}.tar.gz`));
  }

  /** Makes a commit, or several, and pushes; or answers what was pushed with an earlier one. */
  push({ title, make, again }: Commit): Pushed {
    if (again !== undefined) {
      const earlier = this.pushes.get(again);
      if (earlier === undefined) throw new Error(`no commit before is titled ${again}`);
      return earlier;
    }
    const before = this.head;
    const origin: Origin = {
      commit: (edits) => void this.repository.push(this.edited(edits), title),
      move: (file, to) => this.move(file, to, title),
      git: (...argv) => void this.repository.git(...argv),
      sha256: (file) => createHash("sha256").update(this.release(file)).digest("hex"),
      rebuild: (file) => this.rebuild(file),
    };
    if (typeof make === "function") make(origin);
    else if (Object.keys(make).length > 0) origin.commit(make);
    const pushed = { sha: this.head, before };
    this.pushes.set(title, pushed);
    return pushed;
  }

  /** What GitHub makes of a pull request, to try it: a merge of the branch it is for and its head. */
  merged({ sha, before }: Pushed): string {
    const parents = ["-p", before, "-p", sha];
    return this.repository.git("commit-tree", `${sha}^{tree}`, ...parents, "-m", "Merge").trim();
  }

  /** A checkout beside which the releases lie. */
  checkout(sha: string): string {
    const workspace = this.repository.checkout(sha);
    for (const folder of ["releases", "mirror"]) symlinkSync(join(this.downloads, folder), join(workspace, folder));
    return workspace;
  }

  private get head(): string {
    return this.repository.git("rev-parse", "HEAD").trim();
  }

  private edited(edits: Edits): Record<string, string | null> {
    const texts = Object.entries(edits).map(([path, edit]) => {
      if (typeof edit === "string" || edit === null) return [path, edit];
      const [was, is] = edit;
      const text = readFileSync(join(this.repository.origin, path), "utf8");
      if (!text.includes(was)) throw new Error(`${path} does not hold ${was}:\n${text}`);
      return [path, was === "" ? text + is : text.replace(was, is)];
    });
    return Object.fromEntries(texts);
  }

  private move(file: string, to: string, message: string): void {
    mkdirSync(join(this.repository.origin, dirname(to)), { recursive: true });
    this.repository.git("mv", file, to);
    this.repository.git("commit", "--quiet", "--message", message);
  }

  private release(file: string): Buffer {
    return readFileSync(join(this.downloads, file));
  }

  private rebuild(file: string): void {
    const unpacked = mkdtempSync(join(this.downloads, "unpacked-"));
    const tar = (...argv: string[]): Buffer => execFileSync("tar", ["-C", unpacked, ...argv]);
    tar("-xzf", join(this.downloads, file));
    writeFileSync(join(unpacked, "BUILD"), "another one\n");
    rmSync(join(this.downloads, file));
    tar("-czf", join(this.downloads, file), ".");
    rmSync(unpacked, { recursive: true });
  }
}
