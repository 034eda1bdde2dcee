// What makes a plan red, and what only warns.
import { expect, test } from "vitest";
import { problem } from "../../../src/core/problem.ts";
import { weighed } from "../../../src/plan/weighed.ts";
import { item, planOf } from "../report/results.ts";

const host = "web2";
const down = problem("host_unreachable", { in: "host", host }, { address: "192.0.2.12:22", detail: "timed out" });
const unseen = item({
  ...{ app: "counter", host, action: "none", transaction: null },
  blocked: problem("incomplete_observation", { in: "host", host }, { host }),
});
const blockedBy = (blocked: ReturnType<typeof problem>) => item({ action: "none", transaction: null, blocked });
const held = blockedBy(problem("held", { in: "host", host: "web1", app: "api" }, { failed: "rolled_back" }));
const noHot = blockedBy(
  problem("no_hot_upgrade", { in: "host", host: "web1", app: "api" }, { from: "1", to: "2", why: ["erts"] }),
);
const onBranch = { isStrict: false, isProposal: false };
const codes = ({ errors, warnings }: ReturnType<typeof weighed>) => [
  errors.map(({ code }) => code),
  warnings.map(({ code }) => code),
];

test("a host that is down and an app that is held are warnings where the rest can go on", () => {
  const plan = planOf(item({ app: "shop" }), held, unseen);
  expect(codes(weighed(plan, [down], onBranch))).toEqual([[], ["host_unreachable", "held"]]);
  expect(codes(weighed(plan, [down], { ...onBranch, isStrict: true }))).toEqual([["host_unreachable", "held"], []]);
});

test("they are errors where nothing can", () => {
  expect(codes(weighed(planOf(held, unseen), [down], onBranch))).toEqual([["host_unreachable", "held"], []]);
  expect(codes(weighed(planOf(), [down], onBranch))).toEqual([["host_unreachable"], []]);
});

test("what a proposal brings along is its error, and on a branch a warning", () => {
  const plan = planOf(item({ app: "shop" }), noHot, held);
  expect(codes(weighed(plan, [], { ...onBranch, isProposal: true }))).toEqual([["no_hot_upgrade"], ["held"]]);
  expect(codes(weighed(plan, [], onBranch))).toEqual([[], ["no_hot_upgrade", "held"]]);
});
