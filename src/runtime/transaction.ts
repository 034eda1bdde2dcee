// A transaction is a value: typed steps, each of which states its undo at birth. The engine on the host reads no strategy's name.
import type { NonEmpty } from "../core/problem.ts";
import type { HealthCheck } from "../spec/app-spec.ts";
import { gateTimes } from "../spec/health.ts";
import type { Supervisor } from "./observed.ts";

/** Who the app runs as; absent: who Beamline logs in as. */
type As = { runAs?: string };

/** Processes that still run code which was replaced. */
export type OldCode = {
  /** The modules that both releases have, and whose code differs. */
  oldCode: readonly string[];
  lingerTimeoutMs: number;
  onLinger: "refuse" | "kill";
};

/** How code is replaced while it runs, by relup instructions as Erlang text. */
export type Script = OldCode & {
  /** Of up, down and supervisors. */
  digest: string;
  up: string;
  /** Those whose processes are suspended. */
  suspended: readonly string[];
  /** Those whose children come and go as their init/1 has it. */
  supervisors: readonly string[];
  suspendTimeoutMs: number;
};

/** What a step does on the host. One verb each in the agent; all are idempotent. */
export type Action =
  /** Before anything stops: the release is whole, its Erlang and its user are here, port and unit are free or this app's. */
  | ({ verb: "preflight"; release: string; port: number | null; digest: string; supervisor: Supervisor } & As)
  /** Put together aside, of what the host has and what it asks for; verify against the content digest, rename into place. */
  | { verb: "stage"; release: string; digest: string; sizeBytes: number; unpackedBytes: number }
  | { verb: "unstage"; release: string }
  | { verb: "config"; config: string }
  | { verb: "unconfig"; config: string }
  /** Have the host's manager start the app after a crash or a reboot, within a limit of memory; `daemon`: have none. */
  | ({ verb: "unit"; supervisor: Supervisor; memoryMib: number | null } & As)
  | { verb: "ununit" }
  /** Point `current` at a release, or away from all (null). */
  | { verb: "link"; release: string | null }
  | { verb: "stop" }
  | ({ verb: "start"; release: string; config: string; supervisor: Supervisor } & As)
  /** `node`: that which the app is embedded in; absent: the app's own VM is asked. */
  | { verb: "health"; release: string; version: string; check: HealthCheck; node?: string }
  /**
   * Before anything stops: the release is whole, its node runs, and has room for it: names, modules, port. What `embed_at_start` puts
   * in place is made ready.
   */
  | {
      verb: "embeddable";
      release: string;
      config: string;
      version: string;
      digest: string;
      port: number | null;
      node: string;
    }
  /** Have the app, and the applications that its node lacks, loaded and started there. */
  | { verb: "embed"; release: string; config: string; node: string; timeoutMs: number }
  /** Have the node as if it had never been there. */
  | { verb: "unembed"; node: string }
  /** Give the application the environment of a configuration while it runs (config_change/3). */
  | { verb: "embed_env"; release: string; config: string; node: string }
  /**
   * Have an embedded application become another release while it runs; `from` is what it is. The way back is the undo's. All else
   * as with `hot`.
   */
  | ({
      verb: "embed_hot";
      release: string;
      config: string;
      from: { release: string; config: string };
      node: string;
    } & Script)
  /** Have it be this again, and not `left`: the way it came, or by a stop and a start. */
  | {
      verb: "unembed_hot";
      release: string;
      config: string;
      left: string;
      node: string;
      /** Null: the way back is a restart. */
      down: string | null;
      suspended: readonly string[];
      supervisors: readonly string[];
      timeoutMs: number;
    }
  /** Name who goes on in code that was replaced, or end it. */
  | ({ verb: "purge"; node: string } & OldCode)
  /** Have it come back with its node, where that is the VM of an app of ours. */
  | { verb: "embed_at_start" }
  | { verb: "record"; state: string; check: HealthCheck; release: string; version: string }
  /**
   * Have the VM that runs become another release by release_handler; `release` and `config` are what it becomes, `from` is what
   * it is.
   */
  | ({
      verb: "hot";
      release: string;
      config: string;
      from: { release: string; config: string };
      /** Null: the way back is a restart. */
      down: string | null;
      /** Modules whose code is replaced once more by the next one; nobody may be in it. */
      replacedTwice: readonly string[];
    } & Script &
      As)
  /** Have it be this again, and not `left`: the way it came, or by a restart. */
  | ({
      verb: "unhot";
      release: string;
      config: string;
      left: string;
      supervisors: readonly string[];
      supervisor: Supervisor;
    } & As)
  /** The same where the first `hot` of several has begun elsewhere: by the way it came, or not at all. */
  | ({ verb: "unhot_between"; release: string; config: string; left: string; supervisors: readonly string[] } & As)
  /** Give the VM that runs the environment of a configuration (config_change/3). */
  | ({ verb: "reconfigure"; release: string; config: string } & As)
  /** What the VM has become is what it is after a crash, too. */
  | ({
      verb: "permanent";
      release: string;
      config: string;
      supervisor: Supervisor;
    } & OldCode &
      As)
  | { verb: "hold"; specDigest: string; code: string }
  | { verb: "forget" }
  /** Keep the newest `retain` releases and whatever is in use; 0 removes all of the app. */
  | { verb: "prune"; retain: number };

export type Undo =
  | { kind: "act"; actions: NonEmpty<Action> }
  | { kind: "nothing-to-undo"; because: string }
  /** At most one a transaction; the steps after it are only ever finished, never undone. */
  | { kind: "point-of-no-return"; because: string };

/** `id` is unique in its transaction and stable between runs, such as `3-link`. */
export type Step = { id: string; action: Action; undo: Undo; deadlineMs: number };

export type Transaction = {
  app: string;
  /** The op that the plan saw recorded; the agent refuses if another one is there by now. */
  expects: string | null;
  /** The spec digest that is held on this host if its gate fails. */
  holds: string | null;
  steps: NonEmpty<Step>;
};

/** A step before it has its place in a transaction. */
export type Unnumbered = Omit<Step, "id" | "deadlineMs">;

/** Numbers the steps (`1-preflight`, `2-stage`, …) and gives each its deadline. */
export function numbered(steps: NonEmpty<Unnumbered>): NonEmpty<Step> {
  const [first, ...rest] = steps.map((step, index) => ({
    id: `${index + 1}-${step.action.verb}`,
    ...step,
    deadlineMs: deadlineOf(step.action),
  }));
  return [first as Step, ...rest];
}

const SECOND = 1000;

/** After how many ms an action has failed. */
export function deadlineOf(action: Action): number {
  switch (action.verb) {
    case "stage":
      // Waiting for the upload included; the agent gives up earlier when no byte comes for a minute.
      // The slowest line that this is meant for brings 50 kB a second.
      return 600 * SECOND + Math.ceil(action.sizeBytes / 50);
    case "health": {
      // The agent reports an unhealthy app itself, a little before.
      const { probeMs, startMs } = gateTimes(action.check);
      return startMs + action.check.min_healthy_time + probeMs + 10 * SECOND;
    }
    case "hot":
    case "embed_hot":
      // Each process may take that long to be suspended, and then to change its state; most take none of it.
      return action.lingerTimeoutMs + 8 * action.suspendTimeoutMs + 180 * SECOND;
    case "reconfigure":
      return 90 * SECOND;
    case "permanent":
    case "purge":
      return action.lingerTimeoutMs + 90 * SECOND;
    case "unhot_between":
      // It may have to wait for a node that boots anew, and then to ask it.
      return 120 * SECOND;
    case "unhot":
      // The way back, and where that fails a stop and a start.
      return 240 * SECOND;
    case "unembed_hot":
      return action.timeoutMs + 240 * SECOND;
    case "embed":
      return action.timeoutMs + 40 * SECOND;
    case "stop":
    case "unembed":
    case "prune":
      // init:stop takes 1 s by itself; applications may need their own shutdown times before it.
      return 60 * SECOND;
    case "start":
      // It may have to wait until one that is being stopped has ended.
      return 90 * SECOND;
    default:
      return 30 * SECOND;
  }
}
