// isolation embedded: an application in a node that runs already, whoever started it. The node goes on, and so do its other
// applications; the app's own is stopped and started, or with strategy hot only told what is new.
import type { NonEmpty } from "../core/problem.ts";
import { committed, restart, targetOf, transaction } from "./restart.ts";
import type { Present, Runtime, Target } from "./runtime.ts";
import * as steps from "./steps.ts";
import type { Transaction, Unnumbered } from "./transaction.ts";
import { numbered } from "./transaction.ts";

export const embedded: Runtime = {
  deploy: (target) =>
    transaction(target, null, [
      ...prepared(target),
      steps.link(target.release.directory, null),
      steps.embed(target, nodeOf(target)),
      ...kept(target),
    ]),

  upgrade: (target, from) => transaction(target, from, replaced(target, from)),

  reconfigure(target, from) {
    const node = nodeOf(target);
    const isSame =
      from.recorded.node === node &&
      from.running?.release === target.release.directory &&
      from.current === target.release.directory;
    if (!isSame) return transaction(target, from, replaced(target, from));
    // Only how the app is judged has changed.
    if (from.running?.config === target.config) return transaction(target, from, kept(target));
    if (target.spec.strategy.type !== "hot") return transaction(target, from, replaced(target, from));
    return transaction(target, from, [...prepared(target), steps.embedEnv(target, from, node), ...kept(target)]);
  },

  rollback(to, from) {
    const target = targetOf(to);
    return past(target, from, [...kept(target), steps.hold(from.recorded.specDigest)]);
  },

  restore(from) {
    const target = targetOf(from.recorded);
    return past(target, from, kept(target));
  },

  remove: restart.remove,
};

/** The plan refuses a host that has no node before anything is compiled. */
function nodeOf({ node, spec }: Target): string {
  if (node === undefined) throw new Error(`${spec.name} has no node to go into`);
  return node;
}

const prepared = (target: Target): NonEmpty<Unnumbered> => {
  const [first, ...rest] = [
    ...steps.stage(target.release),
    steps.config(target.config),
    steps.embeddable(target, nodeOf(target)),
  ];
  return [first as Unnumbered, ...rest];
};

const replaced = (target: Target, from: Present): NonEmpty<Unnumbered> => [
  ...prepared(target),
  ...swapped(target, from),
  ...kept(target),
];

/** What is there may be a VM of its own, whose unit goes with it. */
const swapped = (target: Target, from: Present): Unnumbered[] => [
  steps.stop(from),
  ...steps.unit(target, from.recorded.supervisor),
  steps.link(target.release.directory, from.current),
  steps.embed(target, nodeOf(target)),
];

const kept = (target: Target): NonEmpty<Unnumbered> => {
  const [gate, record, ...rest] = committed(target);
  return [gate, record, steps.embedAtStart(target, nodeOf(target)), ...rest];
};

/** To what was on record: all of it lies on the host. */
function past(target: Target, from: Present, end: NonEmpty<Unnumbered>): Transaction {
  const list: NonEmpty<Unnumbered> = [steps.embeddable(target, nodeOf(target)), ...swapped(target, from), ...end];
  return { app: from.name, expects: from.op, holds: null, steps: numbered(list) };
}
