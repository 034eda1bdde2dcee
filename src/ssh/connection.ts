// One OpenSSH connection a host: the first command opens it, all others share it (ssh_config(5), ControlMaster). The user's
// own ssh configuration is not read; host keys are always checked.
import { join } from "node:path";
import { digestOf } from "../core/digest.ts";
import type { Problem } from "../core/problem.ts";
import type { Conversation, Spoken } from "../process/converse.ts";
import { converse } from "../process/converse.ts";
import type { Host } from "../spec/host.ts";
import { CONNECT_TIMEOUT_S, diagnose } from "./diagnosis.ts";
import { endMaster } from "./mux.ts";

/** Where a run's key and known hosts lie. */
export type Credentials = { directory: string; keyFile: string; knownHostsFile: string };

export class Connection {
  readonly host: Host;
  private readonly credentials: Credentials;
  private isOpen = false;

  constructor(host: Host, credentials: Credentials) {
    this.host = host;
    this.credentials = credentials;
  }

  /** Runs one command line on the host. It must be made of plain words: the login shell there parses it. */
  async run(commandLine: string, conversation: Conversation): Promise<Spoken> {
    this.isOpen = true;
    return converse("ssh", [...this.options(), this.destination, commandLine], conversation);
  }

  /** Why a command did not get there. `stderr` is what ssh said. */
  whyUnreached(stderr: string): Promise<Problem> {
    return diagnose(this.host, this.credentials.knownHostsFile, stderr);
  }

  /** Ends the shared connection, and with it whatever still follows a journal through it; ops on the host go on. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await endMaster(this.socket);
  }

  /** Short, for a socket's path holds 107 bytes, and one for each host. */
  private get socket(): string {
    const { address, port } = this.host;
    return join(this.credentials.directory, digestOf({ address, port }).slice(0, 16));
  }

  private get destination(): string {
    return `${this.host.user}@${this.host.address}`;
  }

  private options(): string[] {
    const { keyFile, knownHostsFile } = this.credentials;
    const settings: Record<string, string> = {
      Port: String(this.host.port),
      IdentityFile: keyFile,
      IdentitiesOnly: "yes",
      IdentityAgent: "none",
      BatchMode: "yes",
      PreferredAuthentications: "publickey",
      StrictHostKeyChecking: "yes",
      UserKnownHostsFile: knownHostsFile,
      GlobalKnownHostsFile: "/dev/null",
      UpdateHostKeys: "no",
      ConnectTimeout: String(CONNECT_TIMEOUT_S),
      // A dead connection is noticed within 15 s, also while an op only waits.
      ServerAliveInterval: "5",
      ServerAliveCountMax: "3",
      ControlMaster: "auto",
      ControlPersist: "60",
      ControlPath: this.socket,
      LogLevel: "ERROR",
      ForwardAgent: "no",
      ForwardX11: "no",
      RequestTTY: "no",
      Compression: "yes",
    };
    return ["-F", "none", ...Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`])];
  }
}
