// A plan goes out as JSON, is approved, and comes back to be compared with the plan of another run.
import { describe, expect, test } from "vitest";
import { problem } from "../../../src/core/problem.ts";
import { isAsApproved, planDifferences } from "../../../src/plan/approved-plan.ts";
import { plan } from "../../../src/plan/plan.ts";
import { planDigest } from "../../../src/plan/plan-digest.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import type { Plan, PlanItem } from "../../../src/plan/plan-item.ts";
import { type PlanJson, planJson, planJsonOf } from "../../../src/plan/plan-json.ts";
import { planText } from "../../../src/report/plan-text.ts";
import type { Host } from "../../../src/spec/host.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { app, counter, deployed, recordedWith, seen, WEB1 } from "./situation.ts";

const asApproved = (made: Plan): PlanJson => planJson.parse(JSON.parse(JSON.stringify(planJsonOf(made))));

const before = [counter(), app("api")];
const after = [counter({ version: "1.1.0" }), app("api")];
const given = { hosts: WEB1, previous: appsOf(before), observed: deployed(before, { hosts: WEB1 }) };
const planOf = (files = after, changed: Partial<PlanInput> = {}): Plan =>
  plan(inputFor(appsOf(files), { ...given, ...changed }));

const differences = (files = after, changed: Partial<PlanInput> = {}): string[] =>
  planDifferences(asApproved(planOf()), planOf(files, changed));

describe("an approved plan", () => {
  test("comes back from JSON with the same digest, and no differences", () => {
    expect(asApproved(planOf()).digest).toBe(planOf().digest);
    expect(differences()).toEqual([]);
  });

  test("goes out whole as long as an environment variable holds it, else as its digest", () => {
    const [one, two] = planOf().items;
    if (one === undefined || two === undefined) throw new Error("two apps are planned");
    const outputWith = (letters: number): PlanJson =>
      planJsonOf({ ...planOf(), items: [one, { ...two, to: "x".repeat(letters) }] });
    const most = 100_000 - JSON.stringify(outputWith(0)).length;
    expect(JSON.stringify(outputWith(most))).toHaveLength(100_000);
    const { hosts: _, hostChanges: __, ...bare } = outputWith(0);
    expect(outputWith(most + 1)).toEqual({ ...bare, items: [], isCut: true });
  });

  test("of another environment is another plan, whatever it does", () => {
    const owner = { repository: "acme/shop", environment: "staging" };
    const staging = planOf(after, { owner, observed: inputFor(new Map()).observed });
    const production = planOf(after, { observed: inputFor(new Map()).observed });
    expect(staging.digest).not.toBe(production.digest);
    expect(planDifferences(asApproved(staging), production)).toEqual(["it was made for environment staging"]);
  });

  test.each([
    ["of another schema", { schema: 2 }],
    ["without a digest", { digest: undefined }],
    ["with items of another form", { items: [{ app: "counter" }] }],
  ])("%s is not read", (_, change) => {
    expect(planJson.safeParse({ ...planOf(), ...change }).success).toBe(false);
  });

  test.each<[string, Parameters<typeof planOf>, string]>([
    [
      "another version is wanted by now",
      [[counter({ version: "1.2.0" }), app("api")]],
      "web1/counter was upgrade 1.1.0, is now upgrade 1.2.0",
    ],
    ["an app is no longer wanted", [[app("api")]], "web1/counter was upgrade 1.1.0, is now remove 1.0.0"],
    ["an app came in", [[...after, app("db")]], "web1/db was absent, is now deploy 1.0.0"],
    [
      "another app is to change, too",
      [[counter({ version: "1.1.0" }), app("api", { env: { port: 1 } })]],
      "web1/api was unchanged, is now reconfigure 1.0.0",
    ],
    [
      "the app belongs to others by now",
      [
        after,
        {
          observed: seen(
            given.observed,
            "counter",
            recordedWith({ owner: { repository: "acme/blog", environment: "production" } }),
          ),
        },
      ],
      "web1/counter was upgrade 1.1.0, is now blocked (foreign_app)",
    ],
  ])("differs where %s", (_, [files, changed], difference) => {
    expect(differences(files, changed)).toEqual([difference]);
    expect(planOf(files, changed).digest).not.toBe(planOf().digest);
  });

  test.each<[string, Parameters<typeof planOf>]>([
    [
      "the app that is to stay has stopped since",
      [after, { observed: seen(given.observed, "api", () => ({ running: null })) }],
    ],
    [
      "the app that is to change has stopped since",
      [after, { observed: seen(given.observed, "counter", () => ({ running: null })) }],
    ],
    ["the change has been made already", [after, { observed: deployed(after, { hosts: WEB1 }) }]],
  ])("is still as approved where %s: nobody is interrupted more than that", (_, [files, changed]) => {
    expect(planOf(files, changed).digest).not.toBe(planOf().digest);
    expect(differences(files, changed)).toEqual([]);
    expect(isAsApproved(asApproved(planOf()), planOf(files, changed))).toBe(true);
  });

  test("is still as approved where a host is down by now: the rest is carried out", () => {
    const down = problem("host_unreachable", { in: "host", host: "web1" }, { address: "web1:22", detail: "timed out" });
    expect(differences(after, { unobserved: new Map([["web1", down]]) })).toEqual([]);
  });

  test("is not where it would interrupt more: an app that had stopped runs again", () => {
    const stopped = { observed: seen(given.observed, "counter", () => ({ running: null })) };
    expect(planDifferences(asApproved(planOf(after, stopped)), planOf())).toEqual([
      "web1/counter is still upgrade 1.1.0, with another interruption, steps",
    ]);
  });

  test("is not where it is done in another way: the supervisor of a host is another by now", () => {
    const observed = given.observed.map((host) => ({ ...host, supervisor: "system" as const }));
    expect(differences(after, { observed })).toEqual([
      "web1/api was unchanged, is now reconfigure 1.0.0",
      "web1/counter is still upgrade 1.1.0, with another supervisor",
    ]);
  });

  test("differs where the release has other bytes than the approved one", () => {
    const artifacts = new Map(inputFor(appsOf(after)).artifacts);
    artifacts.set("counter", { digest: "5".repeat(64), sizeBytes: 1, unpackedBytes: 2 });
    expect(differences(after, { artifacts })).toHaveLength(1);
    expect(planOf(after, { artifacts }).digest).not.toBe(planOf().digest);
  });
});

describe("a secret of which the planning job was not told", () => {
  const files = [counter({ os_env: { TOKEN: { secret: "TOKEN" } } })];
  const having = (value: string) => new Map([["TOKEN", value]]);
  const there = deployed(files, { hosts: WEB1, fingerprints: having("f00d") });
  const made = (fingerprints: PlanInput["fingerprints"], now = files) =>
    plan(inputFor(appsOf(now), { hosts: WEB1, previous: appsOf(files), observed: there, fingerprints }));

  test("is said in the plan to be known at apply, once", () => {
    expect(planText(made(new Map()))).toContain(
      "  known at apply: TOKEN; this job was not given it. Where a value has changed, its app restarts.",
    );
    expect(planText(made(having("f00d"))).join()).not.toContain("known at apply");
  });

  test("may have another value at apply: the app restarts, as the plan said", () => {
    const changed = made(having("beef"));
    expect(changed.items.map(({ action }) => action)).toEqual(["reconfigure"]);
    expect(planDifferences(asApproved(made(new Map())), changed)).toEqual([]);
    expect(planDifferences(asApproved(made(having("f00d"))), changed)).toHaveLength(1);
  });

  test("covers nothing else that is to change by then", () => {
    const now = [counter({ os_env: { TOKEN: { secret: "TOKEN" } }, retain: 7 })];
    expect(planDifferences(asApproved(made(new Map())), made(having("beef"), now))).toHaveLength(1);
  });
});

describe("how hosts are reached", () => {
  const [web1] = WEB1;
  if (web1 === undefined) throw new Error("there is a host");
  const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

  test.each<[string, Partial<Host>]>([
    ["address", { address: "192.0.2.66" }],
    ["port", { port: 2222 }],
    ["user", { user: "somebody" }],
    ["root", { root: "/srv/elsewhere" }],
    ["host_key", { hostKey: KEY }],
  ])("is part of the digest and of what an approval is held to: %s", (field, change) => {
    const hosts = [{ ...web1, ...change }];
    expect(planOf(after, { hosts }).digest).not.toBe(planOf().digest);
    expect(differences(after, { hosts })).toEqual([`web1 is reached by another ${field}`]);
  });

  test("is part of it where nothing is done as well", () => {
    const hosts = [{ ...web1, address: "192.0.2.66" }];
    expect(planOf(before).items.every(({ transaction }) => transaction === null)).toBe(true);
    expect(planOf(before, { hosts }).digest).not.toBe(planOf(before).digest);
  });

  test("is not in a plan that an older version approved: it is refused with that for a reason", () => {
    const { hosts: _, hostChanges: __, ...older } = asApproved(planOf());
    expect(planDifferences(planJson.parse(older), planOf())).toEqual([
      "it was made by an older version of Beamline, which did not say how hosts are reached",
    ]);
  });
});

describe("the digest of a plan", () => {
  test("does not depend on the commit, which a pull request's merge changes", () => {
    expect(planOf(after, { commit: "f00d" }).digest).toBe(planOf().digest);
  });

  test("does not depend on the value of a secret that stays as it is, or on whether it is known", () => {
    const withToken = [counter({ os_env: { TOKEN: { secret: "TOKEN" } } })];
    const fleet = deployed(withToken, { hosts: WEB1, fingerprints: new Map([["TOKEN", "f00d"]]) });
    const now = [counter({ os_env: { TOKEN: { secret: "TOKEN" } }, version: "1.1.0" })];
    const digestWith = (fingerprints: PlanInput["fingerprints"]) =>
      planOf(now, { previous: appsOf(withToken), observed: fleet, fingerprints }).digest;
    expect(digestWith(new Map([["TOKEN", "f00d"]]))).toBe(digestWith(new Map()));
  });

  test("does not depend on pids, start times and what a health probe saw", () => {
    const observed = seen(given.observed, "counter", ({ running }) => ({
      running: running === null ? null : { ...running, pid: 4711, startedAt: 99 },
      health: { health: "unhealthy", saw: "HTTP 500" },
    }));
    expect(planOf(after, { observed }).digest).toBe(planOf().digest);
  });

  const digestOf = (change: Partial<PlanItem>): string =>
    planDigest(
      "production",
      planOf().hosts,
      planOf().items.map((item) => ({ ...item, ...change })),
    );

  test.each<Partial<PlanItem>>([
    { host: "web2" },
    { action: "reconfigure" },
    { strategy: "hot" },
    { from: "0.9.0" },
    { to: "1.2.0" },
    { interruption: "drain" },
    { changes: [{ field: "env.port", from: "1", to: "2", file: "app.yaml", line: 7 }] },
    { blocked: problem("held", { in: "host", host: "web1" }, { failed: "start_failed" }) },
    { transaction: null },
  ])("is another for another %o, also on one host of several on which the same is done", (change) => {
    expect(digestOf(change)).not.toBe(planOf().digest);
    const item = planOf().items.find(({ transaction }) => transaction !== null);
    if (item === undefined) throw new Error("nothing is done");
    const others = ["web3", "web4"].map((host) => ({ ...item, host }));
    const alike = planDigest("production", [], [...others, item]);
    expect(planDigest("production", [], [...others, { ...item, ...change }])).not.toBe(alike);
    expect(planDigest("production", [], [{ ...item, ...change }, ...others])).not.toBe(alike);
  });

  test("tells apart which hosts get what", () => {
    const [one, two] = planOf().items;
    if (one === undefined || two === undefined) throw new Error("two apps are planned");
    const on = (item: PlanItem, host: string): PlanItem => ({ ...item, host });
    const other = (item: PlanItem): PlanItem => ({ ...item, to: "9.0.0" });
    expect(planDigest("production", [], [on(one, "web1"), on(other(one), "web2")])).not.toBe(
      planDigest("production", [], [on(other(one), "web1"), on(one, "web2")]),
    );
    expect(planDigest("production", [], [on(one, "web1"), on(two, "web2")])).not.toBe(
      planDigest("production", [], [on(one, "web2"), on(two, "web1")]),
    );
  });

  test.each<Partial<PlanItem>>([{ cause: "retry" }, { warnings: ["drift"] }, { sendBytes: 1 }, { wave: 9 }])(
    "is the same for another %o: that changes nothing of what is done",
    (change) => {
      expect(digestOf(change)).toBe(planOf().digest);
    },
  );

  test("is 64 hex digits", () => {
    expect(planOf().digest).toMatch(/^[0-9a-f]{64}$/);
  });
});
