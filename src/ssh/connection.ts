// One OpenSSH connection a host: the first command opens it, all others share it (ssh_config(5), ControlMaster). The user's
// own ssh configuration is not read; host keys are always checked.
import { join } from "node:path";
import { digestOf } from "../core/digest.ts";
import type { Problem } from "../core/problem.ts";
import type { Conversation, Spoken } from "../process/converse.ts";
import { converse } from "../process/converse.ts";
import type { Host } from "../spec/host.ts";
import { CONNECT_TIMEOUT_S, diagnose, type Unreached } from "./diagnosis.ts";
import type { KeyFile } from "./key-file.ts";
import { endMaster } from "./mux.ts";

/** Where a run's key, known hosts, and the sockets of its connections lie. */
export type Credentials = { socketDirectory: string; key: KeyFile; knownHostsFile: string };

/** Characters of a socket's name, of the name that ssh binds before it is that (`.` and 16 more), and the bytes of a whole path. */
const SOCKET_NAME = 16;
const BOUND_NAME = SOCKET_NAME + 17;
const LONGEST_PATH = 107;

/** Whether ssh can have its sockets in a directory (unix(7), sun_path; OpenSSH's muxserver_listen). */
export const hasRoomForSockets = (directory: string): boolean =>
  Buffer.byteLength(directory) + 1 + BOUND_NAME <= LONGEST_PATH;

/** A path as an option's value: white space would begin another, a percent sign a token (ssh_config(5), TOKENS). */
const filePath = (path: string): string => `"${path.replaceAll("%", "%%")}"`;

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
    return converse("ssh", this.argv(commandLine), conversation);
  }

  /** What ssh is called with for a command line. */
  argv(commandLine: string): string[] {
    return [...this.options(), this.destination, commandLine];
  }

  /** Why a command did not get there. */
  whyUnreached(unreached: Unreached): Promise<Problem> {
    return diagnose(this.host, this.credentials, unreached);
  }

  /** Ends the shared connection, and with it whatever still follows a journal through it; ops on the host go on. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await endMaster(this.socket);
  }

  /** One for each entry of the fleet file: two of one machine may have two users, and sshd limits what a connection takes. */
  private get socket(): string {
    return join(this.credentials.socketDirectory, digestOf(this.host.name).slice(0, SOCKET_NAME));
  }

  private get destination(): string {
    return `${this.host.user}@${this.host.address}`;
  }

  private options(): string[] {
    const { key, knownHostsFile } = this.credentials;
    const settings: Record<string, string> = {
      Port: String(this.host.port),
      IdentityFile: filePath(key.path),
      IdentitiesOnly: "yes",
      IdentityAgent: "none",
      BatchMode: "yes",
      PreferredAuthentications: "publickey",
      StrictHostKeyChecking: "yes",
      UserKnownHostsFile: filePath(knownHostsFile),
      GlobalKnownHostsFile: "/dev/null",
      UpdateHostKeys: "no",
      ConnectTimeout: String(CONNECT_TIMEOUT_S),
      // A dead connection is noticed within 15 s, also while an op only waits.
      ServerAliveInterval: "5",
      ServerAliveCountMax: "3",
      ControlMaster: "auto",
      ControlPersist: "60",
      ControlPath: filePath(this.socket),
      LogLevel: "ERROR",
      ForwardAgent: "no",
      ForwardX11: "no",
      RequestTTY: "no",
      Compression: "yes",
    };
    return ["-F", "none", ...Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`])];
  }
}
