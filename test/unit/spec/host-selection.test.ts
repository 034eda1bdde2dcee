import { describe, expect, test } from "vitest";
import type { HostSelector } from "../../../src/spec/app-spec.ts";
import type { Host } from "../../../src/spec/host.ts";
import { hostSelectionProblems, selects } from "../../../src/spec/host-selection.ts";
import { GOOD, parseApp, told } from "./reading.ts";

const host = (name: string, labels: Record<string, string> = {}): Host => ({
  name,
  address: name,
  port: 22,
  user: "deploy",
  root: "/opt/releases",
  labels,
});
const WEB1 = host("web1", { role: "web", zone: "a" });
const DB1 = host("db1", { role: "db" });

describe("a selector", () => {
  test.each<[string, HostSelector, boolean, boolean]>([
    ["that is none takes every host", null, true, true],
    ["of a name takes that host", { names: ["web1"] }, true, false],
    ["of names takes each of them", { names: ["db1", "web1"] }, true, true],
    ["takes no host whose name only begins like it", { names: ["web", "db12"] }, false, false],
    ["of a label takes those that bear it", { labels: { role: "web" } }, true, false],
    ["of labels takes those that bear all of them", { labels: { role: "web", zone: "b" } }, false, false],
    ["of a label that no host has takes none", { labels: { rack: "1" } }, false, false],
    ["of a label called like a method takes none", { labels: { constructor: "web" } }, false, false],
    ["of no label takes every host", { labels: {} }, true, true],
  ])("%s", (_, selector, web1, db1) => {
    expect([selects(selector, WEB1), selects(selector, DB1)]).toEqual([web1, db1]);
  });
});

describe("hosts of an app", () => {
  const saidOf = (hosts: string, fleet: readonly Host[] = [WEB1, DB1]): string[] => {
    const { app } = parseApp("app.yaml", `${GOOD}${hosts}\n`);
    if (app === undefined) throw new Error(hosts);
    return told(hostSelectionProblems(app, fleet));
  };

  test.each(["", "hosts: [db1, web1]", "hosts: {role: web}", "hosts: {role: web, zone: a}"])(
    "%j are there: nothing is said",
    (hosts) => {
      expect(saidOf(hosts)).toEqual([]);
    },
  );

  test("that no host is called are all named, each at its place, with the one that was probably meant", () => {
    expect(saidOf("hosts:\n  - web2\n  - db1\n  - cache7")).toEqual([
      "unknown_host app.yaml:5:5 no host of this environment is named web2; did you mean web1?",
      "unknown_host app.yaml:7:5 no host of this environment is named cache7",
    ]);
  });

  test("that no label set matches are told with that set, at its place", () => {
    expect(saidOf("hosts: {role: web, zone: b}")).toEqual([
      "no_host_matches app.yaml:4:8 no host of this environment matches role=web, zone=b for counter",
    ]);
  });

  test("are missing, too, where the environment has none at all", () => {
    expect(saidOf("", [])).toEqual([
      "no_host_matches app.yaml:1:1 no host of this environment matches every host for counter",
    ]);
  });
});
