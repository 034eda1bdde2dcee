// What hosts answer. Recorded is what Beamline last committed there; everything else is seen, never remembered.
import type { AppSpec } from "../spec/app-spec.ts";

/** Who put an app on a host: nobody else changes it. */
export type Owner = { repository: string; environment: string };

/**
 * Who starts an app again after a crash or a reboot: systemd itself, a user's own systemd, or nobody. What a host offers is
 * observed; the fleet file may ask for less.
 */
export type Supervisor = "system" | "user" | "daemon";

/** The node that a host's embedded apps go into. `app`: the app of ours whose VM it is; null where it is another's. */
export type ObservedNode = { name: string; app: string | null };

/** The host's own record of the last committed op of an app. `release` and `config` are directory names. */
export type Recorded = {
  schema: 1;
  owner: Owner;
  version: string;
  release: string;
  /** The release's content digest. */
  digest: string;
  config: string;
  supervisor: Supervisor;
  /** The user that the app runs as; absent: who Beamline logs in as. */
  runAs?: string;
  /** The node that the app is embedded in, as the fleet file named it; absent: it has a VM of its own. */
  node?: string;
  /** The digest of the release that the VM was while it ran, right before this one; absent: it was started as this one. */
  hotFrom?: string;
  specDigest: string;
  commit: string;
  /** The spec file at that commit. */
  file: string;
  spec: AppSpec;
};

/**
 * The VM of an app, or that of the node which an embedded app runs in. `release` and `config` are what it was started from, or what it has become since; null where something else
 * started it.
 */
export type Running = {
  pid: number;
  /** Seconds since 1970. */
  startedAt: number;
  release: string | null;
  config: string | null;
  node: string | null;
  /** Who it runs as, where that is not who Beamline logs in as. */
  runAs?: string | undefined;
  /** The release version that the VM itself reports (init:script_id/0); null where it does not answer. */
  version: string | null;
  /** Its release_handler keeps its files where we put them, so that it can become another release. */
  isUpgradable?: boolean | undefined;
};

/** `unknown`: no probe was possible. `saw` says what the probe got, for people. */
export type Health = { health: "healthy" | "unhealthy" | "unknown"; saw: string };

/** An op that no journal line ends. `isLive`: its agent still runs. */
export type UnfinishedOp = { id: string; isLive: boolean };

/** A record that is there, and is not what Beamline writes. `owner`: null where not even that can be read. */
export type Unreadable = { why: string; owner: Owner | null };

export type ObservedApp = {
  name: string;
  recorded: Recorded | null;
  /** Then `recorded` is null, and yet something is on record: nothing is done to it. */
  unreadable?: Unreadable;
  /** The op that wrote `recorded`. */
  op: string | null;
  /** Where `current` points. */
  current: string | null;
  releases: readonly { directory: string; digest: string | null }[];
  running: Running | null;
  health: Health;
  /** The spec digest whose gate failed here last, and with what. */
  held: { specDigest: string; code: string } | null;
  unfinished: readonly UnfinishedOp[];
  /** What was on record before, newest first. */
  history: readonly Recorded[];
  /** Configurations that lie on the host, by name. */
  configs: readonly string[];
};

export type ObservedHost = {
  host: string;
  machineId: string | null;
  supervisor: Supervisor;
  /** Null, or absent: it has none, or it does not run. */
  node?: ObservedNode | null;
  apps: readonly ObservedApp[];
};
