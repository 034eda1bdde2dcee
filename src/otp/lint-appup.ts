// What is doubtful about a script that people wrote: it can be carried out, but leaves something out, or asks for too much.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { ApplicationPair } from "./application-pairs.ts";
import { stateFinding } from "./generate-appup.ts";
import type { ApplicationFacts, ReleaseInventory } from "./inventory.ts";
import type { ModulePair } from "./module-changes.ts";
import { moduleChanges } from "./module-changes.ts";
import { canChangeCode, moduleRole } from "./module-role.ts";
import type { ScriptModules } from "./script-modules.ts";
import { scriptModules } from "./script-modules.ts";
import { stateChange } from "./state-change.ts";
import type { Finding, HotOptions } from "./upgrade.ts";
import { waitingSupervisors } from "./waiting-supervisors.ts";

export type LintContext = {
  readonly from: ReleaseInventory;
  readonly to: ReleaseInventory;
  readonly standIns: ReadonlySet<string>;
  readonly onLinger: HotOptions["onLinger"];
};

/** `pairs`: the applications whose instructions people wrote, of all that the script is about. */
export function lintPairs(
  script: readonly ErlangTerm[],
  pairs: readonly ApplicationPair[],
  context: LintContext,
): readonly Finding[] {
  if (pairs.length === 0) return [];
  const modules = scriptModules(script);
  return [
    ...pairs.flatMap(({ from, to }) => (from && to ? lintApplication(modules, from, to, context) : [])),
    ...unknownModules(modules, context),
    ...waitingSupervisors(script, context.to),
  ];
}

function lintApplication(
  script: ScriptModules,
  from: ApplicationFacts,
  to: ApplicationFacts,
  { standIns, onLinger }: LintContext,
): readonly Finding[] {
  const { added, deleted, changed } = moduleChanges(from, to, standIns);
  const finding = (code: Finding["code"], module: string | null, text: string): Finding => ({
    code,
    application: to.name,
    module,
    text,
  });
  const leftOut = (module: string, text: string): Finding => finding("module_left_out", module, `${module} ${text}`);
  const unchanged = [...to.modules].filter(([name, { md5 }]) => from.modules.get(name)?.md5 === md5);
  const isRestarted = [...to.modules.keys()].some((it) => script.reloaded.has(it));
  const purged = [...to.modules.keys()].filter(
    (it) => script.purged.has(it) && !script.removed.has(it) && !script.reloaded.has(it),
  );
  return [
    ...added
      .filter(([name]) => !script.loaded.has(name))
      .map(([name]) => leftOut(name, "is new, and no instruction loads it")),
    ...deleted
      .filter(([name]) => !script.removed.has(name))
      .map(([name]) => leftOut(name, "is gone, and no instruction removes it")),
    ...unchanged
      .filter(([name]) => script.loaded.has(name) && !script.reloaded.has(name))
      .map(([name]) => finding("module_unchanged", name, `${name} is loaded, and does not differ`)),
    ...changed
      .filter(({ name }) => script.loaded.has(name) && !script.reloaded.has(name))
      .flatMap((it) => stateFindings(it, script, to.name)),
    ...(onLinger === "refuse" && isRestarted
      ? [finding("purge_mode", null, `${to.name} is restarted, and whatever else still runs its code is killed then`)]
      : []),
    ...(onLinger === "refuse"
      ? purged.map((it) =>
          finding("purge_mode", it, `purge of ${it} is left out: it kills what still runs its old code`),
        )
      : []),
  ];
}

/** Of a module that is loaded: whether its processes' state fits. */
function stateFindings(pair: ModulePair, script: ScriptModules, application: string): readonly Finding[] {
  const { name: module, from, to } = pair;
  const isStateful = [moduleRole(from), moduleRole(to)].includes("stateful");
  if (!isStateful || script.changed.has(module)) return [];
  if (!canChangeCode(to)) return stateFinding(application, pair);
  const change = stateChange(pair);
  if (change.kind !== "record") return [];
  const text = `${module}'s record changes: ${change.text}; no instruction has its code_change called`;
  return [{ code: "record_changed", application, module, text }];
}

/** Names in a script that no application of either release has. */
function unknownModules(script: ScriptModules, { from, to }: LintContext): readonly Finding[] {
  const applications = [...from.applications, ...to.applications];
  const known = new Set(applications.flatMap(({ modules }) => [...modules.keys()]));
  return [...new Set([...script.touched, ...script.removed, ...script.purged])]
    .filter((it) => !known.has(it))
    .map((module) => ({
      code: "module_unknown",
      application: to.name,
      module,
      text: `no application has the module ${module}`,
    }));
}
