// The plan of a hot upgrade asks the VM that runs. What asks there was written by whoever opened the pull request.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { releaseFile } from "../e2e/releases.ts";
import { answerOf, counterSpec, evaluateIn, openShop, type Shop } from "../e2e/shop.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";

/** Before its point of no return it does something to the host; and it takes away modules that nobody has heard of. */
const RELUP = `{"1.1.0", [{"1.0.0", [], [
  {apply, {file, write_file, ["/tmp/owned", "x", [append]]}},
  {load_object_code, {counter, "1.1.0", [counter_server]}},
  point_of_no_return,
  {load, {counter_server, soft_purge, soft_purge}},
  {remove, {nobody_has_heard_of_1, soft_purge, soft_purge}},
  {remove, {nobody_has_heard_of_2, soft_purge, soft_purge}}
]}], []}.
`;

describe.skipIf(because !== undefined)(because ?? "a hot upgrade that a pull request proposes", () => {
  let shop: Shop;
  let host: Host;
  let source: string;

  const evaluate = (expression: string): Promise<string> => evaluateIn(host, expression);

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    [host] = shop.lab.hosts as [Host];
    const unpacked = join(shop.repository.directory, "release");
    const tarball = join(shop.repository.directory, "release.tar.gz");
    mkdirSync(unpacked);
    execFileSync("tar", ["-xzf", releaseFile("counter", "1.1.0"), "-C", unpacked]);
    writeFileSync(join(unpacked, "releases/1.1.0/relup"), RELUP);
    execFileSync("tar", ["-czf", tarball, "-C", unpacked, "."]);
    source = `{type: release, url: "file://${tarball}"}`;
    // It has been there before, so that all of it lies on the host.
    for (const spec of [
      counterSpec("1.0.0"),
      counterSpec("1.1.0", { source, more: "strategy: restart" }),
      counterSpec("1.0.0", { more: "retain: 5" }),
    ]) {
      const { code, log } = await shop.push({ [APP]: spec });
      expect(code, log).toBe(0);
    }
  });
  afterAll(() => shop.close());

  const plan = async (): Promise<string> => {
    const spec = counterSpec("1.1.0", { source, more: "strategy: hot\nretain: 5" });
    const { code, log } = await shop.push({ [APP]: spec }, { inputs: { command: "plan" } });
    expect(code, log).toBe(0);
    expect(log).toContain("web1/counter upgrade 1.0.0 → 1.1.0");
    expect(log).toContain("connections: kept");
    return log;
  };

  test("has none of its instructions evaluated by its plan", async () => {
    await plan();
    expect((await host.exec(["cat", "/tmp/owned"])).code).not.toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.0.0");
  });

  test("leaves no atom of its own in the VM, which would never forget it", async () => {
    await plan();
    const isThere = (name: string): Promise<string> =>
      evaluate(`try binary_to_existing_atom(<<"${name}">>, utf8) catch error:badarg -> nobody end.`);
    expect(await isThere("counter_server")).toContain("counter_server");
    expect(await isThere("nobody_has_heard_of_1")).toContain("nobody");
    expect(await isThere("nobody_has_heard_of_1")).not.toContain("heard");
  });
});
