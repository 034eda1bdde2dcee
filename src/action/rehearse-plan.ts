// The input rehearse: each hot upgrade of a plan is carried out on the runner before it is on any host.
import { isAsApproved } from "../plan/approved-plan.ts";
import type { PlanItem, Rehearsal } from "../plan/plan-item.ts";
import { type Act, actsOf, withRehearsals } from "../plan/rehearsals.ts";
import { rehearse } from "../rehearsal/rehearse.ts";
import { versionsText } from "../report/plan-text.ts";
import { rehearsalText } from "../report/rehearsal-text.ts";
import type { Recorded } from "../runtime/observed.ts";
import type { Committed } from "./committed.ts";
import type { MadePlan } from "./make-plan.ts";
import type { Run } from "./run.ts";
import type { Wanted } from "./wanted.ts";

/** Each is an Erlang VM that boots, for which a runner has few processors. */
const AT_ONCE = 2;

/** The plan, and how its hot upgrades went. Where it will be refused anyway, nothing is tried. */
export async function rehearsed(run: Run, wanted: Wanted, made: MadePlan): Promise<MadePlan> {
  const { rehearse: isWanted, command, approvedPlan } = run.inputs;
  if (!isWanted || (command !== "plan" && command !== "apply") || made.refused !== null) return made;
  if (approvedPlan !== null && !isAsApproved(approvedPlan, made.plan)) return made;
  const waiting = actsOf(made.plan, made.observed.hosts);
  const rehearsals = new Map<PlanItem, Rehearsal>();
  const next = async (): Promise<void> => {
    for (let act = waiting.shift(); act !== undefined; act = waiting.shift()) {
      const rehearsal = await rehearsalOf(act, run, wanted, made);
      for (const item of act.items) rehearsals.set(item, rehearsal);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return { ...made, plan: withRehearsals(made.plan, rehearsals) };
}

/** The first of its hosts whose record is what git has; or what is wrong with that of the first. */
async function believed(act: Act, committed: Committed): Promise<{ act: Act; was: Recorded } | { refused: string }> {
  let refused = "";
  for (const { item, from } of [act, ...act.others]) {
    const was = await committed(item.app, item.host, from.recorded);
    if (!("refused" in was)) return { act: { ...act, item, from }, was };
    refused ||= was.refused;
  }
  return { refused };
}

async function rehearsalOf(first: Act, run: Run, wanted: Wanted, made: MadePlan): Promise<Rehearsal> {
  const { releases, passed, committed } = made;
  const known = await believed(first, committed);
  if ("refused" in known) return { result: "impossible", why: known.refused, tail: [] };
  const { act, was } = known;
  const { item } = act;
  const host = wanted.fleet.hosts.find(({ name }) => name === item.host);
  const app = wanted.desired.get(item.app);
  const release = releases.get(item.app);
  // A hot upgrade is planned only of a release that was looked into, for a host that was looked at.
  if (host === undefined || app === undefined || release === undefined) throw new Error(`no plan for ${item.app}`);
  const { inputs, context, sources, directory, room, signal, newOp } = run;
  const name = `rehearsal of ${item.app} ${versionsText(item)}`;
  const say = (line: string): void => run.reporter.say(`${name}: ${line}`);
  say("the old version is started on the runner");
  // A pull request is anybody's: what it names gets no secret (docs/security.md).
  const secrets = context.proposal === null ? inputs.secrets : null;
  const spec = app.spec;
  const rehearsal = await rehearse(act, {
    sources,
    directory,
    room,
    host,
    was,
    wanted: { spec, release },
    passed,
    secrets,
    newOp,
    say,
    signal,
  });
  say(rehearsalText(rehearsal));
  return rehearsal;
}
