// command: rollback, on real hosts: from what lies there, with nothing to fetch.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, counterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";

describe.skipIf(because !== undefined)(because ?? "a rollback", () => {
  let shop: Shop;
  let host: Host;
  /** Where the releases are published, for as long as they are. */
  const published = mkdtempSync(join(tmpdir(), "published-"));
  const spec = (version: string, attempt: number): string =>
    counterSpec(version, {
      source: `{type: release, url: "file://${published}/counter-{version}.tar.gz"}`,
      more: `env: {try: ${attempt}}\nos_env: {PASSWORD: {secret: DB}}`,
    });
  const push = (version: string, attempt: number) =>
    shop.push(
      { [APP]: spec(version, attempt) },
      { inputs: { secrets: JSON.stringify({ DB: `secret number ${attempt}` }) } },
    );
  const answers = async (): Promise<string[]> =>
    Promise.all(["/version", "/env/try", "/os-env/PASSWORD"].map((path) => answerOf(host, path)));

  beforeAll(async () => {
    for (const version of ["1.0.0", "1.1.0", "1.2.0"])
      copyFileSync(releaseFile("counter", version), join(published, `counter-${version}.tar.gz`));
    shop = await openShop({ hosts: 2 });
    host = shop.lab.host("web1");
    for (const [version, attempt] of [
      ["1.0.0", 1],
      ["1.1.0", 2],
      ["1.2.0", 3],
    ] as const) {
      const { code, log } = await push(version, attempt);
      expect(code, log).toBe(0);
    }
  });
  afterAll(async () => {
    rmSync(published, { recursive: true });
    await shop.close();
  });

  test("brings back the version before, with its own env and secrets, without its source and without secrets", async () => {
    rmSync(published, { recursive: true });
    const { code, log, outputs } = await shop.run({ inputs: { command: "rollback" } });
    expect(code, log).toBe(0);
    expect(log).toContain("web1/counter upgrade 1.2.0 → 1.1.0 (cause: rollback");
    expect(outputs.upgraded).toBe("2");
    expect(await answers()).toEqual(["1.1.0", "{ok,2}", "secret number 2"]);
  });

  test("asked for once more, as by a job that is run again, changes nothing", async () => {
    const { code, log, outputs } = await shop.run({ inputs: { command: "rollback" } });
    expect(code, log).toBe(0);
    expect(outputs).toMatchObject({ changes: "0", unchanged: "2" });
    expect(await answers()).toEqual(["1.1.0", "{ok,2}", "secret number 2"]);
  });

  test("is not undone by the next unrelated push: what was left is held", async () => {
    mkdirSync(published);
    for (const version of ["1.1.0", "1.2.0"])
      copyFileSync(releaseFile("counter", version), join(published, `counter-${version}.tar.gz`));
    const { code, log } = await shop.push(
      { "notes/later.md": "unrelated\n" },
      { inputs: { secrets: JSON.stringify({ DB: "secret number 3" }) } },
    );
    expect(code).toBe(1);
    expect(log).toContain("held: this very spec was rolled back here and is held");
    expect(await answers()).toEqual(["1.1.0", "{ok,2}", "secret number 2"]);
  });

  test("goes to a version by name", async () => {
    const { code, log } = await shop.run({ inputs: { command: "rollback", version: "1.0.0" } });
    expect(code, log).toBe(0);
    expect(await answers()).toEqual(["1.0.0", "{ok,1}", "secret number 1"]);
  });

  test("to a version that is not there is refused, and nothing happens", async () => {
    const { code, log } = await shop.run({ inputs: { command: "rollback", version: "0.9.0" } });
    expect(code).toBe(1);
    expect(log).toContain("nothing_to_roll_back_to: 0.9.0 is not on the host any more");
    expect(await answers()).toEqual(["1.0.0", "{ok,1}", "secret number 1"]);
  });

  test("is left behind by the next spec that changes", async () => {
    const { code, log } = await push("1.1.0", 4);
    expect(code, log).toBe(0);
    expect(await answers()).toEqual(["1.1.0", "{ok,4}", "secret number 4"]);
  });
});
