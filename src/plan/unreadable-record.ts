// Apps whose record on a host can't be read: something is there, and nobody knows what. Nothing is done to them, and no run that finds
// one is green.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { ObservedApp, Owner } from "../runtime/observed.ts";
import type { Host } from "../spec/host.ts";
import { isOurs } from "./ownership.ts";
import type { PlanItem } from "./plan-item.ts";

/** Null where it can be read, or there is none; and where it can at least be read that it is another's. */
export function unreadableProblem(
  { name, unreadable }: ObservedApp,
  { name: host, root }: Pick<Host, "name" | "root">,
  ours: Owner,
): Problem | null {
  if (unreadable === undefined) return null;
  const { why, owner } = unreadable;
  if (owner !== null && !isOurs(owner, ours)) return null;
  const file = `${root}/.beamline/state/${name}`;
  return problem("record_unreadable", { in: "host", host, app: name }, { file, why });
}

/** The item of one that nobody wants there, or that is to be rolled back. */
export function unreadableItems(app: ObservedApp, host: Host, ours: Owner): PlanItem[] {
  const blocked = unreadableProblem(app, host, ours);
  if (blocked === null) return [];
  return [
    {
      app: app.name,
      host: host.name,
      action: "none",
      cause: null,
      strategy: "restart",
      from: null,
      to: null,
      changes: [],
      interruption: "none",
      sendBytes: 0,
      hot: null,
      warnings: [],
      blocked,
      unmet: null,
      wave: 0,
      transaction: null,
    },
  ];
}
