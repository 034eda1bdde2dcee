// The runner's side of the agent: observe, run, recover. Sends and reads; decides nothing.
import { randomBytes } from "node:crypto";
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";
import type { PrivateDirectory } from "../process/private-directory.ts";
import type { JournalEvent, Outcome } from "../runtime/journal.ts";
import { parseJournalLine } from "../runtime/journal.ts";
import type { Connection } from "../ssh/connection.ts";
import { diagnose } from "../ssh/diagnosis.ts";
import type { AgentScript } from "./agent-script.ts";
import type { Observation } from "./observation.ts";
import { parseObservation } from "./observation.ts";
import type { Request } from "./request.ts";
import { requestText } from "./request.ts";

/** What a framed call answered: its lines, and its exit code; null where the connection ended first. */
type Answer = { lines: string[]; code: number | null; stderr: string };

/** Waits between tries to reach a host again whose connection broke in the middle of an op, in ms. */
const RECONNECT_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

export class HostClient {
  readonly connection: Connection;
  private readonly agent: AgentScript;
  private readonly directory: PrivateDirectory;
  private readonly knownHostsFile: string;
  private installing: Promise<void> | undefined;

  constructor(
    connection: Connection,
    given: { agent: AgentScript; directory: PrivateDirectory; knownHostsFile: string },
  ) {
    this.connection = connection;
    this.agent = given.agent;
    this.directory = given.directory;
    this.knownHostsFile = given.knownHostsFile;
  }

  /** One round trip, the first of a run: the agent comes along on standard input, and nothing is written on the host. */
  async observe(apps: readonly string[]): Promise<Observation> {
    const { host } = this.connection;
    const frame = newFrame();
    const script = `${this.agent.text}\nmain ${host.root} observe ${frame} ${apps.join(" ")}\n`;
    const answer = await this.framed("/bin/sh -s", frame, Buffer.from(script));
    if (answer.code === null) throw new Failure([await diagnose(host, this.knownHostsFile, answer.stderr)]);
    const observation = parseObservation(answer.lines);
    if ("error" in observation)
      throw new Failure([problem("protocol_error", { in: "host", host: host.name }, { detail: observation.error })]);
    if (observation.hasAgent) this.installing = Promise.resolve();
    return observation;
  }

  /** Runs an op to its end, whatever happens to the connection. `artifact` gives the file of a sha256 the host asks for. */
  async run(
    op: string,
    request: Request,
    artifact: (sha256: string) => string | undefined,
    onEvent: (event: JournalEvent) => void,
  ): Promise<Outcome> {
    await this.install();
    return this.followed(op, "submit", Buffer.from(requestText(request)), artifact, onEvent);
  }

  /** Waits for an op of another run to end; where its engine is gone, has it finished or undone. */
  async recover(op: string, onEvent: (event: JournalEvent) => void): Promise<Outcome> {
    await this.install();
    return this.followed(op, "recover", Buffer.alloc(0), () => undefined, onEvent);
  }

  /** Puts the agent on the host, once; renamed into place, so that two runs at once do no harm. */
  private install(): Promise<void> {
    this.installing ??= (async () => {
      const { root, name } = this.connection.host;
      const file = `${root}/.beamline/${this.agent.name}`;
      // Root and name are plain words (checked by the fleet schema); any login shell reads this the same way.
      const line = `/bin/sh -c 'umask 077; mkdir -p ${root}/.beamline/ops && cat >${file}.$$ && mv ${file}.$$ ${file}'`;
      const inputFile = await this.directory.write(`agent-${name}`, this.agent.text);
      const { code, stderr } = await this.connection.run(line, { inputFile });
      if (code !== 0)
        throw new Failure([
          problem("step_failed", { in: "host", host: name }, { detail: "the agent can't be put on the host" }, [
            stderr,
          ]),
        ]);
    })();
    return this.installing;
  }

  private async followed(
    op: string,
    command: "submit" | "recover",
    input: Buffer,
    artifact: (sha256: string) => string | undefined,
    onEvent: (event: JournalEvent) => void,
  ): Promise<Outcome> {
    let seen = 0;
    let outcome: Outcome | undefined;
    const uploads = new Map<string, Promise<void>>();
    const read = (line: string): void => {
      const event = parseJournalLine(line);
      if (event?.event === "orphaned") return;
      seen++;
      if (event === undefined) return;
      if (event.event === "outcome") outcome = event;
      if (event.event === "need") {
        const file = artifact(event.sha256);
        if (file !== undefined && !uploads.has(event.sha256))
          uploads.set(event.sha256, this.upload(op, event.sha256, file));
      }
      onEvent(event);
    };
    let stderr = "";
    for (const waitMs of [0, ...RECONNECT_MS]) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      const before = seen;
      // Once the host has told of the op it has it: from there on we only ask how it went.
      const answer = await this.call(`${seen > 0 ? "recover" : command} ${op} ${seen}`, input, read);
      await Promise.all(uploads.values());
      if (outcome !== undefined) return outcome;
      stderr = answer.stderr;
      uploads.clear();
      if (answer.code !== null && answer.code !== 0 && seen === before) break;
    }
    const { name, address, port } = this.connection.host;
    throw new Failure([
      problem(
        "connection_lost",
        { in: "host", host: name },
        { address: `${address}:${port}`, detail: `op ${op} could not be followed to its end` },
        stderr.split("\n").filter(Boolean).slice(-20),
      ),
    ]);
  }

  /** Sends a file until it has arrived whole; the op on the host gives up by itself when nothing comes. */
  private async upload(op: string, sha256: string, inputFile: string): Promise<void> {
    for (let attempt = 1; attempt <= 3; attempt++) {
      const frame = newFrame();
      const answer = await this.framed(this.agentLine("put", frame, `${op} ${sha256}`), frame, inputFile);
      if (answer.code === 0) return;
    }
  }

  private call(words: string, input: Buffer, onLine?: (line: string) => void): Promise<Answer> {
    const frame = newFrame();
    const [command = "", ...rest] = words.split(" ");
    return this.framed(this.agentLine(command, frame, rest.join(" ")), frame, input, onLine);
  }

  private agentLine(command: string, frame: string, words: string): string {
    const { root } = this.connection.host;
    return `exec /bin/sh ${root}/.beamline/${this.agent.name} ${root} ${command} ${frame} ${words}`;
  }

  /** Runs a command whose answer stands between two lines with a word of ours: motd, banners and .bashrc don't disturb it. */
  private async framed(
    commandLine: string,
    frame: string,
    input: Buffer | string,
    onLine?: (line: string) => void,
  ): Promise<Answer> {
    const lines: string[] = [];
    let isInside = false;
    let code: number | null = null;
    const read = (line: string): void => {
      if (line === `${frame} begin`) isInside = true;
      else if (line.startsWith(`${frame} end `)) {
        isInside = false;
        code = Number(line.slice(`${frame} end `.length));
      } else if (isInside && line !== "") {
        lines.push(line);
        onLine?.(line);
      }
    };
    const inputFile = typeof input === "string" ? input : await this.directory.write(`request-${frame}`, input);
    const output = await this.connection.run(commandLine, { inputFile, onLine: read });
    return { lines, code, stderr: output.stderr };
  }
}

const newFrame = (): string => `beamline-${randomBytes(8).toString("hex")}`;
