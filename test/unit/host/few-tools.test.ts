// What the agent does without tools that most hosts have, through real shells.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type AgentShell, agentShell, SHELLS } from "./agent-shell.ts";

const DIGESTS = ["sha256sum", "shasum", "openssl"];
/** BSD's, as far as it is used: `-r` prints the path after one space, and nothing but the digest of standard input. */
const SHA256 = `#!/bin/sh
[ "$1" = -r ] || exit 64
shift
[ $# -gt 0 ] || { /usr/bin/sha256sum | cut -c 1-64; exit; }
for file; do printf '%s %s\\n' "$(/usr/bin/sha256sum <"$file" | cut -c 1-64)" "$file"; done
`;

describe.each(SHELLS)("under %s", (name) => {
  const using = async (lacks: readonly string[], use: (shell: AgentShell) => Promise<void>): Promise<void> => {
    const shell = agentShell(name, { lacks });
    try {
      await use(shell);
    } finally {
      shell.remove();
    }
  };

  describe("the digest of a release", () => {
    const digestWith = async (lacks: readonly string[], more: Record<string, string> = {}): Promise<string> => {
      let digest = "";
      await using(lacks, async (shell) => {
        for (const [tool, script] of Object.entries(more))
          writeFileSync(join(shell.bin, tool), script, { mode: 0o755 });
        const release = join(shell.base, "../release");
        mkdirSync(join(release, "lib/a b"), { recursive: true });
        for (const path of ["lib/a b/one", "lib/a b/ two", "-n", "lib/*", "README"])
          writeFileSync(join(release, path), `contents of ${path}\n`, { mode: path === "-n" ? 0o755 : 0o644 });
        symlinkSync("a b/one", join(release, "lib/link"));
        const { said, code } = await shell.run('content_digest "$ROOT/release"; printf x | digest_of -');
        expect(code, said).toBe(0);
        digest = said;
      });
      return digest;
    };

    test.each([
      ["shasum", ["sha256sum"], {}],
      ["openssl", ["sha256sum", "shasum"], {}],
      ["BSD's sha256", DIGESTS, { sha256: SHA256 }],
    ])("is the same by %s", async (tool, lacks, more) => {
      // This machine may lack it as well.
      if (DIGESTS.includes(tool) && !existsSync(`/usr/bin/${tool}`)) return;
      expect(await digestWith(lacks, more)).toBe(await digestWith([]));
      expect(await digestWith([])).toMatch(/^[0-9a-f]{64}\n2d711642[0-9a-f]{56}$/);
    });
  });

  test("a host is told to lack what nothing else does, and not what something does", async () => {
    const lacking = async (lacks: readonly string[], more: readonly string[] = []): Promise<unknown> => {
      let said = "";
      await using(lacks, async (shell) => {
        for (const tool of more) writeFileSync(join(shell.bin, tool), SHA256, { mode: 0o755 });
        ({ said } = await shell.run("observe"));
      });
      return JSON.parse(said.split("\n")[0] ?? "").lacks;
    };
    expect(await lacking(["flock", "setsid", ...DIGESTS], ["sha256"])).toEqual([]);
    expect(await lacking(["flock", "setsid", "gzip", ...DIGESTS])).toEqual(["gzip", "sha256sum"]);
  });

  const SECONDS = 61_000 + (process.pid % 1_000);
  const left = (): string[] => {
    try {
      return execFileSync("pgrep", ["-f", `^sleep ${SECONDS}`], { encoding: "utf8" })
        .split("\n")
        .filter(Boolean);
    } catch {
      // pgrep ends with 1 where there is none.
      return [];
    }
  };

  const FAMILY = `sleep ${SECONDS} & sh -c 'sleep ${SECONDS} & sleep ${SECONDS}; :' & wait; :`;
  const DETACHED = `detached sh -c "${FAMILY}" & whole=$!; sleep 0.5; process_stat "$whole"`;
  const CHECK = 'if [ "$process_group" = "$whole" ]; then echo its own group; else echo the group of the login; fi';

  test("what is detached has a session of its own, which is ended whole", async () => {
    await using([], async (shell) => {
      const { said } = await shell.run(`${DETACHED}; ${CHECK}; kill_all_of "$whole"`);
      expect(said).toBe("its own group");
      await pause(100);
      expect(left()).toEqual([]);
    });
  });

  test("without setsid what is detached is deaf to a hang-up, and is ended with all that descends from it", async () => {
    await using(["setsid"], async (shell) => {
      const { said } = await shell.run(
        `${DETACHED}; ${CHECK}; for pid in "$whole" $(children_of "$whole"); do kill -HUP "$pid"; done; echo "$whole" >"$BASE/whole"`,
      );
      expect(said).toBe("the group of the login");
      await pause(100);
      expect(left()).toHaveLength(3);
      await shell.run('kill_all_of "$(cat "$BASE/whole")"');
      await pause(100);
      expect(left()).toEqual([]);
    });
  });
});
