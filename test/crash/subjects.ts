// The apps that are struck: one with a VM of its own, and one that is embedded in another's. The first, too, as one that skips versions.
import { LODGER_PORT, lodgerSpec } from "../e2e/lodger.ts";
import { counterSpec, type Files, fleetFile, greeterSpec } from "../e2e/shop.ts";
import type { Host } from "../lab/lab.ts";
import { isEmbedded, isLeap, type Kind } from "./combinations.ts";

/** What a host should be: a version that serves with a value in its env, or nothing at all. */
export type Expected = { version: string; try: number } | null;

type How = { isHot: boolean; isBad: boolean };

export type Subject = {
  name: "counter" | "lodger";
  port: number;
  /** Each of these becomes any other, hot too; the first is what is deployed. */
  good: readonly [string, ...string[]];
  /** It answers its health check with 503. */
  bad: string;
  /** It has been these in turn, and becomes the first or the last of them, through what lies between. */
  leaps?: readonly [string, string, string];
  /** The good version that alone becomes the bad one hot; else any does. */
  beforeHotBad?: string;
  spec(to: NonNullable<Expected>, how: How): string;
  /** What it answers, by path. */
  answers(to: NonNullable<Expected>): Readonly<Record<string, string>>;
  /** What is on all hosts before anything is struck, and what nothing is to happen to. */
  ground(hosts: readonly Host[]): Files;
  /** The ports of those; all are of version 1.0.0. */
  beside: readonly number[];
};

/** Twelve VMs that boot at once take a while on two cores; only what is never healthy is not to be waited for. */
const PATIENCE_MS = 60_000;

function counterLike(to: NonNullable<Expected>, how: How & { path: string; retain: number }): string {
  const patienceMs = how.isBad ? 4_000 : PATIENCE_MS;
  const health = `{type: http, port: 8080, path: ${how.path}, start_timeout: ${patienceMs}, min_healthy_time: 200}`;
  const strategy = how.isHot ? "hot" : "restart";
  return counterSpec(to.version, {
    health,
    more: `retain: ${how.retain}\nstrategy: ${strategy}\nenv: {try: ${to.try}}`,
  });
}

export const counter: Subject = {
  name: "counter",
  port: 8080,
  good: ["1.0.0", "1.1.0", "1.2.0"],
  bad: "1.3.0",
  spec: (to, how) => counterLike(to, { ...how, path: "/health", retain: 1 }),
  answers: (to) => ({ "/version": to.version, "/env/try": `{ok,${to.try}}`, "/health": "ok" }),
  ground: (hosts) => ({ "fleet.yaml": fleetFile(hosts), "apps/greeter/app.yaml": greeterSpec("1.0.0") }),
  beside: [8090],
};

/** A version that is not healthy is a good one that is asked at the wrong place; all stay on the host. */
export const leaper: Subject = {
  ...counter,
  leaps: ["1.0.0", "1.1.0", "1.2.0"],
  spec: (to, how) => counterLike(to, { ...how, path: how.isBad ? "/nowhere" : "/health", retain: 3 }),
};

/** Its node is the counter's VM. */
export const lodger: Subject = {
  name: "lodger",
  port: LODGER_PORT,
  good: ["1.6.0", "1.7.0"],
  bad: "1.8.0",
  beforeHotBad: "1.7.0",
  spec: (to, how) =>
    lodgerSpec(to.version, {
      env: `{port: ${LODGER_PORT}, try: ${to.try}}`,
      strategy: how.isHot ? "hot" : "restart",
      patienceMs: how.isBad ? 1_000 : PATIENCE_MS,
      more: "retain: 1",
    }),
  answers: (to) => ({
    "/version": to.version,
    "/lib": `lib ${to.version}`,
    "/env": `[{greeting,"default"},{port,${LODGER_PORT}},{'try',${to.try}}]`,
    "/health": "ok",
  }),
  ground: (hosts) => ({
    "fleet.yaml": fleetFile(hosts, Object.fromEntries(hosts.map(({ name }) => [name, ", node: counter"]))),
    "apps/greeter/app.yaml": greeterSpec("1.0.0"),
    "apps/counter/app.yaml": counterSpec("1.0.0"),
  }),
  beside: [8080, 8090],
};

export const subjectOf = (kind: Kind): Subject => (isEmbedded(kind) ? lodger : isLeap(kind) ? leaper : counter);
