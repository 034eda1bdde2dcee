// The runner's side of the agent: observe, run, recover. Sends and reads; decides nothing.
import { setTimeout as pause } from "node:timers/promises";
import type { Bundle } from "../artifact/bundles.ts";
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";
import type { DryRun } from "../plan/dry-runs.ts";
import type { CommandOptions } from "../process/command.ts";
import type { PrivateDirectory } from "../process/private-directory.ts";
import type { JournalEvent, Outcome } from "../runtime/journal.ts";
import { parseJournalLine } from "../runtime/journal.ts";
import type { ObservedApp } from "../runtime/observed.ts";
import type { Action } from "../runtime/transaction.ts";
import type { Access } from "./access.ts";
import type { AgentFile } from "./agent-file.ts";
import { dryRunAnswer, dryRunRequest } from "./dry-run.ts";
import type { Answer } from "./framed.ts";
import { framed } from "./framed.ts";
import type { Observation } from "./observation.ts";
import { parseObservation, parseObservedApp } from "./observation.ts";
import { Patience } from "./patience.ts";
import type { Request } from "./request.ts";
import { requestText } from "./request.ts";
import type { RunningCode } from "./running-code.ts";
import { parseRunningCode } from "./running-code.ts";
import { upload } from "./upload.ts";

/** How an op ended, and its app as it was seen then; null where the connection broke before that came. */
export type Ended = { outcome: Outcome; app: ObservedApp | null };

const withReason = (outcome: Outcome, unsent: Error): Outcome =>
  outcome.code === "transfer_failed" ? { ...outcome, facts: { detail: unsent.message } } : outcome;

/** Makes what a host lacks of the release with a digest: lines of its manifest. */
export type MakeBundle = (digest: string, lacking: string) => Promise<Bundle>;

/** Pauses before a first contact that broke is tried again, in ms. */
const FIRST_CONTACT_MS = [500, 1_000];

export class HostClient {
  private readonly access: Access;
  private readonly agent: AgentFile;
  private readonly directory: PrivateDirectory;
  /** Aborted when the run is over for this host: nothing is tried again after it. */
  private readonly closing = new AbortController();
  private isAbsent = false;
  private installing: Promise<void> | undefined;

  constructor(access: Access, given: { agent: AgentFile; directory: PrivateDirectory }) {
    this.access = access;
    this.agent = given.agent;
    this.directory = given.directory;
  }

  /** The first contact of a run. Nothing is written on the host: where the agent is not there yet it comes on standard input. */
  async observe(apps: readonly string[]): Promise<Observation> {
    const { host } = this.access;
    const answer = await this.firstContact(host.node === undefined ? apps : [`node:${host.node}`, ...apps]);
    const observation = parseObservation(answer.lines);
    if ("error" in observation)
      throw new Failure([problem("protocol_error", { in: "host", host: host.name }, { detail: observation.error })]);
    return observation;
  }

  /** Has a nonce stand in a process's arguments for some seconds. Whether it does; its end is nobody's concern. */
  hold(nonce: string): Promise<boolean> {
    return new Promise((resolve) => {
      const onLine = (line: string): void => resolve(line === "held");
      this.look(["hold", nonce], { onLine }).then(
        () => resolve(false),
        () => resolve(false),
      );
    });
  }

  /** The nonces that stand in arguments of the host's processes. */
  async nonces(): Promise<string[]> {
    return (await this.look(["nonces"])).lines;
  }

  /**
   * What the VM of an app is made of, or the app in the `node` that it is embedded in, besides what is as `known` (see
   * knownDigests); empty where none runs that could tell.
   */
  async inspect(app: string, known: readonly string[], node?: string): Promise<string[]> {
    if (this.isAbsent) await this.install();
    const { lines, code, stderr } = await this.call(
      node === undefined ? ["inspect", app, ...known] : ["inspect_embedded", node, app, ...known],
    );
    if (code === 0) return lines;
    const { name, address, port } = this.access.host;
    const where = { in: "host", host: name, app } as const;
    const tail = stderr.split("\n").filter(Boolean).slice(-20);
    if (code !== null)
      throw new Failure([problem("step_failed", where, { detail: `the agent ended with ${code}` }, tail)]);
    const facts = { address: `${address}:${port}`, detail: `what ${app} is made of could not be read` };
    throw new Failure([problem("connection_lost", where, facts, tail)]);
  }

  /** What the VM of an app would say now to a hot upgrade. Throws a Failure where it can't be asked. */
  async dryRun(app: string, upgrade: Extract<Action, { verb: "hot" }>): Promise<DryRun> {
    if (this.isAbsent) await this.install();
    const { name, address, port } = this.access.host;
    const text = dryRunRequest(upgrade);
    const inputFile = await this.directory.write(`dry-run-${name}-${app}`, text);
    const { lines, code, stderr } = await this.call(["dry_run", app, upgrade.release], { inputFile });
    if (code === 0) return dryRunAnswer(lines);
    const facts = { address: `${address}:${port}`, detail: `the node of ${app} could not be asked` };
    throw new Failure([problem("connection_lost", { in: "host", host: name }, facts, stderr.split("\n").slice(-20))]);
  }

  /** Which releases the VMs of apps run, boot and have loaded; of those that can tell. */
  async code(apps: readonly string[]): Promise<RunningCode[]> {
    if (this.isAbsent || apps.length === 0) return [];
    const { lines } = await this.call(["code", ...apps]);
    return lines.flatMap((line) => parseRunningCode(line) ?? []);
  }

  /** Runs an op to its end, whatever happens to the connection. `bundle` makes what the host asks for. */
  async run(op: string, request: Request, bundle: MakeBundle, onEvent: (event: JournalEvent) => void): Promise<Ended> {
    const inputFile = await this.directory.write(`request-${op}`, requestText(request));
    return this.followed(op, { command: "submit", inputFile, bundle }, onEvent);
  }

  /** Waits for an op of another run to end; where its engine is gone, has it finished or undone. */
  async recover(op: string, onEvent: (event: JournalEvent) => void): Promise<Ended> {
    return this.followed(op, { command: "recover" }, onEvent);
  }

  /** Ends the connection, and whatever still follows a journal through it; ops on the host go on. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.access.close();
  }

  /** Tried again where the connection broke; where it could not be made, the problem says why. */
  private async firstContact(apps: readonly string[]): Promise<Answer> {
    for (const waitMs of [...FIRST_CONTACT_MS, null]) {
      const answer = await this.look(["observe", ...apps]);
      if (answer.code !== null) return answer;
      const why = await this.access.whyUnreached(answer.stderr);
      // A login that is refused looks like one that was cut off; all else will be no better in a second.
      const isWorthIt = answer.hasBegun || why.code === "ssh_auth_failed";
      if (waitMs === null || !isWorthIt || this.closing.signal.aborted) throw new Failure([why]);
      await pause(waitMs);
    }
    throw new Error("the last try either answers or throws");
  }

  private async look([command = "", ...words]: readonly string[], options: CommandOptions = {}): Promise<Answer> {
    const answer = await this.call([command, ...words], options);
    if (!answer.isAbsent) return answer;
    this.isAbsent = true;
    const { root } = this.access.host;
    // The agent's last line calls main where there are arguments.
    const line = (frame: string): string => `exec /bin/sh -s -- ${root} ${command} ${frame} ${words.join(" ")}`;
    return framed(this.access, line, { ...options, inputFile: this.agent.path });
  }

  /** Puts the agent on the host, once; renamed into place, so that two runs at once do no harm. */
  private install(): Promise<void> {
    this.installing ??= (async () => {
      const { root, name: host } = this.access.host;
      const file = `${root}/.beamline/${this.agent.name}`;
      // Root and name are plain words (checked by the fleet schema); any login shell reads this the same way.
      // On disk before its name is: after a loss of power there is the whole agent, or none.
      const sync = (path: string): string => `{ sync ${path} 2>/dev/null || sync; }`;
      const steps = [
        `mkdir -p ${root}/.beamline/ops`,
        `cat >${file}.$$`,
        sync(`${file}.$$`),
        `mv ${file}.$$ ${file}`,
        sync(`${root}/.beamline`),
      ];
      const line = `/bin/sh -c 'umask 077; ${steps.join(" && ")}'`;
      const put = () => this.access.run(line, { inputFile: this.agent.path });
      const patience = new Patience(this.closing.signal);
      let { code, stderr } = await put();
      // 255 is ssh's own: the connection broke.
      while (code === 255 && (await patience.wait())) ({ code, stderr } = await put());
      if (code !== 0) {
        const facts = { detail: "the agent can't be put on the host" };
        throw new Failure([problem("step_failed", { in: "host", host }, facts, [stderr])]);
      }
    })();
    return this.installing;
  }

  private async followed(
    op: string,
    given: { command: "submit" | "recover"; inputFile?: string; bundle?: MakeBundle },
    onEvent: (event: JournalEvent) => void,
  ): Promise<Ended> {
    const { command, inputFile, bundle } = given;
    let seen = 0;
    let outcome: Outcome | undefined;
    // What comes behind the journal of an op that has ended.
    let app: ObservedApp | null = null;
    const uploads = new Map<string, Promise<void>>();
    const patience = new Patience(this.closing.signal);
    let unsent: Error | undefined;
    const send = async (name: string, make: () => Promise<Bundle>): Promise<void> => {
      try {
        const call = (words: readonly string[], options?: CommandOptions) => this.call(words, options);
        await upload(call, [op, name], await make(), new Patience(this.closing.signal));
      } catch (error) {
        // The op on the host hears of it by silence, and goes back; why, only we know.
        unsent = error instanceof Error ? error : new Error(String(error));
      }
    };
    const read = (line: string): void => {
      const event = parseJournalLine(line);
      if (event === undefined) app = parseObservedApp(line);
      if (app !== null || event?.event === "orphaned") return;
      // Also one that was cut off on a full disk, and says nothing.
      seen += 1;
      patience.heardNews();
      if (event === undefined) return;
      if (event.event === "outcome") outcome = event;
      if (event.event === "need" && bundle !== undefined) {
        const { digest, round, lacking } = event;
        const name = `bundle.${digest}.${round}`;
        if (!uploads.has(name))
          uploads.set(
            name,
            send(name, () => bundle(digest, lacking)),
          );
      }
      onEvent(event);
    };
    if (this.isAbsent) await this.install();
    for (;;) {
      const before = seen;
      // Once the host has told of the op it has it: from there on we only ask how it went.
      const words = [seen > 0 ? "recover" : command, op, String(seen)];
      const answer = await this.call(words, { onLine: read, ...(inputFile === undefined ? {} : { inputFile }) });
      if (outcome !== undefined) {
        await Promise.all(uploads.values());
        return { outcome: unsent === undefined ? outcome : withReason(outcome, unsent), app };
      }
      if (answer.isAbsent) await this.install();
      if (answer.hasBegun && answer.code === null) patience.reached();
      const isRefused = answer.code !== null && answer.code !== 0 && seen === before;
      if (isRefused || app !== null || !(await patience.wait())) throw new Failure([this.lost(op, answer.stderr)]);
    }
  }

  private lost(op: string, stderr: string) {
    const { name, address, port } = this.access.host;
    const facts = { address: `${address}:${port}`, detail: `op ${op} could not be followed to its end` };
    return problem("connection_lost", { in: "host", host: name }, facts, stderr.split("\n").filter(Boolean).slice(-20));
  }

  /** Runs a command of the agent. Its words are plain: ids, names and numbers. */
  private call([command = "", ...words]: readonly string[], options: CommandOptions = {}): Promise<Answer> {
    const { root } = this.access.host;
    const file = `${root}/.beamline/${this.agent.name}`;
    const line = (frame: string): string =>
      `/bin/sh -c 'grep -qsxF "${this.agent.digestLine}" ${file} || { echo; echo ${frame} absent; exit; }; exec /bin/sh ${file} ${root} ${command} ${frame} ${words.join(" ")}'`;
    return framed(this.access, line, options);
  }
}
