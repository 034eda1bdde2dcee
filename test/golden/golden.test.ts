// Each folder is a scenario: what people wrote and what hosts answered, and the plan that follows, in every form in which a
// user meets it. `npm run golden` writes the expected files anew; their diff is read before it is committed.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planMarkdown } from "../../src/report/plan-markdown.ts";
import { planText } from "../../src/report/plan-text.ts";
import { readableJson } from "./readable-json.ts";
import { planOf } from "./scenario.ts";

const HERE = import.meta.dirname;
const scenarios = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function expectGolden(file: string, text: string): void {
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, text);
  expect(existsSync(file) ? readFileSync(file, "utf8") : null).toBe(text);
}

test("all scenarios were found", () => {
  expect(scenarios).toEqual([
    "blocked",
    "deploy",
    "drift",
    "held",
    "hosts",
    "reconfigure",
    "remove",
    "unchanged",
    "upgrade",
  ]);
});

describe.each(scenarios)("the plan of the scenario %s", (scenario) => {
  const folder = join(HERE, scenario);
  const plan = planOf(folder);

  test("is the expected value", () => {
    const json = readableJson(plan);
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(plan)));
    expectGolden(join(folder, "plan.json"), `${json}\n`);
  });

  test("reads as expected in the log", () => {
    expectGolden(join(folder, "plan.txt"), `${planText(plan).join("\n")}\n`);
  });

  test("reads as expected in the job summary", () => {
    expectGolden(join(folder, "plan.md"), planMarkdown(plan));
  });
});
