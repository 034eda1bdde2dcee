import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runnerProblems } from "../../../src/action/runner-problems.ts";
import { sentenceOf, wordsOf } from "../../../src/core/problem.ts";

test("a runner without ssh or git is told so at once, with what to install; without hosts only git counts", () => {
  const bin = mkdtempSync(join(tmpdir(), "bin-"));
  const said = (isContacting: boolean) => runnerProblems(isContacting, `/nowhere:${bin}`).map(sentenceOf);
  expect(said(false)).toEqual(["runner the runner has no git"]);
  expect(said(true)).toEqual(["runner the runner has no git", "runner the runner has no ssh, ssh-keygen, ssh-keyscan"]);
  symlinkSync("/bin/sh", join(bin, "git"));
  expect(said(false)).toEqual([]);
  const [ssh] = runnerProblems(true, bin);
  expect(ssh && wordsOf(ssh).remedy).toMatch(/^Install openssh-client /);
  rmSync(bin, { recursive: true });
});
