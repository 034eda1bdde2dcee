// restart: everything is prepared beside the running version; only then it is stopped, and the new one started.
import type { NonEmpty } from "../core/problem.ts";
import type { Recorded } from "./observed.ts";
import type { Present, Runtime, Target } from "./runtime.ts";
import * as steps from "./steps.ts";
import type { Transaction, Unnumbered } from "./transaction.ts";
import { numbered } from "./transaction.ts";

export const restart: Runtime = {
  deploy: (target) =>
    transaction(target, null, [
      ...prepared(target),
      ...steps.unit(target, "daemon"),
      steps.link(target.release.directory, null),
      steps.start(target),
      ...committed(target),
    ]),

  upgrade: become,

  reconfigure: become,

  rollback(to, from, again) {
    const target = again ?? targetOf(to);
    const list = sentAgain(from, again, [
      steps.preflight(target),
      ...swapped(target, from),
      steps.health(target),
      steps.record(target),
      steps.hold(from.recorded.specDigest),
      steps.prune(target.spec.retain),
    ]);
    return { app: from.name, expects: from.op, holds: null, steps: numbered(list) };
  },

  restore(from, again) {
    const target = again ?? targetOf(from.recorded);
    const list = sentAgain(from, again, [
      steps.preflight(target),
      ...swapped(target, from),
      ...committed(target),
      ...stillHeld(from),
    ]);
    return { app: from.name, expects: from.op, holds: null, steps: numbered(list) };
  },

  remove: (from) => ({
    app: from.name,
    expects: from.op,
    holds: null,
    steps: numbered([steps.link(null, from.current), steps.stop(from), steps.forget, steps.prune(0)]),
  }),
};

function become(target: Target, from: Present): Transaction {
  if (!isRunning(target, from)) return transaction(target, from, replaced(target, from));
  // Only how the app is judged has changed, or where `current` points: judge the running process, and record.
  const [gate, ...rest] = committed(target);
  return transaction(target, from, [gate, ...relinked(target, from), ...rest]);
}

/** Whether what runs is the target already: nothing need be stopped for it. */
export const isRunning = (
  { release, config, supervisor, runAs }: Target,
  { running, recorded, configs }: Present,
): boolean =>
  configs.includes(config) &&
  running?.release === release.directory &&
  running.config === config &&
  recorded.node === undefined &&
  recorded.supervisor === supervisor &&
  running.runAs === runAs;

/** Nothing where `current` points there already. */
export const relinked = ({ release: { directory } }: Target, { current }: Present): Unnumbered[] =>
  current === directory ? [] : [steps.link(directory, current)];

export const prepared = (target: Target): NonEmpty<Unnumbered> => {
  const [first, ...rest] = [...steps.stage(target.release), steps.config(target.config), steps.preflight(target)];
  return [first as Unnumbered, ...rest];
};

/** What is wanted has failed here all the same. */
export const stillHeld = ({ held }: Present): Unnumbered[] =>
  held === null ? [] : [steps.hold(held.specDigest, held.code)];

/** Steps back, after what does not lie there any more. Of a configuration that does, nobody need know the secrets. */
export function sentAgain(
  { configs }: Present,
  target: Target | undefined,
  list: NonEmpty<Unnumbered>,
): NonEmpty<Unnumbered> {
  if (target === undefined) return list;
  const { release, config } = target;
  const [first, ...rest] = [
    ...steps.stage(release),
    ...(configs.includes(config) ? [] : [steps.config(config)]),
    ...list,
  ];
  return [first as Unnumbered, ...rest];
}

/** A record as a target: all of it lies on the host already. */
export function targetOf({ release: directory, digest, hotFrom: _, ...rest }: Recorded): Target {
  return { ...rest, release: { directory, digest, artifact: null } };
}

export const committed = (target: Target): [gate: Unnumbered, record: Unnumbered, ...Unnumbered[]] => [
  steps.health(target),
  steps.record(target),
  steps.prune(target.spec.retain),
];

/** `current` moves while nothing runs: whatever dies from there on, it names what the undo or the next start will run. */
const replaced = (target: Target, from: Present): NonEmpty<Unnumbered> => [
  ...prepared(target),
  ...swapped(target, from),
  ...committed(target),
];

/** The unit is another's only while nothing runs: neither the old VM nor its undo is ever subject to the new one's unit. */
const swapped = (target: Target, from: Present): Unnumbered[] => [
  steps.stop(from),
  ...steps.unit(target, from.recorded.supervisor),
  steps.link(target.release.directory, from.current),
  steps.start(target),
];

export function transaction(target: Target, from: Present | null, list: NonEmpty<Unnumbered>): Transaction {
  return {
    app: target.spec.name,
    expects: from?.op ?? null,
    holds: target.specDigest,
    steps: numbered(list),
  };
}
