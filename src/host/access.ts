import type { Problem } from "../core/problem.ts";
import type { Conversation, Spoken } from "../process/converse.ts";
import type { Host } from "../spec/host.ts";

/** How a machine is reached, and so its agent: over SSH, or without, where it is this one. */
export type Access = {
  readonly host: Pick<Host, "name" | "address" | "port" | "root" | "node">;
  /** Runs one command line there. It must be made of plain words: a shell there parses it. */
  run(commandLine: string, conversation: Conversation): Promise<Spoken>;
  /** Why a command did not get there, of which this is the standard error. */
  whyUnreached(stderr: string): Promise<Problem>;
  close(): Promise<void>;
};
