// How often a plan looks at what it is given: a count, where a time would say more of the machine than of the planner.
import { expect, test } from "vitest";
import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import { applied } from "../../property/model.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { app } from "./situation.ts";

/** The value with every read of a property counted, its own and those of what it holds. */
function counted<T extends object>(value: T, count: () => void): T {
  return new Proxy(value, {
    get(target, key, receiver) {
      count();
      const held: unknown = Reflect.get(target, key, receiver);
      return typeof held === "object" && held !== null ? counted(held, count) : held;
    },
  });
}

/** Reads of hosts, specs and answers for one item, where as many apps are on as many hosts; `there`: they are on them already. */
function readsAnItem(size: number, isThere: boolean): number {
  const named = (word: string): string[] => Array.from({ length: size }, (_, index) => `${word}${index}`);
  const desired = appsOf(named("app").map((name, index) => app(name, { health: { type: "tcp", port: 8000 + index } })));
  const hosts = named("web").map((name) => ({ name, address: name, port: 22, user: "u", root: "/r", labels: {} }));
  const answers = (apps: PlanInput["observed"][number]["apps"]): PlanInput["observed"] =>
    hosts.map(({ name }) => ({ host: name, machineId: name, supervisor: "daemon", apps }));
  // All hosts answer what the first one does once all is done there.
  const first = hosts.slice(0, 1);
  const [done] = applied(answers([]), plan(inputFor(desired, { hosts: first, observed: answers([]) })));
  const observed = answers(isThere ? (done?.apps ?? []) : []);

  let reads = 0;
  const count = (): void => {
    reads += 1;
  };
  const { items } = plan(
    inputFor(desired, {
      hosts: counted(hosts, count),
      previous: desired,
      observed: counted(observed, count),
      desired: new Map(
        [...desired].map(([name, { spec, document }]) => [name, { spec: counted(spec, count), document }]),
      ),
    }),
  );
  expect(items).toHaveLength(size * size);
  expect(items.every(({ action }) => action === (isThere ? "none" : "deploy"))).toBe(true);
  return reads / items.length;
}

test.each([
  ["unchanged", true],
  ["new", false],
])("an item that is %s costs no more looks in a large fleet than in a small one", (_, isThere) => {
  expect(readsAnItem(60, isThere)).toBeLessThanOrEqual(readsAnItem(20, isThere));
});
