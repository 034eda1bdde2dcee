import type { HotUpgrade, Refusal } from "../otp/upgrade.ts";
import type { AppSpec } from "../spec/app-spec.ts";
import type { ObservedApp, Owner, Recorded, Supervisor } from "./observed.ts";
import type { Transaction } from "./transaction.ts";

/** A release as it will lie on one host: its directory there, and what must be sent if it is not there yet. */
export type ReleaseOnHost = {
  directory: string;
  digest: string;
  /** Null: the host has it. */
  artifact: { sizeBytes: number; unpackedBytes: number } | null;
};

/** A release on the way to another, and how what runs before it becomes it. */
export type Hop = { version: string; release: ReleaseOnHost; hot: HotUpgrade };

/** How what runs becomes something else without a restart: through other releases first, where they are known and it alone is not. */
export type InPlace = { through: readonly Hop[]; hot: HotUpgrade };

/** What one app shall be on one host. */
export type Target = {
  spec: AppSpec;
  specDigest: string;
  release: ReleaseOnHost;
  config: string;
  supervisor: Supervisor;
  /** The user that the app shall run as; absent: who Beamline logs in as. */
  runAs?: string;
  /** The node that it shall be embedded in; absent: it has a VM of its own. */
  node?: string;
  /** As on record. */
  hotFrom?: string;
  owner: Owner;
  commit: string;
  file: string;
  /** How what runs can become this without a restart, or why it can't; absent where nobody asked. */
  inPlace?: InPlace | { refused: readonly Refusal[] };
};

/** What is there now: the record, and what was seen. */
export type Present = ObservedApp & { recorded: Recorded };

/** bc_gitops_runtime's callbacks, as compilers of transactions; get_current_state is the agent's `observe`. Total and synchronous. */
export type Runtime = {
  deploy(target: Target): Transaction;
  upgrade(target: Target, from: Present): Transaction;
  reconfigure(target: Target, from: Present): Transaction;
  remove(from: Present): Transaction;
  /** Brings back what is on record, where something else is seen. `again`: it does not lie there any more, and is this. */
  restore(from: Present, again?: Target): Transaction;
  /** Goes back to what was on record before, from what lies on the host; what is left is held there. `again` as above. */
  rollback(to: Recorded, from: Present, again?: Target): Transaction;
};
