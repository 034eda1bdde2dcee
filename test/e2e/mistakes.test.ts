// Mistakes in what is pushed are shown where they were made, all at once, and cost no host anything.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

describe.skipIf(because !== undefined)(because ?? "mistakes", () => {
  let shop: Shop;
  let host: Host;
  let connectionsBefore: string;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
    const { code } = await shop.push({ "apps/counter/app.yaml": counterSpec("1.0.0") });
    expect(code).toBe(0);
    connectionsBefore = await host.sshdLog();
  });
  afterAll(() => shop.close());

  const expectUntouched = async (): Promise<void> => {
    expect(await host.sshdLog()).toBe(connectionsBefore);
    expect(await answerOf(host, "/version")).toBe("1.0.0");
  };

  test("three in one spec: three annotated lines, in the log and on the check, and no host is asked", async () => {
    const spec = counterSpec("1.1.0", { more: "strategy: hott" })
      .replace("port: 8080", "port: http")
      .replace("type: release", "type: relase");
    const { code, log, outputs, summary } = await shop.push({ "apps/counter/app.yaml": spec });
    expect(code).toBe(1);
    const annotated = [...log.matchAll(/^::error .*file=apps\/counter\/app\.yaml,line=(\d+)/gm)].map(
      (match) => match[1],
    );
    expect(annotated).toEqual(["3", "4", "5"]);
    const check = shop.double.repository("acme/shop").checkRuns.at(-1);
    expect(check).toMatchObject({ status: "completed", conclusion: "failure", head_sha: shop.repository.head });
    expect(check?.annotations.map(({ path, start_line }) => [path, start_line])).toEqual([
      ["apps/counter/app.yaml", 3],
      ["apps/counter/app.yaml", 4],
      ["apps/counter/app.yaml", 5],
    ]);
    expect(outputs.status).toBe("error");
    expect(summary).toContain("nothing was done");
    await expectUntouched();
  });

  test("in Erlang terms are annotated where they are, too, and so are those of an overlay", async () => {
    const { code, log } = await shop.push({
      "apps/counter/app.yaml": null,
      "apps/counter/app.config": '#{name => counter,\n  version => "1.1.0",\n  health => #{type => htp}}.\n',
      "apps/counter/app.production.yaml": "\nretain: 0\n",
      "apps/greeter/app.config": "#{name => greeter,\n  version => Version}.\n",
    });
    expect(code).toBe(1);
    const annotated = [...log.matchAll(/^::error .*file=apps\/([^,]+),line=(\d+)/gm)].map((it) => `${it[1]}:${it[2]}`);
    expect(annotated.sort()).toEqual([
      // It has no source either.
      ...["counter/app.config:1", "counter/app.config:3"],
      ...["counter/app.production.yaml:2", "greeter/app.config:2"],
    ]);
    expect(log).toContain("Version is a variable; a spec holds values only");
    await expectUntouched();
    await shop.push({
      "apps/counter/app.yaml": counterSpec("1.0.0"),
      "apps/counter/app.config": null,
      "apps/counter/app.production.yaml": null,
      "apps/greeter": null,
    });
    connectionsBefore = await host.sshdLog();
  });

  test("an app that vanished while its folder remains is no removal", async () => {
    const { code, log } = await shop.push({
      "apps/counter/app.yaml": null,
      "apps/counter/app.yaml.bak": counterSpec("1.0.0"),
    });
    expect(code).toBe(1);
    expect(log).toMatch(/no_specs|spec_vanished/);
    await expectUntouched();
  });

  test("inputs that are wrong are all named", async () => {
    await shop.push({ "apps/counter/app.yaml.bak": null, "apps/counter/app.yaml": counterSpec("1.0.0") });
    connectionsBefore = await host.sshdLog();
    const { code, log } = await shop.run({
      inputs: { command: "destroy", concurrency: "many", "on-drift": "ignore", secrets: "x", "max-removals": "0%" },
    });
    expect(code).toBe(1);
    for (const input of ["command", "concurrency", "on-drift", "secrets", "max-removals"])
      expect(log).toContain(`input ${input} must be`);
    await expectUntouched();
  });

  test("a strategy that does not work yet is refused at its line, never ignored", async () => {
    const { code, log } = await shop.push({
      "apps/counter/app.yaml": counterSpec("1.1.0", { more: "strategy: blue-green" }),
    });
    expect(code).toBe(1);
    expect(log).toMatch(/apps\/counter\/app\.yaml:5:\d+: not_supported: .*blue-green/);
    await expectUntouched();
  });

  test("a secret that the job does not pass is named, and where it is wanted", async () => {
    const { code, log } = await shop.push({
      "apps/counter/app.yaml": counterSpec("1.1.0", { more: "os_env: {DB_PASSWORD: {secret: DB_PASSWORD}}" }),
    });
    expect(code).toBe(1);
    expect(log).toMatch(
      /apps\/counter\/app\.yaml:5:\d+: missing_secret: secret DB_PASSWORD is not in the input secrets/,
    );
    await expectUntouched();
  });

  test.each([
    { name: "issue_comment", ref: "refs/heads/main" },
    { name: "push", ref: "refs/heads/try" },
  ])("an event that deploys nothing by itself, $name of $ref, must be told what to do", async ({ name, ref }) => {
    const { before } = shop.repository.push({ "apps/counter/app.yaml": counterSpec("1.1.0") });
    const { code, log } = await shop.run({ event: { name, ref, sha: shop.repository.head, payload: { before } } });
    expect(code).toBe(1);
    expect(log).toContain(`missing_input: input command is required for the event ${name}`);
    await expectUntouched();
  });
});
