// Whole runs that contact no host: what they show, and where.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { secretsInPlan } from "../../../src/action/plan-command.ts";
import { type Job, runJob } from "../../e2e/action.ts";
import { SpecRepository } from "../../e2e/spec-repository.ts";

const FLEET = "hosts: {web1: {address: 192.0.2.11}}\n";
const spec = (more = ""): string =>
  `name: counter\nversion: "1.0.0"\nsource: {type: release, url: "file:a.tar.gz"}\n${more}`;

let repository: SpecRepository;
beforeAll(() => {
  repository = new SpecRepository();
});
afterAll(() => repository.remove());

const push = (files: Record<string, string | null>, inputs: Record<string, string>, more: Partial<Job> = {}) => {
  const { sha, before } = repository.push({ "fleet.yaml": FLEET, ...files });
  const event = { name: "push", sha, payload: { before } };
  return runJob({ workspace: repository.checkout(sha), event, inputs, isSource: true, ...more });
};

describe("what a workflow passes along", () => {
  const secrets = JSON.stringify({ DEPLOY_USER: "deploy", STAGE: "production", PASSWORD: "swordfish" });
  const given = { command: "plan", secrets };

  test("is masked where a spec names it as a secret, and else left as it is", async () => {
    const { log, summary } = await push(
      { "apps/counter/app.yaml": spec("description: deploy swordfish\nos_env: {P: {secret: PASSWORD}}\n") },
      given,
    );
    const shown = log.replace(/^::add-mask::.*\n/gm, "");
    expect(log).toContain("::add-mask::swordfish\n");
    expect(log.match(/^::add-mask::.*/gm)).toHaveLength(1);
    expect(shown).not.toContain("swordfish");
    expect(summary).toContain("## Spec changes for production");
  });

  test("is named where GitHub will drop the plan for it", () => {
    const values = new Map(Object.entries(JSON.parse(secrets)));
    const problems = secretsInPlan('{"environment":"production","host":"web1"}', values as Map<string, string>);
    expect(problems.map(({ code, facts }) => [code, facts])).toEqual([["secret_in_plan", { secret: "STAGE" }]]);
  });
});

test("a secret that the planning job lacks is no mistake yet; in an apply it is", async () => {
  const file = { "apps/counter/app.yaml": spec("os_env: {P: {secret: PASSWORD}, Q: {secret: OTHER}}\n") };
  const secrets = JSON.stringify({ OTHER: "swordfish" });
  expect((await push(file, { command: "plan", secrets })).code).toBe(0);
  const { code, log } = await push(file, { command: "apply", secrets, "ssh-key": "none" });
  expect(code).toBe(1);
  expect(log).toContain("apps/counter/app.yaml:4:13: missing_secret: secret PASSWORD is not in the input secrets");
  // The key as well: all that is wrong is said at once.
  expect(log).toContain("input ssh-key: ssh_key_unusable: ");
});

test("all that is wrong with a spec is said at once, whoever finds it", async () => {
  const text = spec("os_env: {P: {secret: PASSWORD}}\nrollout: {batch: 1}\nstrategy: blue-green\n").replace(
    '"1.0.0"',
    "1.0",
  );
  const file = { "apps/counter/app.yaml": text.replace('"file:a.tar.gz"', '"https://example.org/a.tar.gz"') };
  const { log } = await push(file, { command: "apply", "ssh-key": "none" });
  const codes = [...log.matchAll(/^(?:apps\/counter\/app\.yaml:(\d+):\d+|input [a-z-]+): ([a-z_]+): /gm)];
  expect(codes.map(([, line, code]) => `${line ?? ""} ${code}`)).toEqual([
    "2 invalid_value",
    "3 missing_field",
    "4 missing_secret",
    "5 not_supported",
    "6 not_supported",
    " ssh_key_unusable",
  ]);
});

test("what is warned of is in the job's summary as well, once", async () => {
  const { code, summary } = await push({ "apps/counter/app.yaml": spec("for_another_tool: 1\n") }, { command: "plan" });
  expect(code).toBe(0);
  expect(summary.match(/unknown_field: for_another_tool is not a field Beamline knows/g)).toHaveLength(1);
});

test("inputs that are wrong are in the job's summary, and annotated", async () => {
  const { code, log, summary } = await push({ "apps/counter/app.yaml": spec() }, { command: "destroy" });
  expect(code).toBe(1);
  expect(summary).toContain("## Beamline: nothing was done");
  expect(summary).toContain("input command must be one of plan, apply, status, rollback");
  expect(log).toMatch(/^::error title=invalid_input::input command: invalid_input: /m);
});

test("a plan that GitHub has dropped is told as that, with what to do", async () => {
  const { code, log } = await push({ "apps/counter/app.yaml": spec() }, { command: "apply", plan: "missing" });
  expect(code).toBe(1);
  expect(log).toContain("input plan: plan_dropped: ");
  expect(log).toContain("make it a variable");
});
