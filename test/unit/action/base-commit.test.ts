// Which commit a run compares with, in each situation that git and GitHub can be in: real git, in a clone as actions/checkout makes it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { baseCommit } from "../../../src/action/base-commit.ts";
import { EMPTY_TREE, Repository } from "../../../src/git/repository.ts";
import type { LastDeployment } from "../../../src/github/last-deployment.ts";
import { makePrivateDirectory, type PrivateDirectory } from "../../../src/process/private-directory.ts";
import { SpecRepository } from "../../e2e/spec-repository.ts";

const ZERO = "0".repeat(40);
const found = (sha: string): LastDeployment => ({ kind: "found", sha });
const NONE: LastDeployment = { kind: "none", looked: 0 };

let origin: SpecRepository;
let directory: PrivateDirectory;
beforeEach(async () => {
  origin = new SpecRepository();
  directory = await makePrivateDirectory();
});
afterEach(async () => {
  origin.remove();
  await directory.remove();
});

const commit = (version: string): string => origin.push({ "apps/counter/app.yaml": `version: ${version}\n` }).sha;

/** The base of a run on what was pushed last, in a clone of that one commit. */
async function baseOf(
  deployed: LastDeployment | null,
  { base = null as string | null, before = null as string | null, eventName = "push", environment = "production" } = {},
) {
  const repository = new Repository(origin.checkout(origin.head), directory);
  const asked = deployed === null ? null : Promise.resolve(deployed);
  const proposal = eventName === "pull_request" ? { base: before, defaultBranch: null } : null;
  const given = { inputs: { base, environment }, context: { before, proposal }, asked };
  const { commit, warnings, said } = await baseCommit(repository, given);
  // Whatever it is, its files can be read.
  const { paths } = await repository.tree(commit, ["apps"], () => []);
  return { commit, said, warnings: warnings.map(({ code, facts }) => [code, facts]), files: paths.length };
}

/** Rewrites the newest commit, as a force push does; the old one is gone for good unless something keeps it. */
function rewritten(files: Record<string, string>, keptBy?: string): string {
  if (keptBy !== undefined) origin.git("update-ref", keptBy, "HEAD");
  origin.git("reset", "--quiet", "--hard", "HEAD~1");
  const { sha } = origin.push(files);
  origin.git("reflog", "expire", "--expire=now", "--all");
  origin.git("gc", "--quiet", "--prune=now");
  return sha;
}

const OTHER = { "apps/counter/app.yaml": "version: 3.0.0\n" };
const unreadable = (sha: string) => ["unknown_commit", { commit: sha, detail: expect.stringContaining(sha) }];

describe("the base is", () => {
  test.each([
    ["a push", "push"],
    ["a pull request, since it is what runs", "pull_request"],
    ["a run by hand, whose event says nothing", "workflow_dispatch"],
    ["a schedule, whose event says nothing", "schedule"],
  ])("what was deployed last, on %s: fetched, where the clone is shallow", async (_, eventName) => {
    const [deployed, before] = [commit("1.0.0"), commit("1.1.0")];
    commit("1.2.0");
    const isSilent = eventName === "workflow_dispatch" || eventName === "schedule";
    expect(await baseOf(found(deployed), { eventName, before: isSilent ? null : before })).toEqual({
      commit: deployed,
      said: [`base: ${deployed.slice(0, 7)}, the last successful deployment to production`],
      warnings: [],
      files: 1,
    });
  });

  test("each environment's own last deployment", async () => {
    const [production, staging] = [commit("1.0.0"), commit("1.1.0")];
    commit("1.2.0");
    expect(await baseOf(found(production))).toMatchObject({ commit: production });
    expect(await baseOf(found(staging), { environment: "staging" })).toMatchObject({
      commit: staging,
      said: [`base: ${staging.slice(0, 7)}, the last successful deployment to staging`],
    });
  });

  test("the same commit where it was deployed before, and a newer one for a run that comes late", async () => {
    const head = commit("1.0.0");
    expect(await baseOf(found(head))).toMatchObject({ commit: head });
    const newer = commit("1.1.0");
    origin.git("branch", "late", newer);
    origin.head = head;
    expect(await baseOf(found(newer))).toMatchObject({ commit: newer, warnings: [] });
  });

  test("what was there before the push, where nothing was deployed", async () => {
    const before = commit("1.0.0");
    commit("1.1.0");
    expect(await baseOf(NONE, { before })).toEqual({
      commit: before,
      said: [
        `base: ${before.slice(0, 7)}, the commit before this push`,
        "    GitHub knows of no deployment to production",
      ],
      warnings: [],
      files: 1,
    });
  });

  test("the pull request's base, where nothing was deployed", async () => {
    const before = commit("1.0.0");
    commit("1.1.0");
    const { said } = await baseOf({ kind: "none", looked: 7 }, { before, eventName: "pull_request" });
    expect(said).toEqual([
      `base: ${before.slice(0, 7)}, the pull request's base`,
      "    of the last 7 deployments to production that GitHub knows of, none is a success",
    ]);
  });

  test("nothing on a first push, of a branch or of a tag, where nothing was deployed", async () => {
    commit("1.0.0");
    const first = await baseOf(NONE, { before: ZERO });
    expect(first).toMatchObject({ commit: EMPTY_TREE, warnings: [], files: 0 });
    expect(first.said[0]).toBe("base: none, every spec counts as new");
  });

  test("what was deployed last, on the first push of a tag or a branch", async () => {
    const deployed = commit("1.0.0");
    commit("1.1.0");
    expect(await baseOf(found(deployed), { before: ZERO })).toMatchObject({ commit: deployed, files: 1 });
  });

  test("nothing by hand or on a schedule, where nothing was deployed", async () => {
    commit("1.0.0");
    for (const eventName of ["workflow_dispatch", "schedule"])
      expect(await baseOf(NONE, { eventName })).toMatchObject({ commit: EMPTY_TREE, warnings: [] });
  });

  test("either parent of a merge commit", async () => {
    const trunk = commit("1.0.0");
    origin.git("checkout", "--quiet", "-b", "feature");
    const feature = commit("1.1.0");
    origin.git("checkout", "--quiet", "main");
    origin.git("merge", "--quiet", "--no-ff", "--message", "merge", "feature");
    origin.head = origin.git("rev-parse", "HEAD").trim();
    expect(await baseOf(NONE, { before: trunk })).toMatchObject({ commit: trunk });
    expect(await baseOf(found(feature), { before: trunk })).toMatchObject({ commit: feature, warnings: [] });
  });

  test("what the input says, whatever was deployed: a commit, a branch, or an annotated tag", async () => {
    const first = commit("1.0.0");
    origin.git("tag", "--annotate", "v1", "--message", "one");
    origin.git("branch", "old");
    const before = commit("1.1.0");
    commit("1.2.0");
    for (const base of [first, "v1", "old"])
      expect(await baseOf(null, { base, before })).toMatchObject({
        commit: first,
        said: [`base: ${first.slice(0, 7)}, the input base`],
      });
    await expect(baseOf(null, { base: "v2" })).rejects.toThrow(/commit v2 can't be read/);
  });

  test("what the event says, without a word in the log, where nobody asks what was deployed", async () => {
    const before = commit("1.0.0");
    commit("1.1.0");
    expect(await baseOf(null, { before })).toMatchObject({ commit: before, said: [] });
  });
});

describe("after a force push the base is", () => {
  test("what was deployed last, also where no branch has it any more", async () => {
    commit("1.0.0");
    const deployed = commit("2.0.0");
    rewritten(OTHER, "refs/pull/7/head");
    expect(await baseOf(found(deployed), { before: deployed })).toMatchObject({ commit: deployed, warnings: [] });
  });

  test("what was there before the push, with a warning, where what was deployed is gone", async () => {
    const before = commit("1.0.0");
    const deployed = commit("2.0.0");
    rewritten(OTHER);
    expect(await baseOf(found(deployed), { before })).toEqual({
      commit: before,
      said: [
        `base: ${before.slice(0, 7)}, the commit before this push`,
        `    ${deployed.slice(0, 7)}, the last successful deployment to production, can't be read`,
      ],
      warnings: [unreadable(deployed)],
      files: 1,
    });
  });

  test("nothing, with a warning, where nothing was deployed and what was there before is gone", async () => {
    commit("1.0.0");
    const before = commit("2.0.0");
    rewritten(OTHER);
    expect(await baseOf(NONE, { before })).toMatchObject({ commit: EMPTY_TREE, warnings: [unreadable(before)] });
  });
});

describe("where GitHub does not say what was deployed, the base is what was there before, and the log says", () => {
  test.each([
    [
      "which permission it takes",
      { detail: "403 Resource not accessible by integration", isForbidden: true },
      "403 Resource not accessible by integration; it takes the permission deployments: read",
    ],
    ["what it answered", { detail: "502 Bad Gateway", isForbidden: false }, "502 Bad Gateway"],
  ])("%s", async (_, answer, shown) => {
    const before = commit("1.0.0");
    commit("1.1.0");
    expect(await baseOf({ kind: "unknown", ...answer }, { before })).toMatchObject({
      commit: before,
      said: [
        `base: ${before.slice(0, 7)}, the commit before this push`,
        `    the last deployment to production is not known: ${shown}`,
      ],
      warnings: [],
    });
  });
});
