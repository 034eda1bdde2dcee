// A spec repository with history: real git, an origin and a checkout of it, as actions/checkout leaves one.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ZERO = "0".repeat(40);

export class SpecRepository {
  readonly directory = mkdtempSync(join(tmpdir(), "specs-"));
  /** What was pushed last. */
  head = ZERO;

  constructor() {
    mkdirSync(this.origin);
    this.git("init", "--quiet", "--initial-branch=main");
    this.git("config", "user.name", "Octo Cat");
    this.git("config", "user.email", "octocat@example.org");
    // Delta-free and reachable by id, as GitHub serves any commit of a repository.
    this.git("config", "uploadpack.allowAnySHA1InWant", "true");
  }

  get origin(): string {
    return join(this.directory, "origin");
  }

  /** Commits files (null removes one) and returns the push: the commit, and the one before. */
  push(files: Record<string, string | null>, message = "change"): { sha: string; before: string } {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.origin, path);
      if (content === null) rmSync(file, { recursive: true });
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    }
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "--message", message);
    const before = this.head;
    this.head = this.git("rev-parse", "HEAD").trim();
    return { sha: this.head, before };
  }

  /** A checkout of a commit as actions/checkout makes it by default: that one commit, no history. */
  checkout(sha: string): string {
    const workspace = mkdtempSync(join(this.directory, "workspace-"));
    this.in(workspace, "init", "--quiet");
    this.in(workspace, "remote", "add", "origin", `file://${this.origin}`);
    this.in(workspace, "fetch", "--quiet", "--depth=1", "origin", sha);
    this.in(workspace, "checkout", "--quiet", "--detach", sha);
    return workspace;
  }

  git(...argv: string[]): string {
    return this.in(this.origin, ...argv);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private in(directory: string, ...argv: string[]): string {
    return execFileSync("git", ["-C", directory, ...argv], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  }
}
