// Which hosts a pull request's run may log in to: those that what was merged knows. Real git, in a clone as actions/checkout makes it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRunContext } from "../../../src/action/run-context.ts";
import { strangersTo } from "../../../src/action/strange-hosts.ts";
import { Repository } from "../../../src/git/repository.ts";
import { makePrivateDirectory, type PrivateDirectory } from "../../../src/process/private-directory.ts";
import { parseFleet } from "../../../src/spec/fleet.ts";
import { SpecRepository } from "../../e2e/spec-repository.ts";

const INPUTS = { fleet: "fleet.yaml", environment: "production", workingDirectory: "", contactChangedHosts: false };
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
const MERGED = `hosts:\n  web1: {address: 192.0.2.11, host_key: "${KEY}"}\n  web2: {address: 192.0.2.12}\n`;

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

/** What is said of each host of the pull request's fleet file, but of those that are contacted. */
async function strangers(
  fleet: string,
  proposal: { base: string | null; defaultBranch: string | null } | null,
  inputs: Partial<typeof INPUTS> = {},
): Promise<string[]> {
  const head = origin.push({ "fleet.yaml": fleet }).sha;
  const repository = new Repository(origin.checkout(head), directory);
  const why = await strangersTo(repository, { ...INPUTS, ...inputs }, { proposal });
  const hosts = parseFleet("fleet.yaml", fleet, "production").fleet?.hosts ?? [];
  return hosts.flatMap((host) => {
    const found = why(host);
    return found?.code === "host_not_contacted" ? [`${host.name}: ${found.facts.why}`] : [];
  });
}
const onto = (base: string | null, defaultBranch: string | null = null) => ({ base, defaultBranch });
const merged = (files: Record<string, string> = { "fleet.yaml": MERGED }): string => origin.push(files).sha;

describe("a pull request's run logs in to", () => {
  test("hosts that are as in its base; other labels, supervisors and comments make no stranger", async () => {
    const base = merged();
    expect(await strangers(MERGED, onto(base))).toEqual([]);
    const more = MERGED.replace("192.0.2.12", "192.0.2.12, labels: {role: db}, supervisor: daemon, port: 22");
    expect(await strangers(more, onto(base))).toEqual([]);
  });

  test.each([
    ["address", "192.0.2.12", "192.0.2.66"],
    ["port", "192.0.2.12", "192.0.2.12, port: 2222"],
    ["user", "192.0.2.12", "192.0.2.12, user: root"],
    ["root", "192.0.2.12", "192.0.2.12, root: /tmp/mine"],
    ["host_key", "192.0.2.12", `192.0.2.12, host_key: "${KEY}"`],
  ])("no host of another %s", async (field, from, to) => {
    const base = merged();
    const why = `web2: it is not as in the pull request's base: another ${field}`;
    expect(await strangers(MERGED.replace(from, to), onto(base))).toEqual([why]);
  });

  test("no host that is new, be it under the name of none, or after defaults that are others", async () => {
    const base = merged();
    expect(await strangers(`${MERGED}  web3: {address: 192.0.2.66}\n`, onto(base))).toEqual([
      "web3: it is not in the pull request's base",
    ]);
    expect(await strangers(`defaults: {user: root}\n${MERGED}`, onto(base))).toHaveLength(2);
    // The key that is no longer pinned might be anybody's.
    expect(await strangers(MERGED.replace(`, host_key: "${KEY}"`, ""), onto(base))).toEqual([
      "web1: it is not as in the pull request's base: another host_key",
    ]);
  });

  test("nobody where the base has no fleet file, one that can't be read, or is not known", async () => {
    const none = merged({ "README.md": "" });
    const broken = merged({ "fleet.yaml": "hosts: [" });
    for (const base of [none, broken, "f".repeat(40), null]) {
      const said = await strangers(MERGED, onto(base));
      expect(said).toHaveLength(2);
      expect(said[0]).toContain("whether it is in the pull request's base is not known: ");
    }
  });

  test("nobody that only the branch knows on which it stands: the repository's own branch must know the host, too", async () => {
    merged();
    origin.git("checkout", "--quiet", "-b", "stepping-stone");
    const evil = MERGED.replace("192.0.2.12", "192.0.2.66");
    const base = merged({ "fleet.yaml": evil });
    origin.git("checkout", "--quiet", "-b", "pull");
    expect(await strangers(evil, onto(base, "main"))).toEqual(["web2: it is not as in branch main: another address"]);
    expect(await strangers(evil, onto(base))).toEqual([]);
  });

  test("everybody where the input says so, and on every other event", async () => {
    const evil = MERGED.replace("192.0.2.12", "192.0.2.66");
    const base = merged();
    expect(await strangers(evil, onto(base), { contactChangedHosts: true })).toEqual([]);
    expect(await strangers(`${evil} `, null)).toEqual([]);
  });
});

test.each([
  ["pull_request", { pull_request: { base: { sha: "b", ref: "main" }, head: { sha: "h" } } }, onto("b")],
  ["pull_request_review", { pull_request: { base: { sha: "b", ref: "main" }, head: { sha: "h" } } }, onto("b")],
  ["pull_request", { pull_request: { base: { sha: "b", ref: "other" }, head: { sha: "h" } } }, onto("b", "main")],
  ["pull_request", {}, onto(null, "main")],
  ["merge_group", { merge_group: { base_sha: "b", base_ref: "refs/heads/main" } }, onto("b")],
  ["merge_group", { merge_group: { base_sha: "b", base_ref: "refs/heads/other" } }, onto("b", "main")],
  ["push", { before: "b" }, null],
])("the event %s with %j is a pull request of %j", async (name, payload, expected) => {
  const file = await directory.write(
    "event.json",
    JSON.stringify({ ...payload, repository: { default_branch: "main" } }),
  );
  const given = { GITHUB_REPOSITORY: "acme/shop", GITHUB_SHA: "s", GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: file };
  expect(readRunContext(given).proposal).toEqual(expected);
});
