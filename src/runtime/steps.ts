// The steps strategies are made of, each with its undo and deadline. A new strategy is a new order of these.
import type { NonEmpty } from "../core/problem.ts";
import type { Recorded, Supervisor } from "./observed.ts";
import type { Present, ReleaseOnHost, Target } from "./runtime.ts";
import type { OldCode, Script, Unnumbered } from "./transaction.ts";

/** A plan is plain JSON, which knows no undefined. */
const asUser = ({ runAs }: { runAs?: string }): { runAs?: string } => (runAs === undefined ? {} : { runAs });

/** `release`: one that is gone through. */
export function preflight(target: Target, release: ReleaseOnHost = target.release): Unnumbered {
  return {
    action: {
      verb: "preflight",
      release: release.directory,
      port: target.spec.health.port ?? null,
      digest: release.digest,
      supervisor: target.supervisor,
      ...asUser(target),
    },
    undo: { kind: "nothing-to-undo", because: "it only looks" },
  };
}

/** Nothing where the host has the release already. */
export function stage({ directory, digest, artifact }: ReleaseOnHost): Unnumbered[] {
  if (artifact === null) return [];
  const { sizeBytes, unpackedBytes } = artifact;
  return [
    {
      action: { verb: "stage", release: directory, digest, sizeBytes, unpackedBytes },
      undo: { kind: "act", actions: [{ verb: "unstage", release: directory }] },
    },
  ];
}

export function config(name: string): Unnumbered {
  return {
    action: { verb: "config", config: name },
    undo: { kind: "act", actions: [{ verb: "unconfig", config: name }] },
  };
}

/** Nothing where no manager is wanted and none was. */
export function unit(target: Target, before: Supervisor): Unnumbered[] {
  const { supervisor, spec } = target;
  if (supervisor === "daemon" && before === "daemon") return [];
  const memoryMib = spec.vm_config?.memory_limit ?? null;
  return [
    {
      action: { verb: "unit", supervisor, memoryMib, ...asUser(target) },
      undo: { kind: "act", actions: [{ verb: "ununit" }] },
    },
  ];
}

/** What ran when it was looked at; where nothing was seen, or somebody else started it, what is on record. */
export const ranBefore = ({ running, recorded }: Present): { release: string; config: string } => ({
  release: running?.release ?? recorded.release,
  config: running?.config ?? recorded.config,
});

/** The version of what ran. */
export const versionBefore = (release: string, { running, recorded }: Present): string =>
  release === recorded.release ? recorded.version : (running?.version ?? recorded.version);

/**
 * Undone by starting exactly what ran before, which after drift is not what is on record, and proving it healthy. Where nothing
 * was seen running something may by now: a manager starts again what crashes. Then what is on record is started again.
 */
export function stop(present: Present): Unnumbered {
  const { running, recorded } = present;
  const { supervisor } = recorded;
  if (recorded.node !== undefined) return unembed(present, recorded.node);
  if (running === null) {
    const { release, config } = recorded;
    return {
      action: { verb: "stop" },
      undo: { kind: "act", actions: [{ verb: "start", release, config, supervisor, ...asUser(recorded) }] },
    };
  }
  const isRecorded = running.release === recorded.release;
  const was = ranBefore(present);
  const version = isRecorded ? recorded.version : (running.version ?? recorded.version);
  return {
    action: { verb: "stop" },
    undo: {
      kind: "act",
      actions: [
        { verb: "start", ...was, supervisor, ...asUser(recorded) },
        { verb: "health", release: was.release, version, check: recorded.spec.health },
      ],
    },
  };
}

export function link(to: string | null, from: string | null): Unnumbered {
  return {
    action: { verb: "link", release: to },
    undo: { kind: "act", actions: [{ verb: "link", release: from }] },
  };
}

export function start(target: Target): Unnumbered {
  return {
    action: {
      verb: "start",
      release: target.release.directory,
      config: target.config,
      supervisor: target.supervisor,
      ...asUser(target),
    },
    undo: { kind: "act", actions: [{ verb: "stop" }] },
  };
}

export function health({ spec, release, node }: Target): Unnumbered {
  return {
    action: {
      verb: "health",
      release: release.directory,
      version: spec.version,
      check: spec.health,
      ...(node === undefined ? {} : { node }),
    },
    undo: { kind: "nothing-to-undo", because: "it only looks" },
  };
}

/** What the VM becomes; undone by becoming what it was, or by a start of that, and proving it healthy. */
export function hot(target: Target, from: Present, release: string, upgrade: HotScript): Unnumbered {
  const was = ranBefore(from);
  return {
    action: { verb: "hot", release, config: target.config, from: was, ...upgrade, ...asUser(target) },
    undo: { kind: "act", actions: wayBack(from, was, { left: release, supervisors: upgrade.supervisors }) },
  };
}

/** What it becomes next, from a release that it has just become. */
export function hotOn(target: Target, between: string, release: string, upgrade: HotScript): Unnumbered {
  const { config } = target;
  const { supervisors } = upgrade;
  const from = { release: between, config };
  const back = { verb: "unhot_between", ...from, left: release, supervisors, ...asUser(target) } as const;
  return {
    action: { verb: "hot", release, config, from, ...upgrade, ...asUser(target) },
    undo: { kind: "act", actions: [back] },
  };
}

export type HotScript = Script & { down: string | null; replacedTwice: readonly string[] };

/** The same release with another environment. */
export function reconfigure(target: Target, from: Present): Unnumbered {
  const { release, config } = target;
  const was = { ...ranBefore(from), release: release.directory };
  return {
    action: { verb: "reconfigure", release: release.directory, config, ...asUser(target) },
    undo: { kind: "act", actions: wayBack(from, was, { left: release.directory, supervisors: [] }) },
  };
}

function wayBack(
  from: Present,
  was: { release: string; config: string },
  left: { left: string; supervisors: readonly string[] },
): NonEmpty<Unnumbered["action"]> {
  const { recorded } = from;
  const version = versionBefore(was.release, from);
  return [
    { verb: "unhot", ...was, ...left, supervisor: recorded.supervisor, ...asUser(recorded) },
    { verb: "health", release: was.release, version, check: recorded.spec.health },
  ];
}

/** After the gate. `old` are processes that may still run code that was replaced. */
export function permanent(target: Target, { oldCode, lingerTimeoutMs, onLinger }: OldCode): Unnumbered {
  const { release, config, supervisor } = target;
  const old = { oldCode, lingerTimeoutMs, onLinger };
  return {
    action: { verb: "permanent", release: release.directory, config, supervisor, ...old, ...asUser(target) },
    undo: { kind: "nothing-to-undo", because: "whoever takes back the change has the node boot what was there, too" },
  };
}

/** Before anything stops. */
export function embeddable({ release, config, spec }: Target, node: string): Unnumbered {
  return {
    action: {
      verb: "embeddable",
      release: release.directory,
      config,
      version: spec.version,
      digest: release.digest,
      port: spec.health.port ?? null,
      node,
    },
    undo: { kind: "nothing-to-undo", because: "it only looks, and writes what ends with the op" },
  };
}

export function embed({ release, config, spec }: Target, node: string): Unnumbered {
  const timeoutMs = spec.health.start_timeout;
  return {
    action: { verb: "embed", release: release.directory, config, node, timeoutMs },
    undo: { kind: "act", actions: [{ verb: "unembed", node }] },
  };
}

/** Undone as a stop is: what ran is embedded again and proven healthy; where nothing was seen running, what is on record. */
function unembed(present: Present, node: string): Unnumbered {
  const { health: check } = present.recorded.spec;
  const was = ranBefore(present);
  const { release } = was;
  const again = { verb: "embed", ...was, node, timeoutMs: check.start_timeout } as const;
  const proof = { verb: "health", release, version: versionBefore(release, present), check, node } as const;
  return {
    action: { verb: "unembed", node },
    undo: { kind: "act", actions: present.running === null ? [again] : [again, proof] },
  };
}

/** The application that runs, with another environment. */
export function embedEnv({ release, config }: Target, from: Present, node: string): Unnumbered {
  const { config: was } = ranBefore(from);
  const { version, spec } = from.recorded;
  return {
    action: { verb: "embed_env", release: release.directory, config, node },
    undo: {
      kind: "act",
      actions: [
        { verb: "embed_env", release: release.directory, config: was, node },
        { verb: "health", release: release.directory, version, check: spec.health, node },
      ],
    },
  };
}

/** After the commit point: until then the node comes back with what is on record. */
export function embedAtStart(): Unnumbered {
  return {
    action: { verb: "embed_at_start" },
    undo: { kind: "nothing-to-undo", because: "it comes after the commit point" },
  };
}

/** The commit point. */
export function record(target: Target): Unnumbered {
  const { spec, specDigest, release, owner, commit, file } = target;
  const recorded: Recorded = {
    schema: 1,
    owner,
    version: spec.version,
    release: release.directory,
    digest: release.digest,
    config: target.config,
    supervisor: target.supervisor,
    ...asUser(target),
    ...(target.node === undefined ? {} : { node: target.node }),
    ...(target.hotFrom === undefined ? {} : { hotFrom: target.hotFrom }),
    specDigest,
    commit,
    file,
    spec,
  };
  return {
    action: {
      verb: "record",
      state: JSON.stringify(recorded),
      check: spec.health,
      release: release.directory,
      version: spec.version,
    },
    undo: { kind: "point-of-no-return", because: "the new state runs, is healthy, and is now on record" },
  };
}

/** After the commit point, which clears what was held before. `code`: what it failed with here. */
export function hold(specDigest: string, code = "rolled_back"): Unnumbered {
  return {
    action: { verb: "hold", specDigest, code },
    undo: { kind: "nothing-to-undo", because: "it comes after the commit point" },
  };
}

/** The commit point of a removal. */
export const forget: Unnumbered = {
  action: { verb: "forget" },
  undo: { kind: "point-of-no-return", because: "the app is stopped, and no longer on record" },
};

export function prune(retain: number): Unnumbered {
  return {
    action: { verb: "prune", retain },
    undo: { kind: "nothing-to-undo", because: "it removes only what nothing uses" },
  };
}
