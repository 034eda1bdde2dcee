// A hot upgrade as a value: what is asked for, what comes out, and what is said of it.
import type { ErlangTerm } from "../spec/erlang-term.ts";

export type HotOptions = {
  /** `auto`: where no appup leads there one is generated; `shipped`: then there is none. */
  appup: "auto" | "shipped";
  /** `refuse`: nothing in the script kills a process that still runs old code (soft_purge); `kill`: brutal_purge. */
  onLinger: "refuse" | "kill";
};

/** One application's part, for people. */
export type ApplicationUpgrade = {
  name: string;
  from: string | null;
  to: string | null;
  /** Where its instructions come from; `null`: it is added or removed as a whole. */
  origin: "relup" | "appup" | "generated" | null;
};

export type HotUpgrade = {
  /** Low-level instructions as in a relup file (sasl, relup(4)). */
  up: readonly ErlangTerm[];
  /** The way back; null where there is none but a restart, with `noWayBack` saying why. */
  down: readonly ErlangTerm[] | null;
  noWayBack: string | null;
  /** It leads to an older version: the scripts are those of the way that leads here from it, the other way round. */
  isDowngrade: boolean;
  applications: readonly ApplicationUpgrade[];
  /** Modules whose code is replaced; added; deleted. */
  loaded: readonly string[];
  added: readonly string[];
  deleted: readonly string[];
  /** Modules whose processes are suspended and change their state (code_change). */
  migrated: readonly string[];
  /** Modules whose processes are suspended meanwhile. */
  suspended: readonly string[];
  /** Supervisors whose children come and go as their init/1 has it. */
  supervisors: readonly string[];
  /** Consolidated protocols that differ: no application has them, so no script does. */
  consolidated: readonly string[];
  findings: readonly Finding[];
};

/** What is doubtful about a script that can be carried out. `text` is a sentence without a full stop. */
export type Finding = { code: FindingCode; application: string; module: string | null; text: string };

export type FindingCode =
  /** A module came, went or differs, and an appup says nothing of it. */
  | "module_left_out"
  /** There is an appup, and it does not know the other version: what is generated may leave out what it would have said. */
  | "version_unknown"
  /** A library of another version has no appup, and keeps state. */
  | "state_untold"
  /** An instruction names a module that does not differ, or is not there. */
  | "module_unchanged"
  | "module_unknown"
  /** A record of a process' module has other fields, and there is no code_change for it. */
  | "record_changed"
  /** A process' module differs, has no code_change, and whether its state changes can't be seen. */
  | "state_unseen"
  /** Processes' modules came or went, and no supervisor differs that would start or stop them. */
  | "children_unseen"
  /** An application has code that it compiled while it ran. */
  | "made_at_runtime"
  /** A supervisor is asked, or a state changed, while a process stands still that may be called. */
  | "may_wait"
  /** A purge mode that kills what still runs old code, or that leaves it in the way. */
  | "purge_mode";

/** Why it needs a restart, in words: `erts 13.1.5 → 14.2`, `kernel 8.5 → 9.0`. */
export type Refusal = { application: string | null; module: string | null; text: string };

/** Scripts as they are written, purge modes and all. */
export type ReleaseWays = {
  readonly up: readonly ErlangTerm[];
  readonly down: readonly ErlangTerm[] | null;
  readonly noWayBack: string | null;
  readonly applications: readonly ApplicationUpgrade[];
  readonly findings: readonly Finding[];
  /** Those whose children are to come and go as their init/1 has it. */
  readonly supervisors: readonly string[];
};
