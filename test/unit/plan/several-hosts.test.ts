// One or more apps over several hosts: who gets what, and in which order.
import { describe, expect, test } from "vitest";
import { plan } from "../../../src/plan/plan.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { app, counter, deployed, recordedWith, saidOfAll, seen } from "./situation.ts";

describe("hosts", () => {
  test("that are new get the app; the others are left alone", () => {
    const apps = appsOf([counter()]);
    const observed = deployed([counter({ hosts: ["web1", "web2"] })]);
    expect(saidOfAll(inputFor(apps, { previous: apps, observed }))).toEqual([
      "web1/counter nothing to do",
      "web2/counter nothing to do",
      "web3/counter deploy (spec), interrupts none",
    ]);
  });

  test("that an app moves away from lose it, last of all", () => {
    const previous = appsOf([counter({ hosts: ["web1", "web2"] })]);
    const observed = deployed([counter({ hosts: ["web1", "web2"] })]);
    const input = inputFor(appsOf([counter({ hosts: ["web2", "web3"] })]), { previous, observed });
    expect(saidOfAll(input)).toEqual([
      "web2/counter nothing to do",
      "web3/counter deploy (spec), interrupts none",
      "web1/counter remove (spec), interrupts restart",
    ]);
    expect(plan(input).items[2]?.warnings).toEqual(["moved to other hosts: removed here"]);
  });

  test("that several apps move away from lose dependents first, whatever the base was", () => {
    const chain = (hosts: string[]) => [
      app("api", { hosts, depends_on: ["broker"] }),
      app("broker", { hosts, depends_on: ["db"] }),
      app("db", { hosts }),
    ];
    const observed = deployed(chain(["web1"]));
    for (const previous of [appsOf(chain(["web1"])), appsOf([])])
      expect(saidOfAll(inputFor(appsOf(chain(["web2"])), { previous, observed }))).toEqual([
        "web2/db deploy (spec), interrupts none",
        "web2/broker deploy (spec), interrupts none",
        "web2/api deploy (spec), interrupts none",
        ...["api", "broker", "db"].map((name) => expect.stringMatching(`web1/${name} remove`)),
      ]);
  });

  test("that an earlier run did not reach are brought up to it, the others left alone", () => {
    const now = counter({ version: "1.1.0" });
    const old = deployed([counter()]);
    const fresh = deployed([now]);
    const observed = [...old.slice(0, 1), ...fresh.slice(1)];
    expect(saidOfAll(inputFor(appsOf([now]), { previous: appsOf([now]), observed }))).toEqual([
      "web1/counter upgrade (retry), interrupts restart",
      "web2/counter nothing to do",
      "web3/counter nothing to do",
    ]);
  });

  test("that did not answer do not keep the others from being planned", () => {
    const unobserved = new Map([
      [
        "web2",
        {
          code: "ssh_auth_failed",
          where: { in: "host", host: "web2" },
          facts: { user: "root", address: "web2.example:22", key: "ssh-ed25519 SHA256:abc" },
        } as const,
      ],
    ]);
    const observed = deployed([]).filter(({ host }) => host !== "web2");
    expect(saidOfAll(inputFor(appsOf([counter()]), { observed, unobserved }))).toEqual([
      "web1/counter deploy (spec), interrupts none",
      "web2/counter blocked: incomplete_observation",
      "web3/counter deploy (spec), interrupts none",
    ]);
  });

  test("where the app belongs to others do not keep the rest from being planned", () => {
    const owner = { repository: "acme/blog", environment: "production" };
    const observed = seen(deployed([counter()]), "counter", recordedWith({ owner }), "web3");
    const previous = appsOf([counter()]);
    const items = plan(inputFor(appsOf([counter({ version: "1.1.0" })]), { previous, observed })).items;
    expect(items.map(({ host, blocked }) => [host, blocked?.code ?? null])).toEqual([
      ["web1", null],
      ["web2", null],
      ["web3", "foreign_app"],
    ]);
    expect(items[2]?.blocked?.facts).toEqual({ app: "counter", owner: "acme/blog, environment production" });
  });
});

describe("the input apps", () => {
  test("leaves every other app out of the plan, the removed ones too", () => {
    const observed = deployed([app("api"), app("cache"), app("db")]);
    const previous = appsOf([app("api"), app("cache"), app("db")]);
    const desired = appsOf([app("api", { version: "1.1.0" }), app("cache", { version: "1.1.0" })]);
    const itemsFor = (...only: string[]) =>
      saidOfAll(inputFor(desired, { previous, observed, only: new Set(only) })).filter((line) =>
        line.startsWith("web1"),
      );
    expect(itemsFor("api")).toEqual(["web1/api upgrade (spec), interrupts restart"]);
    expect(itemsFor("db")).toEqual(["web1/db remove (spec), interrupts restart"]);
    expect(itemsFor("nothing")).toEqual([]);
  });
});

describe("the order", () => {
  const chain = [
    app("db"),
    app("broker", { depends_on: ["db"] }),
    app("cache", { depends_on: ["db"] }),
    app("api", { depends_on: ["broker", "cache"] }),
  ];
  const wavesOf = (input: Parameters<typeof plan>[0]) =>
    plan(input)
      .items.filter(({ host }) => host === "web1")
      .map(({ wave, app: name, action }) => `${wave} ${action} ${name}`);

  test("is dependencies first, by name within a wave", () => {
    expect(wavesOf(inputFor(appsOf(chain)))).toEqual([
      "1 deploy db",
      "2 deploy broker",
      "2 deploy cache",
      "3 deploy api",
    ]);
  });

  test("of removals is dependents first, as the previous commit had them", () => {
    const given = { previous: appsOf(chain), observed: deployed(chain) };
    expect(wavesOf(inputFor(appsOf([]), given))).toEqual([
      "0 remove api",
      "1 remove broker",
      "1 remove cache",
      "2 remove db",
    ]);
  });

  test("puts removals before everything else", () => {
    const given = { previous: appsOf(chain), observed: deployed(chain) };
    const desired = appsOf([app("db", { version: "1.1.0" }), app("alarm", { depends_on: ["db"] })]);
    expect(wavesOf(inputFor(desired, given))).toEqual([
      "0 remove api",
      "1 remove broker",
      "1 remove cache",
      "3 upgrade db",
      "4 deploy alarm",
    ]);
  });

  test("of upgrades is by what is wanted now, not by what was", () => {
    const turned = [app("api", { version: "1.1.0" }), app("db", { version: "1.1.0", depends_on: ["api"] })];
    const given = {
      previous: appsOf([app("db"), app("api", { depends_on: ["db"] })]),
      observed: deployed([app("db"), app("api", { depends_on: ["db"] })]),
    };
    expect(wavesOf(inputFor(appsOf(turned), given)).map((line) => line.slice(2))).toEqual([
      "upgrade api",
      "upgrade db",
    ]);
  });

  test("of removals is by name where the previous commit's dependencies form a cycle", () => {
    const cycle = [app("api", { depends_on: ["db"] }), app("db", { depends_on: ["api"] })];
    const observed = deployed([app("api"), app("db")]);
    expect(wavesOf(inputFor(appsOf([]), { previous: appsOf(cycle), observed }))).toEqual([
      "0 remove api",
      "0 remove db",
    ]);
  });
});
