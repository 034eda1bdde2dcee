// Release handling instructions (sasl, appup(4)) as values: what every variant of them says, with its defaults filled in.
import type { ErlangTerm } from "../spec/erlang-term.ts";

export type PurgeMode = "soft_purge" | "brutal_purge";
export type Purging = { readonly before: PurgeMode; readonly behind: PurgeMode };

/** What is done to one module. `needs`: the modules that must be there first, or that must stay until last on the way back. */
export type ModuleInstruction = { readonly module: string; readonly needs: readonly string[] } & (
  | {
      readonly kind: "update";
      readonly purging: Purging;
      /** Its code is changed only where nothing runs it: on the way back it is loaded before its processes change (supervisors). */
      readonly isStatic: boolean;
      /** For sys:suspend/2; null for the default. */
      readonly timeout: ErlangTerm | null;
      /** What code_change is told; null where the state stays as it is (soft). */
      readonly extra: ErlangTerm | null;
      /** Generated: its processes change while none that they call stands still, for that one would never answer them. */
      readonly isApart?: true;
    }
  | { readonly kind: "load_module"; readonly purging: Purging }
  | { readonly kind: "add_module" }
  | { readonly kind: "delete_module" }
);

export type ApplicationInstruction = { readonly application: string } & (
  | { readonly kind: "add_application"; readonly startType: string }
  | { readonly kind: "remove_application" }
  | { readonly kind: "restart_application" }
);

export type ObjectCode = {
  readonly kind: "load_object_code";
  readonly application: string;
  readonly version: string;
  readonly modules: readonly string[];
};

export type Instruction =
  | ModuleInstruction
  | ApplicationInstruction
  | ObjectCode
  | { readonly kind: "point_of_no_return" }
  /** The emulator is to be started anew. */
  | { readonly kind: "restart"; readonly name: string }
  /** Any other low-level instruction, as it is. */
  | { readonly kind: "low"; readonly name: string; readonly term: ErlangTerm };

/** What appup(4) takes where nothing is said. */
export const DEFAULT_PURGING: Purging = { before: "brutal_purge", behind: "brutal_purge" };
