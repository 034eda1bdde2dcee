// Random wanted states, written as the files a team would commit and read by the real parser.
import fc from "fast-check";
import { digestOf } from "../../src/core/digest.ts";
import type { PlanInput } from "../../src/plan/plan-input.ts";
import type { Artifact } from "../../src/plan/release-target.ts";
import type { Apps } from "../../src/plan/wanted-problems.ts";
import type { Host } from "../../src/spec/host.ts";
import { readSpecs } from "../../src/spec/read-specs.ts";
import { treeOf } from "../unit/spec/reading.ts";

const OWNER = { repository: "acme/shop", environment: "production" };
const HOSTS: readonly Host[] = ["web1", "web2", "web3"].map((name) => ({
  name,
  address: `${name}.example`,
  port: 22,
  user: "root",
  root: "/opt/releases",
  labels: {},
}));
const NAMES = ["api", "broker", "cache", "db"];

type File = { name: string; [field: string]: unknown };

/** The apps of spec files; throws where one of them is wrong. */
export function appsOf(files: readonly File[]): Apps {
  const texts = Object.fromEntries(files.map((file) => [`apps/${file.name}/app.json`, JSON.stringify(file)]));
  const { apps, problems } = readSpecs(treeOf(texts), "apps", "production");
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return apps;
}

const file = (name: string, index: number): fc.Arbitrary<File> =>
  fc
    .record({
      version: fc.constantFrom("1.0.0", "1.1.0", "2.0.0"),
      env: fc.dictionary(fc.constantFrom("port", "name"), fc.oneof(fc.integer(), fc.string())),
      // Only apps before it: no circle.
      depends_on: fc.subarray(NAMES.slice(0, index)),
      hosts: fc.option(fc.subarray(["web1", "web2", "web3"], { minLength: 1 }), { nil: undefined }),
      retain: fc.constantFrom(1, 3),
      vm_config: fc.constantFrom(
        undefined,
        {},
        { memory_limit: 512 },
        { scheduler_limit: 2, extra_args: ["+P", "4096"] },
      ),
      os_env: fc.constantFrom({}, { MODE: "a" }, { NODE: "shop@{host}" }, { TOKEN: { secret: "TOKEN" } }),
    })
    .map((fields) => ({ name, source: { type: "release", url: "file:release-{version}.tar.gz" }, ...fields }));

/** Any set of apps; dependencies on apps that are not in it are dropped, as a real commit would have to. */
export const wanted: fc.Arbitrary<File[]> = fc
  .tuple(...NAMES.map((name, index) => fc.option(file(name, index), { nil: undefined })))
  .map((files) => files.filter((it) => it !== undefined))
  .map((files) => {
    const names = files.map(({ name }) => name);
    return files.map((it) => ({
      ...it,
      depends_on: (it.depends_on as string[]).filter((each) => names.includes(each)),
    }));
  });

const artifactOf = (app: string, version: string): Artifact => ({
  digest: digestOf(["contents", app, version]),
  sizeBytes: 4_000_000,
  unpackedBytes: 12_000_000,
});

/** An input of plan() for these apps, with every artifact fetched and nothing special. */
export function inputFor(desired: Apps, given: Partial<PlanInput> = {}): PlanInput {
  return {
    owner: OWNER,
    commit: "c0ffee",
    hosts: HOSTS,
    hostChanges: [],
    previous: new Map(),
    desired,
    observed: HOSTS.map(({ name }) => ({
      host: name,
      machineId: name,
      supervisor: "daemon" as const,
      apps: [],
    })),
    unobserved: new Map(),
    inventories: new Map(),
    running: new Map(),
    uninspected: new Map(),
    embedded: new Map(),
    past: new Map(),
    recoveries: new Map(),
    artifacts: new Map([...desired].map(([name, { spec }]) => [name, artifactOf(name, spec.version)])),
    fingerprints: new Map([["TOKEN", "f00d"]]),
    ancestry: new Map(),
    retryFailed: false,
    onDrift: "heal",
    only: null,
    folder: "apps",
    vanished: new Set(),
    ...given,
  };
}
