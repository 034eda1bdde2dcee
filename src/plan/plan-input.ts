import type { Problem } from "../core/problem.ts";
import type { EmbeddedApplication } from "../otp/embedded-upgrade.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import type { ObservedHost, Owner } from "../runtime/observed.ts";
import type { Host } from "../spec/host.ts";
import type { Fingerprints } from "./config-name.ts";
import type { HostChange } from "./plan-item.ts";
import type { Recoveries } from "./recovery.ts";
import type { Artifact } from "./release-target.ts";
import type { Apps } from "./wanted-problems.ts";

/** How a commit recorded on a host relates to the one being planned. */
export type Ancestry = "same" | "older" | "newer" | "unrelated" | "unknown";

/** A release that a hot upgrade may go through. */
export type PastRelease = { version: string; artifact: Artifact; inventory: ReleaseInventory };

/** How many of the apps that are ours a plan may remove: a share of them, in percent, or a number. */
export type RemovalLimit = { percent: number } | { apps: number };

export type PlanInput = {
  owner: Owner;
  commit: string;
  /** Hosts of the environment, in the fleet's order. */
  hosts: readonly Host[];
  /** How they are reached otherwise than at the base commit. */
  hostChanges: readonly HostChange[];
  /** The base commit's apps: they explain causes, and the order of removals. */
  previous: Apps;
  desired: Apps;
  observed: readonly ObservedHost[];
  /** Hosts that did not answer, with why. */
  unobserved: ReadonlyMap<string, Problem>;
  artifacts: ReadonlyMap<string, Artifact>;
  /** What artifacts are made of, by app, where that decides how they are deployed. */
  inventories: ReadonlyMap<string, ReleaseInventory>;
  /** What apps that run are made of, by `HOST/APP`, where that decides it. */
  running: ReadonlyMap<string, ReleaseInventory>;
  /** Apps, by `HOST/APP`, that run and could not be asked what they are made of, with why. */
  uninspected: ReadonlyMap<string, Problem>;
  /** The same of apps that are embedded in a node. */
  embedded: ReadonlyMap<string, EmbeddedApplication>;
  /** Releases that lie between what runs somewhere and what is wanted (see stepsBetween), by digest. */
  past: ReadonlyMap<string, PastRelease>;
  /** Of what is gone back to, and does not lie there any more as it was. */
  recoveries: Recoveries;
  fingerprints: Fingerprints;
  ancestry: ReadonlyMap<string, Ancestry>;
  retryFailed: boolean;
  onDrift: "heal" | "report";
  /** Absent: no matter how much of what only hosts claim is removed. */
  maxRemovals?: RemovalLimit;
  /** Only these apps; null is all. */
  only: ReadonlySet<string> | null;
  /** Where the specs are; apps that were recorded from elsewhere are not removed. */
  folder: string;
  /** App folders that still hold files, but no spec: a mistake, and no reason to remove anything. */
  vanished: ReadonlySet<string>;
};
