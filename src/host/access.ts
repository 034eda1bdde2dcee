import type { Problem } from "../core/problem.ts";
import type { Conversation, Spoken } from "../process/converse.ts";
import type { Host } from "../spec/host.ts";

/** How a machine is reached, and so its agent: over SSH, or without, where it is this one. */
export type Access = {
  readonly host: Pick<Host, "name" | "address" | "port" | "user" | "root" | "node">;
  /** Runs one command line there. It must be made of plain words: a shell there parses it. */
  run(commandLine: string, conversation: Conversation): Promise<Spoken>;
  /** Why a command did not get there: it ended with this code, said this, and this was printed before Beamline's first word. */
  whyUnreached(unreached: { exit: number | null; stderr: string; noise: readonly string[] }): Promise<Problem>;
  close(): Promise<void>;
};
