// isolation embedded: an application in a node that runs already, whoever started it. The node goes on, and so do its other
// applications; the app's own is stopped and started, or with strategy hot becomes what is wanted while it runs.
import type { NonEmpty } from "../core/problem.ts";
import { embedHot, purge } from "./embedded-steps.ts";
import { CONFIG_CHANGED, scriptOf } from "./hot.ts";
import { committed, relinked, restart, sentAgain, stillHeld, targetOf, transaction } from "./restart.ts";
import type { Present, Runtime, Target } from "./runtime.ts";
import type { HotScript } from "./steps.ts";
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

  upgrade(target, from) {
    const { inPlace } = target;
    if (whyRestartEmbedded(target, from).length > 0 || inPlace === undefined || !("hot" in inPlace))
      return transaction(target, from, replaced(target, from));
    return transaction(target, from, became(target, from, scriptOf(target, inPlace.hot)));
  },

  reconfigure(target, from) {
    const node = nodeOf(target);
    const isSame =
      whyRestartEmbedded(target, from).length === 0 &&
      from.running?.release === target.release.directory &&
      from.current === target.release.directory;
    if (!isSame) return transaction(target, from, replaced(target, from));
    // Only how the app is judged has changed.
    if (from.running?.config === target.config)
      return transaction(target, from, [steps.embeddable(target, node), ...kept(target)]);
    if (target.spec.strategy.type !== "hot") return transaction(target, from, replaced(target, from));
    return transaction(target, from, [...prepared(target), steps.embedEnv(target, from, node), ...kept(target)]);
  },

  rollback(to, from, again) {
    const target = again ?? targetOf(to);
    const end: NonEmpty<Unnumbered> = [...kept(target), steps.hold(from.recorded.specDigest)];
    return past(from, again, [steps.embeddable(target, nodeOf(target)), ...swapped(target, from), ...end]);
  },

  restore(from, again) {
    const target = again ?? targetOf(from.recorded);
    const end = [...kept(target), ...stillHeld(from)];
    return past(from, again, [steps.embeddable(target, nodeOf(target)), ...swapped(target, from), ...end]);
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

/** Nothing stops; a node that comes back before the record has the old version. */
function became(target: Target, from: Present, script: HotScript): NonEmpty<Unnumbered> {
  const node = nodeOf(target);
  const [gate, ...rest] = kept(target);
  const link = relinked(target, from);
  return [...prepared(target), embedHot(target, from, node, script), gate, ...purge(node, script), ...link, ...rest];
}

/** Why what runs can't become the target as it is, in words; nothing where it can. */
export function whyRestartEmbedded(target: Target, { running, recorded, configs }: Present): string[] {
  if (running === null) return ["it is not running"];
  const node = nodeOf(target);
  if (recorded.node === undefined) return [`it has a VM of its own, and goes into ${node}`];
  if (recorded.node !== node) return [`its node changes to ${node}`];
  if (running.release !== recorded.release) return ["it does not run with what is on record"];
  if (!configs.includes(recorded.config)) return [CONFIG_CHANGED];
  const { inPlace } = target;
  return inPlace !== undefined && "refused" in inPlace ? inPlace.refused.map(({ text }) => text) : [];
}

const kept = (target: Target): NonEmpty<Unnumbered> => {
  const [gate, record, ...rest] = committed(target);
  return [gate, record, steps.embedAtStart(), ...rest];
};

/** To what was on record: all of it lies on the host, or is sent again. */
const past = (from: Present, again: Target | undefined, list: NonEmpty<Unnumbered>): Transaction => ({
  app: from.name,
  expects: from.op,
  holds: null,
  steps: numbered(sentAgain(from, again, list)),
});
