// The runner's side of the agent: observe, run, recover. Sends and reads; decides nothing.
import { setTimeout as pause } from "node:timers/promises";
import type { Bundle } from "../artifact/bundles.ts";
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";
import type { DryRun } from "../plan/dry-runs.ts";
import type { PrivateDirectory } from "../process/private-directory.ts";
import type { JournalEvent, Outcome } from "../runtime/journal.ts";
import { parseJournalLine } from "../runtime/journal.ts";
import type { ObservedApp } from "../runtime/observed.ts";
import type { Action } from "../runtime/transaction.ts";
import type { Access } from "./access.ts";
import type { AgentFile } from "./agent-file.ts";
import { EATEN, installLine, keptLine, sentLine } from "./command-lines.ts";
import type { Deadlines, Waits } from "./deadlines.ts";
import { longestMs, WAITS } from "./deadlines.ts";
import { dryRunAnswer, dryRunRequest } from "./dry-run.ts";
import type { Answer, CallOptions, Cut } from "./framed.ts";
import { framed } from "./framed.ts";
import type { Observation } from "./observation.ts";
import { appReader, parseObservation } from "./observation.ts";
import { Patience } from "./patience.ts";
import type { Request } from "./request.ts";
import { FIRST_LINE, requestText } from "./request.ts";
import type { RunningCode } from "./running-code.ts";
import { parseRunningCode } from "./running-code.ts";
import { cutProblem } from "./unfinished-answer.ts";
import { upload } from "./upload.ts";

/** How an op ended, and its app as it was seen then; null where the connection broke before that came. */
export type Ended = { outcome: Outcome; app: ObservedApp | null };

const withReason = (outcome: Outcome, unsent: Error): Outcome =>
  outcome.code === "transfer_failed" ? { ...outcome, facts: { detail: unsent.message } } : outcome;

/** Makes what a host lacks of the release with a digest: lines of its manifest. */
export type MakeBundle = (digest: string, lacking: string) => Promise<Bundle>;

/** The most that a journal may say, however often it is asked for: an op that waits for a day says less. */
const MAX_EVENTS = 10_000;
const MAX_JOURNAL_CHARACTERS = 16 * 1024 * 1024;

/** How long an upload may go on when its op has ended. */
const UPLOAD_LEAVE_MS = 10_000;

/** Pauses before a first contact that broke is tried again, in ms. */
const FIRST_CONTACT_MS = [500, 1_000];

export class HostClient {
  private readonly access: Access;
  private readonly agent: AgentFile;
  private readonly directory: PrivateDirectory;
  private readonly waits: Waits;
  /** Aborted when the run is over for this host: nothing is tried again after it. */
  private readonly closing = new AbortController();
  /** Only looked at in this run: no file of the host's is executed, and none is put there. */
  private readonly isOnlyLookedAt: boolean;
  private isAbsent = false;
  private installing: Promise<void> | undefined;

  constructor(
    access: Access,
    given: { agent: AgentFile; directory: PrivateDirectory; isOnlyLookedAt: boolean; waits?: Waits },
  ) {
    this.access = access;
    this.agent = given.agent;
    this.directory = given.directory;
    this.isOnlyLookedAt = given.isOnlyLookedAt;
    this.waits = given.waits ?? WAITS;
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
    const { lines, code, stderr, cut } = await this.look(
      node === undefined ? ["inspect", app, ...known] : ["inspect_embedded", node, app, ...known],
      { deadlines: this.waits.ask },
    );
    if (code === 0) return lines;
    if (cut !== null) throw new Failure([cutProblem(cut, this.access.host, { app, stderr })]);
    const { name, address, port } = this.access.host;
    const where = { in: "host", host: name, app } as const;
    const tail = stderr.split("\n").filter(Boolean).slice(-20);
    if (code !== null)
      throw new Failure([problem("step_failed", where, { detail: `the agent ended with ${code}` }, tail)]);
    const facts = { address: `${address}:${port}`, detail: `what ${app} is made of could not be read` };
    throw new Failure([problem("connection_lost", where, facts, tail)]);
  }

  /** Which processes of an app's VM would be in the way of a hot upgrade now. Throws a Failure where it can't be asked. */
  async dryRun(app: string, upgrade: Extract<Action, { verb: "hot" }>): Promise<DryRun> {
    const { name, address, port } = this.access.host;
    const text = this.agent.withInput(dryRunRequest(upgrade));
    const inputFile = await this.directory.write(`dry-run-${name}-${app}`, text);
    const words = ["dry_run", app];
    const { lines, code, stderr, cut } = await this.send(words, inputFile, { deadlines: this.waits.ask });
    if (code === 0) return dryRunAnswer(lines);
    if (cut !== null) throw new Failure([cutProblem(cut, this.access.host, { app, stderr })]);
    const facts = { address: `${address}:${port}`, detail: `the node of ${app} could not be asked` };
    throw new Failure([problem("connection_lost", { in: "host", host: name }, facts, stderr.split("\n").slice(-20))]);
  }

  /** Which releases the VMs of apps run, boot and have loaded; of those that can tell. Throws a Failure where the host says no end. */
  async code(apps: readonly string[]): Promise<RunningCode[]> {
    if (this.isAbsent || apps.length === 0) return [];
    const { lines, cut, stderr } = await this.look(["code", ...apps]);
    if (cut !== null) throw new Failure([cutProblem(cut, this.access.host, { stderr })]);
    return lines.flatMap((line) => parseRunningCode(line) ?? []);
  }

  /** Which of these releases of an app are not what was unpacked there. */
  async damaged(app: string, releases: readonly { directory: string; digest: string }[]): Promise<string[]> {
    const plain = releases.filter(({ directory, digest }) => /^[\w.+~-]+$/.test(directory) && /^[\w-]+$/.test(digest));
    if (plain.length === 0) return [];
    const { lines } = await this.look(["verify", app, ...plain.flatMap((it) => [it.directory, it.digest])]);
    return plain.flatMap(({ directory }) => (lines.includes(directory) ? [directory] : []));
  }

  /** Runs an op to its end, whatever happens to the connection. `bundle` makes what the host asks for. */
  async run(op: string, request: Request, bundle: MakeBundle, onEvent: (event: JournalEvent) => void): Promise<Ended> {
    const inputFile = await this.directory.write(`request-${op}`, requestText(request));
    const withinMs = longestMs(request.transaction, request.lockTimeoutMs);
    return this.followed(op, { command: "submit", inputFile, bundle, withinMs }, onEvent);
  }

  /** Waits for an op of another run to end, at most so long; where its engine is gone, has it finished or undone. */
  async recover(op: string, withinMs: number, onEvent: (event: JournalEvent) => void): Promise<Ended> {
    return this.followed(op, { command: "recover", withinMs }, onEvent);
  }

  /** Ends the connection, and whatever still follows a journal through it; ops on the host go on. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.access.close();
  }

  /** Tried again where the connection broke; where it could not be made, the problem says why. */
  private async firstContact(apps: readonly string[]): Promise<Answer> {
    for (const waitMs of [...FIRST_CONTACT_MS, null]) {
      const answer = await this.look(["observe", ...apps], { deadlines: this.waits.look });
      if (answer.code !== null) return answer;
      if (answer.cut !== null) throw new Failure([cutProblem(answer.cut, this.access.host, answer)]);
      const why = await this.access.whyUnreached(answer);
      // A login that is refused looks like one that was cut off; all else will be no better in a second.
      const isWorthIt = answer.hasBegun || why.code === "ssh_auth_failed";
      if (waitMs === null || !isWorthIt || this.closing.signal.aborted) throw new Failure([why]);
      await pause(waitMs);
    }
    throw new Error("the last try either answers or throws");
  }

  /** A command that changes nothing. The agent comes along where the host has none, or none of its files is to be executed. */
  private async look(
    words: readonly string[],
    options: { deadlines?: Deadlines; onLine?: (line: string) => void } = {},
  ): Promise<Answer> {
    const given = { deadlines: this.waits.ask, ...options };
    if (!this.isOnlyLookedAt && !this.isAbsent) {
      const answer = await this.call(words, given);
      if (!answer.isAbsent) return answer;
      this.isAbsent = true;
    }
    return this.send(words, this.agent.path, given);
  }

  private send(
    [command = "", ...words]: readonly string[],
    inputFile: string,
    options: Omit<CallOptions, "signal">,
  ): Promise<Answer> {
    const { root } = this.access.host;
    const line = (frame: string): string => sentLine(root, [command, frame, ...words].join(" "));
    return framed(this.access, line, { signal: this.closing.signal, ...options, inputFile });
  }

  /** Puts the agent on the host, once; the look before has told that the root is nobody else's. */
  private install(): Promise<void> {
    this.installing ??= (async () => {
      const { root, name: host } = this.access.host;
      const line = installLine({ root, agent: this.agent });
      const { signal } = this.closing;
      const { totalMs: waitedMs } = this.waits.install;
      const put = () =>
        this.access.run(line, {
          inputFile: this.agent.path,
          onLine: () => undefined,
          signal: AbortSignal.any([signal, AbortSignal.timeout(waitedMs)]),
        });
      const patience = new Patience(signal);
      let { code, stderr } = await put();
      // 255 is ssh's own: the connection broke.
      while (code === 255 && (await patience.wait())) ({ code, stderr } = await put());
      if (code === null) {
        const cut = { kind: "late", waitedMs, hasBegun: true } as const;
        throw new Failure([cutProblem(cut, this.access.host, { stderr })]);
      }
      if (code === EATEN) throw this.eaten();
      if (code !== 0) {
        const facts = { root, detail: `the command ended with exit code ${code}` };
        throw new Failure([problem("agent_not_put", { in: "host", host }, facts, stderr.split("\n").filter(Boolean))]);
      }
      this.isAbsent = false;
    })();
    return this.installing;
  }

  private async followed(
    op: string,
    given: { command: "submit" | "recover"; inputFile?: string; bundle?: MakeBundle; withinMs: number },
    onEvent: (event: JournalEvent) => void,
  ): Promise<Ended> {
    const { command, inputFile, bundle, withinMs } = given;
    const over = new AbortController();
    const signal = AbortSignal.any([this.closing.signal, over.signal, AbortSignal.timeout(withinMs)]);
    const apps = appReader();
    let seen = 0;
    let heard = 0;
    let outcome: Outcome | undefined;
    // What comes behind the journal of an op that has ended.
    let app: ObservedApp | null = null;
    const uploads = new Map<string, Promise<void>>();
    const patience = new Patience(signal);
    let unsent: Error | undefined;
    const send = async (name: string, make: () => Promise<Bundle>): Promise<void> => {
      try {
        const deadlines = this.waits.upload;
        const call = (words: readonly string[], input = {}) => this.call(words, { ...input, deadlines, signal });
        await upload(call, [op, name], await make(), new Patience(signal));
      } catch (error) {
        // The op on the host hears of it by silence, and goes back; why, only we know.
        unsent = error instanceof Error ? error : new Error(String(error));
      }
    };
    const read = (line: string): void => {
      heard += line.length;
      if (heard > MAX_JOURNAL_CHARACTERS || seen > MAX_EVENTS) over.abort();
      if (signal.aborted) return;
      const event = parseJournalLine(line);
      if (event === undefined && apps.read(line)) {
        app = apps.app() ?? app;
        return;
      }
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
      const input = inputFile === undefined ? {} : { inputFile };
      const answer = await this.call(words, { onLine: read, ...input, deadlines: this.waits.follow, signal });
      if (outcome !== undefined) {
        const leave = setTimeout(() => over.abort(), UPLOAD_LEAVE_MS);
        await Promise.all(uploads.values());
        clearTimeout(leave);
        return { outcome: unsent === undefined ? outcome : withReason(outcome, unsent), app };
      }
      const { code, cut, stderr } = answer;
      const tooLong = this.tooLong(cut, over.signal) ?? this.tooLate(withinMs, signal);
      if (tooLong !== null) {
        over.abort();
        throw new Failure([cutProblem(tooLong, this.access.host, answer)]);
      }
      if (answer.isEaten) throw this.eaten();
      if (answer.isAbsent) await this.install();
      // One that was reached and fell silent is asked again, but not for ever.
      if (answer.hasBegun && code === null && cut === null) patience.reached();
      const isRefused = code !== null && code !== 0 && seen === before;
      if (isRefused || app !== null || !(await patience.wait())) {
        over.abort();
        throw new Failure([cut === null ? this.lost(op, stderr) : cutProblem(cut, this.access.host, answer)]);
      }
    }
  }

  private tooLong(cut: Cut | null, over: AbortSignal): Cut | null {
    return cut?.kind === "too much" || over.aborted ? { kind: "too much" } : null;
  }

  private tooLate(waitedMs: number, signal: AbortSignal): Cut | null {
    return signal.aborted && !this.closing.signal.aborted ? { kind: "late", waitedMs, hasBegun: true } : null;
  }

  private eaten(): Failure {
    const { name, address, port, user } = this.access.host;
    return new Failure([
      problem("login_eats_input", { in: "host", host: name }, { user, address: `${address}:${port}` }),
    ]);
  }

  private lost(op: string, stderr: string) {
    const { name, address, port } = this.access.host;
    const facts = { address: `${address}:${port}`, detail: `op ${op} could not be followed to its end` };
    return problem("connection_lost", { in: "host", host: name }, facts, stderr.split("\n").filter(Boolean).slice(-20));
  }

  /** Runs a command of the agent that lies on the host. Its words are plain: ids, names and numbers. */
  private call(
    [command = "", ...words]: readonly string[],
    options: Omit<CallOptions, "signal"> & { signal?: AbortSignal },
  ): Promise<Answer> {
    const kept = { root: this.access.host.root, agent: this.agent };
    const fed = command === "submit" ? { firstLine: FIRST_LINE } : {};
    const line = (frame: string): string => keptLine(kept, frame, [command, frame, ...words].join(" "), fed);
    return framed(this.access, line, { signal: this.closing.signal, ...options });
  }
}
