// What must hold of every plan, whatever is wanted and whatever is there.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plan } from "../../src/plan/plan.ts";
import { planDigest } from "../../src/plan/plan-digest.ts";
import { hasChanges, type PlanItem } from "../../src/plan/plan-item.ts";
import type { Host } from "../../src/spec/host.ts";
import { applied, ordered } from "./model.ts";
import { appsOf, inputFor, wanted } from "./wanted.ts";

const nothingThere = inputFor(new Map()).observed;

describe("for any wanted state, a plan", () => {
  test("that was carried out leaves nothing to plan", () => {
    fc.assert(
      fc.property(wanted, wanted, (first, second) => {
        const [one, two] = [appsOf(first), appsOf(second)];
        const deployed = applied(nothingThere, plan(inputFor(one)));
        const unchanged = plan(inputFor(one, { previous: one, observed: deployed }));
        expect(hasChanges(unchanged)).toBe(false);
        const changed = applied(deployed, plan(inputFor(two, { previous: one, observed: deployed })));
        expect(hasChanges(plan(inputFor(two, { previous: two, observed: changed })))).toBe(false);
        // It also leaves nothing that is not wanted any more.
        const names = new Set(changed.flatMap(({ apps }) => apps.map(({ name }) => name)));
        expect([...names].every((name) => two.has(name))).toBe(true);
      }),
    );
  });

  test("that fails at any step leaves every host as it was, or as it should be; then the next plan gets there", () => {
    fc.assert(
      fc.property(
        wanted,
        wanted,
        fc.nat(12),
        fc.constantFrom("web1", "web2", "web3"),
        (first, second, step, failing) => {
          const [one, two] = [appsOf(first), appsOf(second)];
          const before = applied(nothingThere, plan(inputFor(one)));
          const made = plan(inputFor(two, { previous: one, observed: before }));
          const whole = applied(before, made);
          const broken = applied(before, made, ({ host }: PlanItem) => (host === failing ? step : -1));
          for (const [index, host] of ordered(broken).entries()) {
            for (const app of host.apps) {
              const was = ordered(before)[index]?.apps.find(({ name }) => name === app.name);
              const should = ordered(whole)[index]?.apps.find(({ name }) => name === app.name);
              expect([was, should]).toContainEqual(app);
            }
          }
          const next = applied(broken, plan(inputFor(two, { previous: two, observed: broken })));
          expect(hasChanges(plan(inputFor(two, { previous: two, observed: next })))).toBe(false);
        },
      ),
    );
  });

  test("does what is depended on first, and removes it last", () => {
    fc.assert(
      fc.property(wanted, wanted, (first, second) => {
        const [one, two] = [appsOf(first), appsOf(second)];
        const observed = applied(nothingThere, plan(inputFor(one)));
        const { items } = plan(inputFor(two, { previous: one, observed }));
        const isLeaving = ({ app, action }: PlanItem): boolean => action === "remove" && two.has(app);
        for (const item of items) {
          const dependencies = (two.has(item.app) ? two : one).get(item.app)?.spec.depends_on ?? [];
          for (const other of items.filter(({ app }) => dependencies.includes(app))) {
            // What only moves to other hosts is removed last of all, once it is well there.
            if (isLeaving(item) !== isLeaving(other)) continue;
            if (item.action === "remove" && other.action === "remove") expect(item.wave).toBeLessThan(other.wave);
            else if (item.action !== "remove" && other.action !== "remove") expect(other.wave).toBeLessThan(item.wave);
          }
        }
        expect(items.map(({ wave }) => wave)).toEqual(items.map(({ wave }) => wave).sort((a, b) => a - b));
      }),
    );
  });

  test("has a digest that depends neither on the order of keys, files and hosts nor on the commit", () => {
    fc.assert(
      fc.property(wanted, (files) => {
        const made = plan(inputFor(appsOf(files)));
        const turned = files
          .toReversed()
          .map((file) => Object.fromEntries(Object.entries(file).toReversed()) as typeof file);
        const input = inputFor(appsOf(turned), { commit: "another" });
        expect(plan({ ...input, hosts: input.hosts.toReversed() }).digest).toBe(made.digest);
      }),
    );
  });

  test("has a digest that depends neither on the order of its items nor on which values they share", () => {
    fc.assert(
      fc.property(wanted, wanted, (first, second) => {
        const [one, two] = [appsOf(first), appsOf(second)];
        const observed = applied(nothingThere, plan(inputFor(one)));
        const { hosts, items, digest } = plan(inputFor(two, { previous: one, observed }));
        expect(planDigest("production", hosts.toReversed(), items.toReversed())).toBe(digest);
        expect(planDigest("production", hosts, structuredClone(items))).toBe(digest);
      }),
    );
  });

  test("has another digest when any field of any app is another", () => {
    fc.assert(
      fc.property(wanted, wanted, (first, second) => {
        const digestOf = (files: typeof first) => plan(inputFor(appsOf(files))).digest;
        const itemsOf = (files: typeof first) => plan(inputFor(appsOf(files))).items;
        fc.pre(JSON.stringify(itemsOf(first)) !== JSON.stringify(itemsOf(second)));
        expect(digestOf(first)).not.toBe(digestOf(second));
      }),
    );
  });

  test("says of each host what a plan of that host alone says of it, whatever its kind", () => {
    // Host by host what a plan may look at: who starts apps there, who logs in, who they run as.
    const kind = fc.record(
      {
        supervisor: fc.constantFrom("daemon", "systemd"),
        user: fc.constantFrom("root", "deploy"),
        root: fc.constantFrom("/opt/releases", "/srv"),
        runAs: fc.constantFrom("app", "app-{name}"),
      },
      { requiredKeys: ["user", "root"] },
    );
    const kinds = fc.tuple(kind, kind, kind);
    const offered = fc.tuple(...["web1", "web2", "web3"].map(() => fc.constantFrom("system", "user", "daemon")));
    fc.assert(
      fc.property(wanted, wanted, kinds, offered, (first, second, kinds, offered) => {
        const [one, two] = [appsOf(first), appsOf(second)];
        const hosts = inputFor(one).hosts.map((host, index): Host => ({ ...host, ...kinds[index] }));
        const bare = nothingThere.map((host, index) => ({ ...host, supervisor: offered[index] ?? "daemon" }));
        for (const observed of [bare, applied(bare, plan(inputFor(one, { hosts, observed: bare })))]) {
          const planned = (on: readonly Host[]) => plan(inputFor(two, { hosts: on, previous: one, observed })).items;
          const together = planned(hosts);
          for (const host of hosts) expect(together.filter((item) => item.host === host.name)).toEqual(planned([host]));
        }
      }),
    );
  });

  test("touches no host that did not answer, and no app of others", () => {
    fc.assert(
      fc.property(wanted, wanted, (first, second) => {
        const [one, two] = [appsOf(first), appsOf(second)];
        const observed = applied(
          nothingThere,
          plan(inputFor(one, { owner: { repository: "acme/other", environment: "production" } })),
        );
        const { items } = plan(inputFor(two, { previous: one, observed }));
        for (const item of items) {
          const there = observed.find(({ host }) => host === item.host)?.apps.some(({ name }) => name === item.app);
          if (there) expect([item.transaction, item.blocked?.code]).toEqual([null, "foreign_app"]);
        }
      }),
    );
  });
});
