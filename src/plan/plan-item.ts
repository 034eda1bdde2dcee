import type { Problem } from "../core/problem.ts";
import type { HotUpgrade } from "../otp/upgrade.ts";
import type { Transaction } from "../runtime/transaction.ts";

/**
 * A field that differs between what runs and what is wanted, rendered for people; a secret shows only its name. `file` and
 * `line`: where it stands now; null where it stands nowhere.
 */
export type FieldChange = {
  field: string;
  from: string | null;
  to: string | null;
  file: string | null;
  line: number | null;
};

/** How a run reaches a host, and where it writes there. */
export type PlannedHost = Readonly<{
  host: string;
  address: string;
  port: number;
  user: string;
  root: string;
  /** Null where the fleet file pins none: then the input known-hosts does. */
  hostKey: string | null;
}>;

/** A field of the fleet file by which a host is reached otherwise than at the base commit; both null-able as in FieldChange. */
export type HostChange = FieldChange & { host: string };

/** bc_gitops' four actions, or none. */
export type PlannedAction = "deploy" | "upgrade" | "reconfigure" | "remove" | "none";

/** Why: the commits differ, the host differs though the spec does not, an earlier attempt did not get there, or people ask for it. */
export type Cause = "spec" | "drift" | "retry" | "rollback";

/** Names of modules: of those whose code is loaded anew, is new, is deleted; and of those whose processes change their state. */
export type HotPart = Pick<
  HotUpgrade,
  "isDowngrade" | "applications" | "loaded" | "added" | "deleted" | "migrated" | "consolidated"
>;

/** The same of versions that it becomes before. */
export type HotPreview = HotPart & { through: readonly ({ version: string } & HotPart)[] };

/**
 * How a hot upgrade went that was carried out on the runner before. `impossible`: nothing was proven either way. `wayBack`: how
 * the old version was there again.
 */
export type Rehearsal = (
  | { result: "passed"; durationMs: number; suspendedMs: number; wayBack: "hot" | "restart" }
  | { result: "failed" | "impossible"; why: string; tail: readonly string[] }
) & {
  /** Secrets that it had other values for. */
  standIns?: readonly string[];
};

/** What one app means to one host. `blocked`: wanted, but not possible now; nothing is done. */
export type PlanItem = {
  app: string;
  host: string;
  action: PlannedAction;
  cause: Cause | null;
  strategy: string;
  /** Versions; null where there is none. */
  from: string | null;
  to: string | null;
  changes: readonly FieldChange[];
  /** What clients will notice. */
  interruption: "none" | "drain" | "restart";
  sendBytes: number;
  /** What a hot upgrade does to the VM that runs; null where there is none. */
  hot: HotPreview | null;
  /** Absent where nobody asked for one. */
  rehearsal?: Rehearsal;
  warnings: readonly string[];
  /** Secrets that its spec names and this run was not given; absent where there are none. */
  unknownSecrets?: readonly string[];
  blocked: Problem | null;
  /** What keeps the wanted state away though something is done: a held spec, while what is on record is brought back. */
  unmet: Problem | null;
  /** Items of a lower wave are done before those of a higher one. */
  wave: number;
  transaction: Transaction | null;
};

/** The whole plan: a plain JSON value. Everything a run does follows from it. */
export type Plan = {
  schema: 1;
  environment: string;
  /** The hosts of the items, by name. */
  hosts: readonly PlannedHost[];
  /** How hosts of the environment are reached otherwise than at the base commit. */
  hostChanges: readonly HostChange[];
  items: readonly PlanItem[];
  /** sha256 over what the items do, and on which hosts; equal digests do the same. */
  digest: string;
};

/** All is as it is wanted: nothing is done, and nothing is in the way. */
export const isUnchanged = (item: PlanItem): boolean => item.transaction === null && item.blocked === null;

/** Whether it only says that a host was not looked at: the host's own problem says why. */
export const isOfUnseenHost = (of: Problem | null): boolean =>
  of?.code === "incomplete_observation" || of?.code === "host_not_contacted";

/** Whether anything would be done. */
export const hasChanges = (plan: Plan): boolean => plan.items.some((item) => item.transaction !== null);
