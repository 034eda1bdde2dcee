// hot: the VM that runs becomes the new version, by release_handler; whatever that can't do is a restart.
import { digestOf } from "../core/digest.ts";
import type { HotUpgrade } from "../otp/upgrade.ts";
import type { AppSpec } from "../spec/app-spec.ts";
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { formatTerm } from "../spec/erlang-term.ts";
import { committed, isRunning, prepared, relinked, restart, transaction } from "./restart.ts";
import type { Hop, InPlace, Present, Runtime, Target } from "./runtime.ts";
import * as steps from "./steps.ts";
import type { OldCode, Transaction, Unnumbered } from "./transaction.ts";

export const hot: Runtime = {
  ...restart,

  upgrade(target, from) {
    const { inPlace } = target;
    if (isRunning(target, from)) return kept(target, from);
    if (whyRestart(target, from).length > 0 || inPlace === undefined || !("hot" in inPlace))
      return restart.upgrade(target, from);
    return throughAll(target, from, inPlace);
  },

  reconfigure(target, from) {
    if (isRunning(target, from)) return kept(target, from);
    if (whyRestart(target, from).length > 0) return restart.reconfigure(target, from);
    return became(target, from, { changes: [steps.reconfigure(target, from)], old: NONE_OLD });
  },
};

const NONE_OLD: OldCode = { oldCode: [], lingerTimeoutMs: 0, onLinger: "refuse" };

/** It is that already, whoever made it so: from here on also after a crash. */
function kept(target: Target, from: Present): Transaction {
  if (from.running?.isUpgradable !== true) return restart.reconfigure(target, from);
  const [gate, ...rest] = committed(target);
  return transaction(target, from, [gate, steps.permanent(target, NONE_OLD), ...relinked(target, from), ...rest]);
}

/**
 * Release by release, the target being the last; all are on the host before anything changes. Who would keep one of the steps from
 * being made is asked before the first.
 */
function throughAll(target: Target, from: Present, { through, hot: ending }: InPlace): Transaction {
  const last = scriptOf(target, ending);
  const scripts = [...through.map(({ hot }) => scriptOf(target, hot)), last];
  const directories = [...through.map(({ release }) => release.directory), target.release.directory];
  const replaced = scripts.flatMap((each) => each.oldCode);
  const oldCode = [...new Set(replaced)];
  const suspended = [...new Set(scripts.flatMap((each) => each.suspended))];
  const [once, isSuspended, twice] = [new Set<string>(), new Set(suspended), new Set<string>()];
  for (const it of replaced) (once.has(it) ? twice : once).add(it);
  const replacedTwice = [...twice].filter((it) => !isSuspended.has(it));
  const changes = scripts.map((script, index) => {
    const [between, directory = ""] = [directories[index - 1], directories[index]];
    return between === undefined
      ? steps.hot(target, from, directory, { ...script, oldCode, suspended, replacedTwice })
      : steps.hotOn(target, between, directory, script);
  });
  return became(hotFrom(target, from, through), from, { through, changes, old: { ...last, oldCode } });
}

/** For the record: what it was right before. */
function hotFrom(target: Target, { running, recorded }: Present, through: readonly Hop[]): Target {
  const known = running?.release === recorded.release ? recorded.digest : undefined;
  const digest = through.at(-1)?.release.digest ?? known;
  return digest === undefined ? target : { ...target, hotFrom: digest };
}

type Change = { through?: readonly Hop[]; changes: readonly Unnumbered[]; old: OldCode };

/** Nothing stops; after a crash the old version boots, until health has proven the new one. */
function became(target: Target, from: Present, { through = [], changes, old }: Change): Transaction {
  const [gate, ...rest] = committed(target);
  const before = through.flatMap(({ release }) => [...steps.stage(release), steps.preflight(target, release)]);
  const [first, ...others] = [...before, ...prepared(target)];
  const kept = [steps.permanent(target, old), ...relinked(target, from)];
  return transaction(target, from, [first as Unnumbered, ...others, ...changes, gate, ...kept, ...rest]);
}

/** What is sent of an upgrade, with the spec's patience. */
export function scriptOf({ spec }: Target, { up, down, ...upgrade }: HotUpgrade): steps.HotScript {
  const { strategy } = spec;
  if (strategy.type !== "hot") throw new Error(`${spec.name} has strategy ${strategy.type}`);
  const list = (terms: readonly ErlangTerm[]): string => formatTerm({ list: terms });
  const scripts = { up: list(up), down: down === null ? null : list(down) };
  const { suspended, supervisors } = upgrade;
  return {
    ...scripts,
    digest: digestOf({ ...scripts, supervisors }),
    suspended,
    supervisors,
    oldCode: [...upgrade.loaded, ...upgrade.deleted, ...upgrade.consolidated],
    replacedTwice: [],
    lingerTimeoutMs: strategy.linger_timeout,
    onLinger: strategy.on_linger,
    suspendTimeoutMs: strategy.suspend_timeout,
  };
}

/** What runs may have been started with it, or not. */
export const CONFIG_CHANGED = "its configuration on the host is not what was written there";

/** Why what runs can't become the target as it is, in words; nothing where it can. */
export function whyRestart(target: Target, from: Present): string[] {
  const { running, recorded, configs } = from;
  if (running === null) return ["it is not running"];
  if (recorded.node !== undefined) return [`it is embedded in ${recorded.node}, and gets a VM of its own`];
  const why: string[] = [];
  if (running.release === null || running.config === null) why.push("something else than Beamline started it");
  else if (!running.isUpgradable)
    why.push("its node is just starting, or runs no release_handler that Beamline set up (sasl)");
  if (running.config !== null && running.config !== recorded.config) why.push("it does not run with what is on record");
  if (!configs.includes(recorded.config)) why.push(CONFIG_CHANGED);
  if (recorded.supervisor !== target.supervisor) why.push(`its supervisor changes to ${target.supervisor}`);
  if (running.runAs !== target.runAs) why.push("the user that it runs as changes");
  if (differs(recorded.spec.os_env, target.spec.os_env) || secretsOf(recorded.config) !== secretsOf(target.config))
    why.push("os_env changes, which a VM reads when it starts");
  if (differs(recorded.spec.vm_config, target.spec.vm_config))
    why.push("vm_config changes, which is for a VM that starts");
  if (target.inPlace !== undefined && "refused" in target.inPlace)
    why.push(...target.inPlace.refused.map(({ text }) => text));
  return why;
}

type Part = AppSpec["os_env"] | AppSpec["vm_config"];

const differs = (a: Part, b: Part): boolean => digestOf({ part: a }) !== digestOf({ part: b });

/** The part of a configuration's name that stands for secrets (see configName). */
const secretsOf = (config: string): string | undefined => config.split("-")[1];
