import { describe, expect, test } from "vitest";
import { sentenceOf } from "../../../src/core/problem.ts";
import { removedDependencies, wantedProblems } from "../../../src/plan/wanted-problems.ts";
import type { Host } from "../../../src/spec/host.ts";
import { inputFor } from "../../property/wanted.ts";
import { parseApp } from "../spec/reading.ts";
import { appsOfYaml } from "./files.ts";

const HOSTS: Host[] = inputFor(new Map()).hosts.map((host) => ({
  ...host,
  labels: { role: host.name === "web3" ? "db" : "web" },
}));

const problems = (texts: Record<string, string>, secrets: string[] | null = null): string[] =>
  wantedProblems(
    appsOfYaml(texts),
    { hosts: HOSTS, proxies: {} },
    { secrets: secrets === null ? null : new Set(secrets) },
  ).map(sentenceOf);

const V = "version: 1.0.0\n";
const OS_ENV = `${V}os_env:\n  MODE: a\n  TOKEN: {secret: API_TOKEN}\n`;

describe("a wanted state", () => {
  test("that is sound has no problem", () => {
    expect(
      problems({
        api: `${V}depends_on: [db]\nhosts: {role: web}\nhealth: {type: tcp, port: 8080}\n`,
        db: `${V}hosts: [web3]\nhealth: {type: tcp, port: 8080}\n`,
      }),
    ).toEqual([]);
  });

  test.each([
    {
      title: "with a misspelt dependency is told which one was meant, at its line",
      texts: { api: `${V}depends_on:\n  - databse\n`, database: V },
      problem: "apps/api/app.yaml:5:5 api depends on databse, which no spec names; did you mean database?",
    },
    {
      title: "with an unknown dependency like no other is told only that",
      texts: { api: `${V}depends_on: [kafka]\n`, database: V },
      problem: "apps/api/app.yaml:4:14 api depends on kafka, which no spec names",
    },
    {
      title: "with a cycle is told all of it",
      texts: { api: `${V}depends_on: [cache]\n`, cache: `${V}depends_on: [db]\n`, db: `${V}depends_on: [api]\n` },
      problem: "apps/api/app.yaml:4:13 depends_on forms a cycle: api → cache → db → api",
    },
    {
      title: "with an app that depends on itself is told so",
      texts: { api: `${V}depends_on: [api]\n` },
      problem: "apps/api/app.yaml:4:13 depends_on forms a cycle: api → api",
    },
    {
      title: "with a misspelt host is told which one was meant",
      texts: { api: `${V}hosts: [web1, wb2]\n` },
      problem: "apps/api/app.yaml:4:15 no host of this environment is named wb2; did you mean web2?",
    },
    {
      title: "with labels that no host has is told which",
      texts: { api: `${V}hosts: {role: edge, zone: b}\n` },
      problem: "apps/api/app.yaml:4:8 no host of this environment matches role=edge, zone=b for api",
    },
    {
      title: "with two apps on one port of one host is told both and where",
      texts: {
        api: `${V}hosts: [web2]\nhealth: {type: tcp, port: 8080}\n`,
        cache: `${V}health: {type: tcp, port: 8080}\n`,
      },
      problem: "apps/cache/app.yaml:4:27 api and cache both want port 8080 on web2",
    },
  ])("$title", ({ texts, problem }) => {
    expect(problems(texts)).toEqual([problem]);
  });

  test("on two roots of one machine has an app on one of them, and a port once", () => {
    const [web1] = HOSTS;
    if (web1 === undefined) throw new Error("there is a host");
    const roots = [web1, { ...web1, name: "second", root: "/srv/second" }];
    const said = (texts: Record<string, string>) =>
      wantedProblems(appsOfYaml(texts), { hosts: roots, proxies: {} }, { secrets: null }).map(sentenceOf);
    const on = (host: string, port = 8080) => `${V}hosts: [${host}]\nhealth: {type: tcp, port: ${port}}\n`;
    const address = `${web1.address}:${web1.port}`;
    expect(said({ api: V })).toEqual([
      `apps/api/app.yaml:1:7 api is for web1 and second, which are both ${address}: two VMs of one node name and port`,
    ]);
    expect(said({ api: on("web1"), db: on("second") })).toEqual([
      "apps/db/app.yaml:5:27 api and db both want port 8080 on second",
    ]);
    expect(said({ api: on("web1"), db: on("second", 8081) })).toEqual([]);
  });

  test("whose app was removed while another depends on it is told both lines", () => {
    const left = wantedProblems(
      appsOfYaml({ api: `${V}depends_on: [db]\n` }),
      { hosts: HOSTS, proxies: {} },
      { secrets: null },
    );
    expect([...left, ...removedDependencies(left, appsOfYaml({ api: V, db: V }))].map(sentenceOf)).toEqual([
      "apps/api/app.yaml:4:14 api depends on db, which no spec names",
      "apps/db/app.yaml:1:7 db was removed with this spec, and api depends on it in apps/api/app.yaml:4:14",
    ]);
  });

  test("is told why an app is embedded that does not say so", () => {
    const text = `name: api\n${V}source: {type: git, url: https://example.org/a.git, ref: main}\nhosts: [web1]\n`;
    const { app } = parseApp("apps/api/app.yaml", text);
    if (app === undefined) throw new Error("it is a spec");
    const said = wantedProblems(new Map([["api", app]]), { hosts: HOSTS, proxies: {} }, { secrets: null });
    expect(said.map(sentenceOf)).toEqual([
      "apps/api/app.yaml:3:9 web1 has no node for embedded apps; this app is embedded, since its source.type is not release and isolation is not given",
    ]);
  });

  test("names a port conflict once for two apps, not once for every host", () => {
    const text = `${V}health: {type: tcp, port: 8080}\n`;
    expect(problems({ api: text, cache: text })).toHaveLength(1);
  });

  test("may have two apps on one port of different hosts, or without any port", () => {
    const on = (host: string) => `${V}hosts: [${host}]\nhealth: {type: tcp, port: 8080}\n`;
    expect(problems({ api: on("web1"), cache: on("web2"), db: V, broker: V })).toEqual([]);
  });

  test("must have its secrets where a run brings secrets", () => {
    const missing = ["apps/api/app.yaml:6:10 secret API_TOKEN is not in the input secrets"];
    expect(problems({ api: OS_ENV }, [])).toEqual(missing);
    expect(problems({ api: OS_ENV }, ["TOKEN"])).toEqual(missing);
    expect(problems({ api: OS_ENV }, ["API_TOKEN"])).toEqual([]);
  });

  test("needs no secrets where a run brings none", () => {
    expect(problems({ api: OS_ENV }, null)).toEqual([]);
  });

  test("is told all of its problems at once", () => {
    const texts = {
      api: `${V}depends_on: [databse]\nhosts: [wbe1]\nos_env: {TOKEN: {secret: NONE}}\n`,
      database: `${V}hosts: {role: edge}\n`,
    };
    expect(
      wantedProblems(appsOfYaml(texts), { hosts: HOSTS, proxies: {} }, { secrets: new Set() }).map(({ code }) => code),
    ).toEqual(["unknown_dependency", "unknown_host", "no_host_matches", "missing_secret"]);
  });
});
