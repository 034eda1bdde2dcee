// A release as it shall be on a host, and as it is there once it was deployed.
import type { Present, Target } from "../../../src/runtime/runtime.ts";
import { specDigest } from "../../../src/spec/spec-digest.ts";
import { appsOf } from "../../property/wanted.ts";

/** The app `counter` with some fields of its file; `version` names its directory and configuration. */
export function targetOf(fields: { version: string; [field: string]: unknown }): Target {
  const source = { type: "release", url: "file:counter-{version}.tar.gz" };
  const spec = appsOf([{ name: "counter", source, ...fields }]).get("counter")?.spec;
  if (spec === undefined) throw new Error("no counter");
  const { version } = spec;
  return {
    spec,
    specDigest: specDigest(spec),
    release: {
      directory: version,
      digest: `contents-of-${version}`,
      artifact: { sizeBytes: 4_000_000, unpackedBytes: 12_000_000 },
    },
    config: `config-of-${version}`,
    supervisor: "daemon",
    owner: { repository: "acme/shop", environment: "production" },
    commit: "c0ffee",
    file: "apps/counter/app.json",
  };
}

/** What is observed of a target that runs as it was recorded. */
export function presentOf(target: Target): Present {
  const { spec, specDigest, release, config, supervisor, owner, commit, file, runAs, node } = target;
  const { directory, digest } = release;
  const as = runAs === undefined ? {} : { runAs };
  const { name, version } = spec;
  return {
    name,
    recorded: {
      schema: 1,
      owner,
      version,
      release: directory,
      digest,
      config,
      supervisor,
      ...as,
      ...(node === undefined ? {} : { node }),
      specDigest,
      commit,
      file,
      spec,
    },
    op: "op-1",
    current: directory,
    releases: [{ directory, digest }],
    running: {
      pid: 4711,
      startedAt: 1_700_000_000,
      release: directory,
      config,
      node: "counter@web1",
      ...as,
      version,
    },
    health: { health: "healthy", saw: "HTTP 200" },
    held: null,
    unfinished: [],
    history: [],
    configs: [config],
  };
}

/** Strategy hot, with times of its own. */
export const HOT = {
  type: "hot",
  on_no_appup: "restart",
  appup: "auto",
  appup_lint: "warning",
  linger_timeout: 7_000,
  on_linger: "refuse",
  suspend_timeout: 3_000,
} as const;
