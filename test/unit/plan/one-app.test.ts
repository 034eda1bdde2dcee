// One app on one host: what was there and recorded, what is wanted now, and what the plan makes of it.
import { describe, expect, test } from "vitest";
import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import type { ObservedApp } from "../../../src/runtime/observed.ts";
import { specDigest } from "../../../src/spec/spec-digest.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { appOn, counter, deployed, type File, recordedWith, said, seen, verbsOf, WEB1 } from "./situation.ts";

type Case = {
  title: string;
  /** The previous commit, which is also what was deployed. */
  was: File | null;
  now: File | null;
  there?: (app: ObservedApp) => Partial<ObservedApp>;
  given?: Partial<PlanInput>;
  expected: string;
};

const inputOf = ({ was, now, there, given }: Omit<Case, "title" | "expected">): PlanInput => {
  const files = (file: File | null) => appsOf(file === null ? [] : [file]);
  const fleet = deployed(was === null ? [] : [was], { hosts: WEB1 });
  return inputFor(files(now), {
    hosts: WEB1,
    previous: files(was),
    observed: there === undefined ? fleet : seen(fleet, "counter", there),
    ...given,
  });
};

const outcome = (of: Omit<Case, "title" | "expected">): string[] => plan(inputOf(of)).items.map(said);

/** The host tried this version, and its gate failed. */
const held =
  (version: string) =>
  (_: ObservedApp): Partial<ObservedApp> => {
    const spec = appsOf([counter({ version })]).get("counter")?.spec;
    return { held: spec === undefined ? null : { specDigest: specDigest(spec), code: "health_check_failed" } };
  };

const otherContents = {
  artifacts: new Map([
    ["counter", { sha256: "5".repeat(64), digest: "0123456789abcdef", sizeBytes: 1, unpackedBytes: 2 }],
  ]),
};
const newer: Pick<PlanInput, "ancestry"> = { ancestry: new Map([["c0ffee", "newer"]]) };

const specCases: Case[] = [
  {
    title: "that is new is deployed, which interrupts nobody",
    was: null,
    now: counter(),
    expected: "deploy (spec), interrupts none",
  },
  { title: "whose spec is the same is left alone", was: counter(), now: counter(), expected: "nothing to do" },
  {
    title: "with another version is upgraded",
    was: counter(),
    now: counter({ version: "1.1.0" }),
    expected: "upgrade (spec), interrupts restart",
  },
  {
    title: "with an older version is upgraded too",
    was: counter(),
    now: counter({ version: "0.9.0" }),
    expected: "upgrade (spec), interrupts restart",
  },
  {
    title: "whose release has other contents under the same version is upgraded",
    was: counter(),
    now: counter(),
    given: otherContents,
    expected: "upgrade (spec), interrupts restart",
  },
  {
    title: "with another env is reconfigured, by a restart",
    was: counter(),
    now: counter({ env: { port: 8081 } }),
    expected: "reconfigure (spec), interrupts restart",
  },
  {
    title: "with another os_env is reconfigured, by a restart",
    was: counter(),
    now: counter({ os_env: { MODE: "b" } }),
    expected: "reconfigure (spec), interrupts restart",
  },
  {
    title: "with another limit of memory is reconfigured, by a restart",
    was: counter({ vm_config: { memory_limit: 512 } }),
    now: counter({ vm_config: { memory_limit: 256 } }),
    expected: "reconfigure (spec), interrupts restart",
  },
  {
    title: "with another health check is reconfigured without a restart",
    was: counter(),
    now: counter({ health: { type: "http", port: 8080, path: "/up" } }),
    expected: "reconfigure (spec), interrupts none",
  },
  {
    title: "with another description is left alone",
    was: counter({ description: "counts" }),
    now: counter({ description: "counts well" }),
    expected: "nothing to do",
  },
  {
    title: "with another retain is left alone",
    was: counter(),
    now: counter({ retain: 5 }),
    expected: "nothing to do",
  },
  {
    title: "whose folder is gone is removed",
    was: counter(),
    now: null,
    expected: "remove (spec), interrupts restart",
  },
  {
    title: "whose folder is gone and that does not run is removed, which interrupts nobody",
    was: counter(),
    now: null,
    there: () => ({ running: null }),
    expected: "remove (spec), interrupts none",
  },
];

const otherwise: Case[] = [
  {
    title: "whose new version failed here before is held",
    was: counter(),
    now: counter({ version: "1.1.0" }),
    there: held("1.1.0"),
    expected: "blocked: held",
  },
  {
    title: "that is held is tried again with retry-failed",
    was: counter(),
    now: counter({ version: "1.1.0" }),
    there: held("1.1.0"),
    given: { retryFailed: true },
    expected: "upgrade (retry), interrupts restart",
  },
  {
    title: "of which another spec is held is upgraded",
    was: counter(),
    now: counter({ version: "1.2.0" }),
    there: held("1.1.0"),
    expected: "upgrade (spec), interrupts restart",
  },
  {
    title: "that went back to what runs is left alone, whatever is held",
    was: counter(),
    now: counter(),
    there: held("1.1.0"),
    expected: "nothing to do",
  },
  {
    title: "that a newer commit has changed is not put back by a late run",
    was: counter(),
    now: counter({ version: "1.1.0" }),
    given: newer,
    expected: "blocked: superseded",
  },
  {
    title: "that a newer commit has changed is not removed by a late run",
    was: counter(),
    now: null,
    given: newer,
    expected: "blocked: superseded",
  },
  {
    title: "that a newer commit has recorded as wanted is left alone",
    was: counter(),
    now: counter(),
    given: newer,
    expected: "nothing to do",
  },
  {
    title: "of another repository is not touched",
    was: counter(),
    now: counter({ version: "1.1.0" }),
    there: recordedWith({ owner: { repository: "acme/blog", environment: "production" } }),
    expected: "blocked: foreign_app",
  },
  {
    title: "of another environment is not touched",
    was: counter(),
    now: counter({ version: "1.1.0" }),
    there: recordedWith({ owner: { repository: "acme/shop", environment: "staging" } }),
    expected: "blocked: foreign_app",
  },
  {
    title: "of this repository written in other capitals is ours",
    was: counter(),
    now: counter({ version: "1.1.0" }),
    there: recordedWith({ owner: { repository: "Acme/Shop", environment: "production" } }),
    expected: "upgrade (spec), interrupts restart",
  },
  {
    title: "that somebody started without Beamline is not touched",
    was: counter(),
    now: counter(),
    there: () => ({ recorded: null, op: null, current: null }),
    expected: "blocked: foreign_app",
  },
  {
    title: "of which only an unused release directory is left is deployed",
    was: counter(),
    now: counter(),
    there: () => ({ recorded: null, op: null, current: null, running: null }),
    expected: "deploy (spec), interrupts none",
  },
  {
    title: "on a host that did not answer is not planned",
    was: counter(),
    now: counter({ version: "1.1.0" }),
    given: {
      observed: [],
      unobserved: new Map([
        [
          "web1",
          {
            code: "host_unreachable",
            where: { in: "host", host: "web1" },
            facts: { address: "web1.example:22", detail: "timed out" },
          },
        ],
      ]),
    },
    expected: "blocked: incomplete_observation",
  },
  {
    title: "that an earlier run did not reach is upgraded as a retry",
    was: counter(),
    now: counter({ version: "1.1.0" }),
    given: { previous: appsOf([counter({ version: "1.1.0" })]) },
    expected: "upgrade (retry), interrupts restart",
  },
  {
    title: "whose removal an earlier run did not reach is removed as a retry",
    was: counter(),
    now: null,
    given: { previous: new Map() },
    expected: "remove (retry), interrupts restart",
  },
];

describe("an app", () => {
  test.each([...specCases, ...otherwise])("$title", (given) => {
    expect(outcome(given)).toEqual([given.expected]);
  });

  test.each(["same", "older", "unrelated", "unknown"] as const)(
    "recorded by a commit that is %s is upgraded",
    (ancestry) => {
      const given = { ancestry: new Map([["c0ffee", ancestry]]) };
      expect(outcome({ was: counter(), now: counter({ version: "1.1.0" }), given })).toEqual([
        "upgrade (spec), interrupts restart",
      ]);
    },
  );

  test("of others that is not wanted is not in the plan", () => {
    const there = recordedWith({ owner: { repository: "acme/blog", environment: "production" } });
    expect(outcome({ was: counter(), now: null, there })).toEqual([]);
    expect(outcome({ was: counter(), now: null, there: () => ({ recorded: null, op: null }) })).toEqual([]);
  });

  test("with other contents under the same version is staged beside the version that runs", () => {
    const [item] = plan(inputOf({ was: counter(), now: counter(), given: otherContents })).items;
    expect(item?.transaction?.steps[0]?.action).toMatchObject({ verb: "stage", release: "1.0.0+01234567" });
    expect(item?.warnings).toEqual(["same version 1.0.0, other contents"]);
  });

  test("with a version that the host still has is not sent again", () => {
    const before = counter({ version: "1.1.0" });
    const now = counter();
    const release = appOn(deployed([now]), "counter").releases[0];
    if (release === undefined) throw new Error("nothing was staged");
    const there = ({ releases }: ObservedApp) => ({ releases: [...releases, release] });
    const [item] = plan(inputOf({ was: before, now, there })).items;
    expect([item?.sendBytes, item && verbsOf(item)[0]]).toEqual([0, "config"]);
  });

  test("that is upgraded says from which version to which, and what is sent", () => {
    const [item] = plan(inputOf({ was: counter(), now: counter({ version: "1.1.0" }) })).items;
    expect(item).toMatchObject({ from: "1.0.0", to: "1.1.0", sendBytes: 4_000_000, strategy: "restart" });
  });

  test("that is new is shown with all that it says, and without what goes without saying", () => {
    const [item] = plan(inputOf({ was: null, now: counter({ env: { port: 1 } }) })).items;
    expect(item?.from).toBe(null);
    expect(item?.changes.map(({ field, from, to }) => [field, from, to])).toEqual([
      ["version", null, "1.0.0"],
      ["source.url", null, "file:counter-1.0.0.tar.gz"],
      ["env.port", null, "1"],
      ["health.type", null, "tcp"],
      ["health.port", null, "8007"],
    ]);
  });

  test.each([
    ["env", { env: { port: 2 } }],
    ["os_env", { os_env: { A: "b" } }],
    ["vm_config", { vm_config: { memory_limit: 64 } }],
    ["health", { health: { type: "tcp", port: 9 } }],
    ["retain", { retain: 5 }],
    ["source.url", { source: { type: "release", url: "file:other.tar.gz" } }],
  ])("that is new has another digest where its %s is another", (_, change) => {
    const digestOf = (fields: Record<string, unknown>): string =>
      plan(inputOf({ was: null, now: counter({ env: { port: 1 }, ...fields }) })).digest;
    expect(digestOf(change)).not.toBe(digestOf({}));
  });

  test("that was superseded names both commits", () => {
    const [item] = plan(inputOf({ was: counter(), now: counter({ version: "1.1.0" }), given: newer })).items;
    expect(item?.blocked).toMatchObject({ code: "superseded", facts: { recorded: "c0ffee", head: "c0ffee" } });
  });
});
