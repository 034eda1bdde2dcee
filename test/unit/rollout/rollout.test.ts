// What keeps an op from being started, and what does not.
import { expect, test } from "vitest";
import { problem } from "../../../src/core/problem.ts";
import type { PlanItem } from "../../../src/plan/plan-item.ts";
import { rollout } from "../../../src/rollout/rollout.ts";
import { item, planOf, reported } from "../report/results.ts";

const blockedOn = (host: string, blocked: PlanItem["blocked"]): PlanItem =>
  item({ app: "counter", host, action: "none", transaction: null, blocked });

const outcomesOf = async (items: readonly PlanItem[]): Promise<string[]> =>
  (
    await rollout(planOf(...items), async (of) => reported({ item: of, outcome: "deployed" }), {
      concurrency: 1,
      maxFailures: () => 0,
      dependencies: () => [],
      signal: new AbortController().signal,
      onEvent: () => undefined,
    })
  ).map(({ outcome }) => outcome);

test("a host that is down keeps no other from its turn, one after the other as well", async () => {
  const down = blockedOn("web1", problem("incomplete_observation", { in: "host", host: "web1" }, { host: "web1" }));
  expect(await outcomesOf([down, item({ app: "counter", host: "web2" })])).toEqual(["blocked", "deployed"]);
});

test("a version that is held on a host does", async () => {
  const held = blockedOn(
    "web1",
    problem("held", { in: "host", host: "web1", app: "counter" }, { failed: "rolled_back" }),
  );
  expect(await outcomesOf([held, item({ app: "counter", host: "web2" })])).toEqual(["blocked", "skipped"]);
});
