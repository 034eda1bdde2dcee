// What a login shell is given executes the whole agent of the login's own, or nothing; in real shells.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { installLine, keptLine, sentLine } from "../../../src/host/command-lines.ts";

const SHELLS = ["/bin/dash", "/bin/bash", "/bin/busybox"].filter(existsSync);
const TEXT = 'echo "$0 ran: $*"\n';
const sha256 = createHash("sha256").update(TEXT).digest("hex");
const agent = { name: `agent-${sha256}`, sha256 };
const WORDS = "submit frame op 0";

describe.each(SHELLS)("in %s as a login shell", (shell) => {
  let root: string;
  let base: string;
  const run = (line: string, input = ""): string => {
    const argv = shell === "/bin/busybox" ? ["sh", "-c", line] : ["-c", line];
    return execFileSync(shell, argv, { input, encoding: "utf8", stdio: "pipe" }).trim();
  };
  const kept = (): string => run(keptLine({ root, agent }, "frame", WORDS));

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "root-"));
    base = join(root, ".beamline");
    mkdirSync(base, { mode: 0o700 });
    writeFileSync(join(base, agent.name), TEXT, { mode: 0o600 });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("the agent is executed", () => {
    expect(kept()).toBe(`./${agent.name} ran: ${root} ${WORDS}`);
  });

  test.each<[string, (file: string) => void]>([
    ["there is none", (file) => rmSync(file)],
    ["it has one line more", (file) => writeFileSync(file, `${TEXT}# agent\n`)],
    ["others may write it", (file) => chmodSync(file, 0o622)],
    [
      "it is a link",
      (file) => {
        rmSync(file);
        writeFileSync(join(root, "a"), TEXT);
        symlinkSync(join(root, "a"), file);
      },
    ],
    [
      "it is a directory",
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
    ["others may enter .beamline", () => chmodSync(base, 0o711)],
    ["others may write .beamline", () => chmodSync(base, 0o770)],
    [
      ".beamline is a link",
      () => {
        const there = join(root, "there");
        execFileSync("mv", [base, there]);
        symlinkSync(there, base);
      },
    ],
    ["there is no .beamline", () => rmSync(base, { recursive: true })],
  ])("nothing is executed where %s", (_, make) => {
    make(join(base, agent.name));
    expect(kept()).toBe("frame absent");
  });

  test("the agent is put there, whole and closed to others", () => {
    rmSync(base, { recursive: true });
    run(installLine({ root, agent }), TEXT);
    expect(readdirSync(base).sort()).toEqual([agent.name, "ops"]);
    expect([base, join(base, agent.name)].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
    expect(kept()).toContain("ran:");
  });

  test("nothing is executed where something has read the input first", () => {
    const line = keptLine({ root, agent }, "frame", WORDS, { firstLine: "request" });
    expect(run(line, "request\napp shop\n")).toBe(`./${agent.name} ran: ${root} ${WORDS}`);
    for (const left of ["app shop\n", ""]) expect(run(line, left)).toBe("frame eaten");
  });

  test("an agent that does not arrive whole is not put there", () => {
    rmSync(join(base, agent.name));
    for (const left of ["", TEXT.slice(3)]) expect(() => run(installLine({ root, agent }), left)).toThrow();
    expect(readdirSync(base)).toEqual(["ops"]);
  });

  test.each<[string, () => void]>([
    [
      "through a link",
      () => {
        rmSync(base, { recursive: true });
        symlinkSync(join(root, "own"), base);
      },
    ],
    [
      "into a directory that others may write",
      () => {
        rmSync(join(base, agent.name));
        chmodSync(base, 0o777);
      },
    ],
  ])("the agent is not put %s", (_, make) => {
    mkdirSync(join(root, "own"), { mode: 0o700 });
    make();
    expect(() => run(installLine({ root, agent }), TEXT)).toThrow();
    expect([...readdirSync(join(root, "own")), ...readdirSync(base)]).toEqual([]);
  });
});

test("no login shell finds anything of its own in them: not csh's bangs, nor fish's backslashes", () => {
  const given = { root: "/opt/releases", agent };
  for (const line of [
    sentLine(given.root, WORDS),
    keptLine(given, "frame", WORDS, { firstLine: "request" }),
    installLine(given),
  ]) {
    expect(line).not.toMatch(/[!\\\n]/);
    expect(line).toMatch(/^(exec \/bin\/sh -s -- [\w/ ]+|\/bin\/sh -c '[^']+')$/);
  }
});
