import { problem } from "../core/problem.ts";
import type { ObservedApp } from "../runtime/observed.ts";
import { runtimeOf } from "../runtime/runtimes.ts";
import type { Host } from "../spec/host.ts";
import { isFromFolder, isOurs } from "./ownership.ts";
import type { PlanInput } from "./plan-input.ts";
import type { PlanItem } from "./plan-item.ts";
import { unreadableItems } from "./unreadable-record.ts";

/** The removal of an app that is on a host and not wanted there; nothing for what others own. */
export function removalOf(input: PlanInput, app: ObservedApp, host: Host): PlanItem[] {
  const { recorded } = app;
  if (app.unreadable !== undefined) return unreadableItems(app, host, input.owner);
  if (recorded === null || !isOurs(recorded.owner, input.owner)) return [];
  if (!isFromFolder(recorded, input.folder)) return [];
  const folder = recorded.file.split("/").slice(0, -1).join("/");
  const item: PlanItem = {
    app: app.name,
    host: host.name,
    action: "remove",
    cause: input.previous.has(app.name) ? "spec" : "retry",
    strategy: recorded.spec.strategy.type,
    from: recorded.version,
    to: null,
    changes: [],
    interruption: app.running === null ? "none" : "restart",
    sendBytes: 0,
    hot: null,
    warnings: input.desired.has(app.name) ? ["moved to other hosts: removed here"] : [],
    blocked: null,
    unmet: null,
    wave: 0,
    transaction: null,
  };
  if (input.ancestry.get(recorded.commit) === "newer") {
    const facts = { recorded: recorded.commit.slice(0, 12), head: input.commit.slice(0, 12) };
    return [{ ...item, blocked: problem("superseded", { in: "host", host: host.name, app: app.name }, facts) }];
  }
  if (input.vanished.has(folder) && !input.desired.has(app.name)) {
    const where = { in: "host", host: host.name, app: app.name } as const;
    return [{ ...item, blocked: problem("spec_vanished", where, { app: app.name, folder }) }];
  }
  return [{ ...item, transaction: runtimeOf(recorded.spec).remove({ ...app, recorded }) }];
}
