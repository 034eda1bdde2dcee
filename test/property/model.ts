// A model of the hosts: what the agent's verbs do to what is observed of an app. Small enough to be believed.
import type { Plan, PlanItem } from "../../src/plan/plan-item.ts";
import type { ObservedApp, ObservedHost, Recorded } from "../../src/runtime/observed.ts";
import type { Action, Transaction } from "../../src/runtime/transaction.ts";

export type Fleet = readonly ObservedHost[];

const absent = (name: string): ObservedApp => ({
  name,
  recorded: null,
  op: null,
  current: null,
  releases: [],
  running: null,
  health: { health: "unknown", saw: "it is not running" },
  held: null,
  unfinished: [],
  history: [],
  configs: [],
});

/** Whether anything of an app is on the host. */
const isThere = (app: ObservedApp): boolean =>
  app.recorded !== null || app.current !== null || app.running !== null || app.releases.length > 0;

/** One verb. `made` is what this op put there: its undos take away nothing else. */
function after(app: ObservedApp, action: Action, op: string, made: Set<string>): ObservedApp {
  switch (action.verb) {
    case "stage":
      made.add(action.release);
      return { ...app, releases: [...app.releases, { directory: action.release, digest: action.digest }] };
    case "unstage":
      if (!made.has(action.release)) return app;
      return { ...app, releases: app.releases.filter(({ directory }) => directory !== action.release) };
    case "config":
      if (app.configs.includes(action.config)) return app;
      made.add(`config ${action.config}`);
      return { ...app, configs: [...app.configs, action.config] };
    case "unconfig":
      if (!made.has(`config ${action.config}`)) return app;
      return { ...app, configs: app.configs.filter((name) => name !== action.config) };
    case "link":
      return { ...app, current: action.release };
    case "stop":
    case "unembed":
      return { ...app, running: null };
    case "start": {
      if (!app.releases.some(({ directory }) => directory === action.release))
        throw new Error(`no release ${action.release}`);
      if (app.running !== null) throw new Error("two VMs of one app");
      const { release, config, runAs } = action;
      return { ...app, running: { pid: 1, startedAt: 1, release, config, node: null, runAs, version: null } };
    }
    case "embed": {
      if (app.running !== null) throw new Error("two applications of one name");
      const { release, config, node } = action;
      return { ...app, running: { pid: 1, startedAt: 1, release, config, node, version: null } };
    }
    case "embed_env":
      return { ...app, running: app.running && { ...app.running, config: action.config } };
    case "health":
      if (app.running?.release !== action.release) throw new Error("the gate judges another release");
      return app;
    case "record":
      return { ...app, recorded: JSON.parse(action.state) as Recorded, op };
    case "forget":
      return { ...app, recorded: null, op: null };
    case "prune":
      return action.retain === 0 ? { ...app, releases: [], configs: [], current: null } : app;
    default:
      return app;
  }
}

/** Runs a transaction; with `failAt` the step of that index fails after its effect, and what began is undone, last first. */
function transacted(before: ObservedApp, { steps }: Transaction, op: string, failAt = -1): ObservedApp {
  const made = new Set<string>();
  let app = before;
  for (const [index, step] of steps.entries()) {
    app = after(app, step.action, op, made);
    if (index !== failAt) continue;
    const begun = steps.slice(0, index + 1);
    // Past the commit point there is no way back: the rest is finished.
    if (begun.some(({ undo }) => undo.kind === "point-of-no-return")) continue;
    for (const { undo } of begun.reverse())
      if (undo.kind === "act") for (const action of undo.actions) app = after(app, action, op, made);
    return app;
  }
  return app;
}

/** The fleet after a plan; `failAt` picks a step to fail for an item, -1 for none. */
export function applied(fleet: Fleet, plan: Plan, failAt: (item: PlanItem) => number = () => -1): Fleet {
  return plan.items.reduce<Fleet>((hosts, item) => {
    const { transaction } = item;
    if (transaction === null) return hosts;
    return hosts.map((host) => {
      if (host.host !== item.host) return host;
      const others = host.apps.filter(({ name }) => name !== item.app);
      const before = host.apps.find(({ name }) => name === item.app) ?? absent(item.app);
      if (before.op !== transaction.expects)
        throw new Error(`expects op ${transaction.expects}, there is ${before.op}`);
      const now = transacted(before, transaction, `op-of-${plan.digest.slice(0, 8)}`, failAt(item));
      return { ...host, apps: isThere(now) ? [...others, now] : others };
    });
  }, fleet);
}

/** The same, in an order that does not depend on how it came to be. */
export const ordered = (fleet: Fleet): Fleet =>
  fleet.map((host) => ({
    ...host,
    apps: [...host.apps]
      .map((app) => ({ ...app, releases: [...app.releases].sort((a, b) => (a.directory < b.directory ? -1 : 1)) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }));
