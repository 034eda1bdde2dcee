// Of what a host has on record only what git has is believed.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { committedIn } from "../../../src/action/committed.ts";
import { Repository } from "../../../src/git/repository.ts";
import { makePrivateDirectory, type PrivateDirectory } from "../../../src/process/private-directory.ts";
import type { Recorded } from "../../../src/runtime/observed.ts";
import { parseFleet } from "../../../src/spec/fleet.ts";
import { SpecRepository } from "../../e2e/spec-repository.ts";

const OWNER = { repository: "acme/shop", environment: "production" };
const HOSTS =
  parseFleet("fleet.yaml", "hosts: {web1: {}, web2: {labels: {role: db}}}", "production").fleet?.hosts ?? [];
const spec = (version: string, url = "file:counter-{version}.tar.gz", more = ""): string =>
  `name: counter\nversion: "${version}"\nsource: {type: release, url: "${url}"}\n${more}`;

describe("a host's record", () => {
  const specs = new SpecRepository();
  let directory: PrivateDirectory;
  let [first, head, aside, later] = ["", "", "", ""];
  let wanted: Parameters<typeof committedIn>[0];
  const push = (text: string, folder = "apps"): string => specs.push({ [`${folder}/counter/app.yaml`]: text }).sha;

  beforeAll(async () => {
    directory = await makePrivateDirectory();
    first = push(spec("1.0.0", undefined, "env: {port: 1}\nos_env: {NODE: 'shop@{host}'}\n"));
    specs.push({ "apps/counter/app.production.yaml": "retain: 7\n" });
    head = push(spec("1.1.0"));
    later = push(spec("1.2.0"));
    specs.git("checkout", "--quiet", "-b", "proposal", first);
    aside = push(spec("1.0.0", "https://evil.example/x.tar.gz", "").replace("}\n", `, sha256: "${"e".repeat(64)}"}\n`));
    // As actions/checkout leaves it: the history comes with the first question.
    const repository = new Repository(specs.checkout(head), directory);
    wanted = { repository, commit: head, folder: "apps", fleet: { hosts: HOSTS } };
  });
  afterAll(async () => {
    specs.remove();
    await directory.remove();
  });

  const record = (change: object = {}): Recorded =>
    ({
      schema: 1,
      owner: OWNER,
      version: "1.0.0",
      release: "1.0.0",
      digest: "d".repeat(64),
      config: "0123456789ab",
      supervisor: "daemon",
      specDigest: "whatever",
      commit: first,
      file: "apps/counter/app.yaml",
      spec: { name: "counter", version: "1.0.0", source: { type: "release", url: "https://evil.example/" } },
      ...change,
    }) as unknown as Recorded;
  test("of what git had for other hosts is none of this one's, whatever it says: nothing of it is sent there", async () => {
    const commit = push(spec("1.0.0", undefined, "hosts: {role: db}\nos_env: {T: {secret: TOKEN}}\n"));
    const repository = new Repository(specs.checkout(commit), directory);
    const known = committedIn({ ...wanted, repository, commit }, OWNER, () => undefined);
    expect(await known("counter", "web2", record({ commit }))).toMatchObject({ version: "1.0.0" });
    for (const host of ["web1", "web3"])
      expect(await known("counter", host, record({ commit }))).toEqual({
        refused: `commit ${commit.slice(0, 12)} has counter for other hosts than ${host}`,
      });
  });

  const asked = (change: object = {}) => committedIn(wanted, OWNER, () => undefined)("counter", "web1", record(change));

  test("is what the spec was at its commit, for that host; of the host's own spec nothing is left", async () => {
    const found = await asked();
    expect(found).toMatchObject({
      version: "1.0.0",
      digest: "d".repeat(64),
      commit: first,
      spec: { source: { url: "file:counter-1.0.0.tar.gz" }, os_env: { NODE: { value: "shop@web1" } }, retain: 3 },
    });
    expect(JSON.stringify(found)).not.toContain("evil");
  });

  test("of the head itself has the environment's overlay, as the head has", async () => {
    expect(await asked({ commit: head, version: "1.1.0", release: "1.1.0" })).toMatchObject({ spec: { retain: 7 } });
  });

  test.each([
    ["of another repository", { owner: { ...OWNER, repository: "evil/shop" } }, "of another repository"],
    ["of another environment", { owner: { ...OWNER, environment: "test" } }, "of another repository, environment"],
    ["from another folder", { file: "others/counter/app.yaml" }, "repository, environment or folder"],
    ["whose commit is an option", { commit: "--all" }, 'names "--all" as its commit'],
    ["whose commit is a branch", { commit: "HEAD" }, 'names "HEAD" as its commit'],
    ["whose commit nobody has", { commit: "e".repeat(40) }, "is not in the history"],
    ["of another version than the commit's", { version: "1.0.1" }, "has counter 1.0.0, the host's record says"],
    ["whose digest is a path", { digest: "../../x" }, 'names "../../x" as its digest'],
    ["whose configuration is a path", { config: "../x" }, 'names "../x" as its configuration'],
    ["whose directory is a path", { release: "../x" }, 'names "../x" as its directory'],
    ["whose directory is beside, and a path", { release: `1.0.0+${"d".repeat(8)}./x` }, "as its directory"],
  ])("%s is not believed", async (_, change, why) => {
    expect(await asked(change)).toEqual({ refused: expect.stringContaining(why) });
  });

  test("of a commit that is wanted later, or was only proposed, is not believed", async () => {
    for (const commit of [later, aside])
      expect(await asked({ commit })).toEqual({ refused: expect.stringContaining("is not in the history") });
  });
});
