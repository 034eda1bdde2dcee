// A history of specs, replayed commit by commit: planned as a pull request, that very plan applied by the push, and then nothing
// left to do. What the plan says is what happens, and nothing else.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import type { JobResult } from "./action.ts";
import { type Commit, HISTORY } from "./history.ts";
import { History, type Pushed } from "./history-origin.ts";
import { LABELS, SECRETS } from "./history-specs.ts";
import { type PlannedItem, planned, plannedIn, toldBy, toldInOutput } from "./plan-log.ts";
import { answerOf, fleetFile, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

/** The VM of each app, and each file of it with its time: any change shows. */
const LOOK = `
for pid in $(pgrep -x beam.smp); do
  tr '\\0' '\\n' </proc/$pid/environ | sed -n "s/^BEAMLINE_APP=\\(.*\\)/vm \\1 $pid/p"
done
cd /opt/releases 2>/dev/null || exit 0
find . .beamline/state -mindepth 1 -path ./.beamline -prune -o -printf 'file %p %T@ %s %l\\n' | sort
`;

/** host/app → its VM's id on the host, and its files. */
type Look = Record<string, { pid: number; files: string }>;

const nameOf = ({ host, app }: Pick<PlannedItem, "host" | "app">): string => `${host}/${app}`;
const isDone = ({ action }: Pick<PlannedItem, "action">): boolean => !["unchanged", "blocked"].includes(action);
/** What the log's last lines say of an action that was carried out. */
const PAST: Record<string, string> = {
  deploy: "deployed",
  upgrade: "upgraded",
  reconfigure: "reconfigured",
  remove: "removed",
};

describe.skipIf(because !== undefined)(because ?? "a history of commits", () => {
  let shop: Shop;
  let history: History;
  /** host/app → the version that runs there, if all that was planned was done. */
  const there = new Map<string, string>();

  beforeAll(async () => {
    shop = await openShop({ hosts: 3 });
    history = new History(shop.repository);
    shop.repository.push({ "fleet.yaml": fleetFile(shop.lab.hosts, LABELS) }, "the fleet");
  });
  afterAll(() => shop.close());

  async function lookAt(host: Host): Promise<[string, { pid: number; files: string }][]> {
    const lines = (await host.exec(["sh", "-c", LOOK])).stdout.split("\n");
    return lines.flatMap((line) => {
      const [, app, pid] = /^vm (\S+) (\d+)$/.exec(line) ?? [];
      if (app === undefined) return [];
      const isOwn = (it: string): boolean => new RegExp(`^file \\.(/|beamline/state/)${app}[/ ]`).test(it);
      return [[`${host.name}/${app}`, { pid: Number(pid), files: lines.filter(isOwn).join("\n") }]];
    });
  }
  const look = async (): Promise<Look> => Object.fromEntries((await Promise.all(shop.lab.hosts.map(lookAt))).flat());

  const heardByHosts = (): Promise<string[]> => Promise.all(shop.lab.hosts.map((host) => host.sshdLog()));

  /** A run as the event starts it. A pull request's is of the merge that GitHub tries, and is not given secrets. */
  function run(name: string, pushed: Pushed, given: Record<string, string> = {}): Promise<JobResult> {
    const { sha, before } = pushed;
    if (name === "pull_request") {
      const merge = history.merged(pushed);
      const payload = { pull_request: { base: { sha: before }, head: { sha } } };
      return shop.run({ workspace: history.checkout(merge), event: { name, sha: merge, payload }, inputs: given });
    }
    const event = { name, sha, payload: name === "push" ? { before } : {} };
    const inputs = { secrets: JSON.stringify(SECRETS), ...given };
    return shop.run({ workspace: history.checkout(sha), event, inputs });
  }

  test.each(HISTORY)("$title", { timeout: 600_000 }, async (commit) => {
    const { plannedBy = "pull_request", refused, warning = "", order, answers = {}, again } = commit;
    const pushed = history.push(commit);
    const [before, heard] = [await look(), await heardByHosts()];
    const plan = await run(plannedBy, pushed, plannedBy === "pull_request" ? {} : { command: "plan" });
    if (refused !== undefined) {
      expectRefused(plan, refused);
      expectRefused(await run("push", pushed), refused);
      expect(await heardByHosts()).toEqual(heard);
      return;
    }
    expect(await look()).toEqual(before);
    const items = planned(commit.plan ?? "");
    expectPlanned(plan, items);
    expect(plan.code, plan.log).toBe(items.every(({ action }) => action === "blocked") ? 1 : 0);
    expect(plan.log).toContain(baseOf(commit, pushed));
    expect(plan.log).toContain(warning);

    const event = plannedBy === "pull_request" ? "push" : plannedBy;
    const applied = await run(event, pushed, { plan: plan.outputs.plan ?? "" });
    expectPlanned(applied, items);
    expect(applied.outputs["plan-digest"]).toBe(plan.outputs["plan-digest"]);
    expectDone(applied, items);
    if (order !== undefined) expectInOrder(applied, order);
    const after = await look();
    expectTouched(items, before, after);
    expectState(applied, after);
    for (const [at, answer] of Object.entries(answers)) expect(`${at} ${await answered(at)}`).toBe(`${at} ${answer}`);

    if (again !== undefined) return;
    const next = await run(event, pushed, { command: "plan" });
    expect(next.code, next.log).toBe(0);
    expectPlanned(
      next,
      [...there].sort(byApp).flatMap(([name, version]) => planned(`${name} unchanged ${version}`)),
    );
    expect(await look()).toEqual(after);
  });

  /** The order of a plan in which nothing is done, with dependencies that come first by name, too. */
  const byApp = ([a]: [string, string], [b]: [string, string]): number =>
    a.split("/").reverse().join() < b.split("/").reverse().join() ? -1 : 1;

  function baseOf({ plannedBy, warning }: Commit, { before }: Pushed): string {
    if (plannedBy === "workflow_dispatch" || warning !== undefined) return "base: none, every spec counts as new\n";
    const why = plannedBy === "push" ? "the commit before this push" : "the pull request's base";
    return `base: ${before.slice(0, 7)}, ${why}\n`;
  }

  function expectRefused({ code, log, outputs }: JobResult, problems: readonly string[]): void {
    expect(code, log).toBe(1);
    expect(log.split("\n").filter((line) => line.startsWith("apps/"))).toEqual(problems);
    expect(log.match(/^::error .*file=apps/gm)).toHaveLength(problems.length);
    expect(outputs).toEqual({ status: "error" });
  }

  /** The log says what is expected, word by word; the output `plan` says the same. */
  function expectPlanned(result: JobResult, items: readonly PlannedItem[]): void {
    expect(plannedIn(result), result.log).toEqual(items);
    expect(toldInOutput(result)).toEqual(items.map(toldBy));
    const changes = items.filter(isDone).length;
    expect(result.outputs).toMatchObject({ changes: String(changes), "has-changes": String(changes > 0) });
  }

  /** Every item ended well, as the counts and the last lines of the log say; one that is blocked was left alone. */
  function expectDone({ code, log, outputs }: JobResult, items: readonly PlannedItem[]): void {
    const of = (action: string): string => String(items.filter((item) => item.action === action).length);
    const isWell = of("blocked") === "0";
    expect(code, log).toBe(isWell ? 0 : 1);
    expect(outputs).toMatchObject({
      status: isWell ? "synced" : of("unchanged") === "0" ? "error" : "degraded",
      deployed: of("deploy"),
      upgraded: of("upgrade"),
      reconfigured: of("reconfigure"),
      removed: of("remove"),
      unchanged: of("unchanged"),
      failed: of("blocked"),
      "rolled-back": "0",
    });
    const ended = items.map(({ action, versions, ...item }) =>
      [nameOf(item), PAST[action] ?? action, ...(action === "blocked" ? [] : [versions])].join(" "),
    );
    const result = log.slice(log.indexOf("\nResult: ")).split("\n").slice(2);
    const lines = result.filter((line) => line.startsWith("  ")).map((line) => line.trim().replace(/ in .*|: .*/, ""));
    expect(lines.sort()).toEqual(ended.sort());
    for (const item of items.filter(isDone)) {
      if (item.action === "remove") there.delete(nameOf(item));
      else there.set(nameOf(item), item.versions.split(" → ").at(-1) ?? "");
    }
  }

  function expectInOrder({ log }: JobResult, [first, next]: readonly [string, string]): void {
    const lines = log.split("\n");
    const end = lines.findIndex((line) => line.startsWith(`${first} `) && / in [^(]*$/.test(line));
    const begin = lines.findIndex((line) => line.startsWith(`${next} `) && line.endsWith(" …"));
    expect(end, log).toBeGreaterThan(-1);
    expect(begin, log).toBeGreaterThan(end);
  }

  /** New VMs where one was started, and the same where none was; not a file of an app that nothing is done to has changed. */
  function expectTouched(items: readonly PlannedItem[], before: Look, after: Look): void {
    expect(Object.keys(after).sort()).toEqual([...there.keys()].sort());
    for (const item of items) {
      const [was, is] = [before[nameOf(item)], after[nameOf(item)]];
      if (!isDone(item)) expect(is).toEqual(was);
      else if (item.facts.includes("connections: kept")) expect(is?.pid).toBe(was?.pid);
      else if (item.action !== "remove") expect(is?.pid).not.toBe(was?.pid);
    }
  }

  /** The output `state` has just what runs, healthy. */
  function expectState({ outputs }: JobResult, after: Look): void {
    const state: Record<string, Record<string, object>> = JSON.parse(outputs.state ?? "");
    const found = Object.entries(state).flatMap(([app, hosts]) =>
      Object.entries(hosts).map(([host, it]) => [`${host}/${app}`, it] as const),
    );
    const wanted = [...there].map(([name, version]) => {
      const running = { status: "running", health: "healthy", version, os_pid: after[name]?.pid };
      return [name, expect.objectContaining(running)] as const;
    });
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
  }

  function answered(at: string): Promise<string> {
    const [, host = "", port, path = ""] = /^(\w+):(\d+)(.*)$/.exec(at) ?? [];
    return answerOf(shop.lab.host(host), path, Number(port));
  }
});
