// What hosts run and what is wanted of them, in few words: what is there was always put there by a plan of its own.

import { plan } from "../../../src/plan/plan.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import type { PlanItem } from "../../../src/plan/plan-item.ts";
import type { ObservedApp, ObservedHost } from "../../../src/runtime/observed.ts";
import { applied } from "../../property/model.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";

export type File = Parameters<typeof appsOf>[0][number];
export type Fleet = readonly ObservedHost[];

/** An app with a health check, as its file says it. */
export const app = (name: string, fields: Record<string, unknown> = {}): File => ({
  name,
  version: "1.0.0",
  source: { type: "release", url: `file:${name}-{version}.tar.gz` },
  health: { type: "tcp", port: 8000 + name.length },
  ...fields,
});

export const counter = (fields: Record<string, unknown> = {}): File => app("counter", fields);

/** Only the first host. */
export const WEB1 = inputFor(new Map()).hosts.slice(0, 1);

/** The hosts after these files were carried out on all of them. */
export const deployed = (files: readonly File[], given: Partial<PlanInput> = {}): Fleet =>
  applied(inputFor(new Map()).observed, plan(inputFor(appsOf(files), given)));

/** The same hosts, with what is seen of one app changed; on one host, or on all. */
export const seen = (
  fleet: Fleet,
  name: string,
  change: (app: ObservedApp) => Partial<ObservedApp>,
  on?: string,
): Fleet =>
  fleet.map((host) =>
    on !== undefined && host.host !== on
      ? host
      : { ...host, apps: host.apps.map((each) => (each.name === name ? { ...each, ...change(each) } : each)) },
  );

/** What is seen of an app on the first host. */
export function appOn(fleet: Fleet, name: string): ObservedApp {
  const found = fleet[0]?.apps.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name} on the first host`);
  return found;
}

/** Another run's files on the record, such as `commit` or `owner`. */
export const recordedWith =
  (change: Partial<NonNullable<ObservedApp["recorded"]>>) =>
  ({ recorded }: ObservedApp): Partial<ObservedApp> =>
    recorded === null ? {} : { recorded: { ...recorded, ...change } };

/** An item in one line: `upgrade (spec), interrupts restart`, `blocked: held`, `nothing to do`. */
export function said({ action, cause, interruption, blocked, transaction }: PlanItem): string {
  if (blocked !== null) return `blocked: ${blocked.code}`;
  return transaction === null ? "nothing to do" : `${action} (${cause}), interrupts ${interruption}`;
}

/** A plan's items, each as `web1/counter upgrade (spec), interrupts restart`, in the plan's order. */
export const saidOfAll = (input: PlanInput): string[] =>
  plan(input).items.map((item) => `${item.host}/${item.app} ${said(item)}`);

export const verbsOf = ({ transaction }: PlanItem): string[] =>
  transaction?.steps.map(({ action }) => action.verb) ?? [];
