import type { DiskRoom } from "../artifact/disk-room.ts";
import type { Sources } from "../artifact/sources.ts";
import type { FleetSession } from "./fleet-session.ts";
import type { Inputs } from "./inputs.ts";
import type { Reporter } from "./reporter.ts";
import type { RunContext } from "./run-context.ts";

/** What every command works with. */
export type Run = {
  inputs: Inputs;
  context: RunContext;
  reporter: Reporter;
  session: FleetSession;
  sources: Sources;
  /** Of this run alone, and gone after it: a path. */
  directory: string;
  /** Aborted by SIGINT or SIGTERM. */
  /** Of all that is downloaded and packed. */
  room: DiskRoom;
  signal: AbortSignal;
  newOp: () => string;
};
