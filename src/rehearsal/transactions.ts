// The transactions of a rehearsal: the old version is deployed, then becomes the new one by what the plan would do on a host, then
// goes back by the plan's own undos.
import type { NonEmpty } from "../core/problem.ts";
import type { Recorded } from "../runtime/observed.ts";
import { restart } from "../runtime/restart.ts";
import type { ReleaseOnHost } from "../runtime/runtime.ts";
import * as steps from "../runtime/steps.ts";
import type { Action, Transaction, Undo, Unnumbered } from "../runtime/transaction.ts";
import { numbered } from "../runtime/transaction.ts";
import type { HealthCheck } from "../spec/app-spec.ts";

type Sizes = NonNullable<ReleaseOnHost["artifact"]>;

/** How long the old version may take to start, in ms, whatever its spec says: a runner may be slower than any host. */
const START_MS = 60_000;

/** What is on a host's record as git has it, put on the runner. It is not what is judged, so it has its time. */
export function deployed(
  { release: directory, digest, runAs: _, hotFrom: __, node: ___, ...recorded }: Recorded,
  sizes: Sizes,
): Transaction {
  const { health } = recorded.spec;
  const spec = { ...recorded.spec, health: { ...health, start_timeout: Math.max(health.start_timeout, START_MS) } };
  return restart.deploy({ ...recorded, spec, supervisor: "daemon", release: { directory, digest, artifact: sizes } });
}

/**
 * The plan's transaction for a host, for the runner. `releases`: those that were fetched; `health`: the old version's as git has
 * it, for the plan has it from the host.
 */
export function upgraded(
  planned: Transaction,
  { releases, expects, health }: { releases: readonly Sized[]; expects: string; health: HealthCheck },
): Transaction {
  const list = planned.steps.map(({ action, undo }) => ({ action: here(action), undo: undoHere(undo, health) }));
  const [first, ...rest] = [...missing(planned, releases), ...list];
  return { ...planned, expects, holds: null, steps: numbered([first as Unnumbered, ...rest]) };
}

type Sized = Sizes & { digest: string };

/** A host may have releases already; the runner has none. */
function missing(planned: Transaction, releases: readonly Sized[]): readonly Unnumbered[] {
  const staged = new Set(planned.steps.flatMap(({ action }) => (action.verb === "stage" ? [action.digest] : [])));
  const looked = planned.steps.flatMap(({ action }) => (action.verb === "preflight" ? [action] : []));
  return looked.flatMap(({ release: directory, digest }) => {
    const artifact = releases.find((it) => it.digest === digest);
    return artifact === undefined || staged.has(digest) ? [] : steps.stage({ directory, digest, artifact });
  });
}

/**
 * What a host does when it goes back: the undos of an upgrade from its commit point on to before it changed anything. They are
 * those of a single step, which fails: no VM reports such a version.
 */
export function wayBack(upgrade: Transaction, expects: string): Transaction {
  const committed = upgrade.steps.findIndex(({ undo }) => undo.kind === "point-of-no-return");
  const changed = upgrade.steps.findIndex(({ action }) => action.verb === "hot");
  const actions = upgrade.steps
    .slice(changed, committed)
    .reverse()
    .flatMap(({ undo }) => (undo.kind === "act" ? undo.actions : []));
  const record = upgrade.steps[committed];
  if (record?.action.verb !== "record") throw new Error("a hot upgrade ends on record");
  const { release, check } = record.action;
  const gate: Unnumbered = {
    action: {
      verb: "health",
      release,
      version: "none, to go back",
      check: { ...check, type: "none", start_timeout: 0, min_healthy_time: 0 },
    },
    undo: { kind: "act", actions: actions as unknown as NonEmpty<Action> },
  };
  return { ...upgrade, expects, holds: null, steps: numbered([gate, record]) };
}

/** Nobody starts it again there, and it runs as we do. */
function here(action: Action): Action {
  switch (action.verb) {
    case "preflight":
    case "start":
    case "unhot":
    case "permanent": {
      const { runAs: _, ...rest } = action;
      return { ...rest, supervisor: "daemon" };
    }
    case "hot":
    case "unhot_between":
    case "reconfigure": {
      const { runAs: _, ...rest } = action;
      return rest;
    }
    case "record": {
      const { runAs: _, ...state } = JSON.parse(action.state) as Recorded;
      return { ...action, state: JSON.stringify({ ...state, supervisor: "daemon" } satisfies Recorded) };
    }
    default:
      return action;
  }
}

function undoHere(undo: Undo, check: HealthCheck): Undo {
  if (undo.kind !== "act") return undo;
  const undoing = (action: Action): Action => (action.verb === "health" ? { ...action, check } : here(action));
  const [first, ...rest] = undo.actions;
  return { kind: "act", actions: [undoing(first), ...rest.map(undoing)] };
}
