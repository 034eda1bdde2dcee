// An appup that leaves out what differs: what it says stays, and for the rest there is what would have been generated.
// release_handler would carry it out as it is; then the release ran in part, and nobody noticed before the next boot.
import type { ApplicationWay } from "./application-way.ts";
import { generatedAppup } from "./generate-appup.ts";
import type { Instruction } from "./instruction.ts";
import type { ApplicationFacts } from "./inventory.ts";
import type { ModuleChanges } from "./module-changes.ts";
import { moduleChanges } from "./module-changes.ts";
import { scriptModules } from "./script-modules.ts";
import type { Finding, Refusal } from "./upgrade.ts";

/** `way`: by the appup that the newer of two versions of an application brings. */
export function completedWay(
  way: ApplicationWay,
  from: ApplicationFacts,
  to: ApplicationFacts,
  standIns: ReadonlySet<string>,
): ApplicationWay | { refused: readonly Refusal[] } {
  const changes = moduleChanges(from, to, standIns);
  const missing = leftOut(way.up, changes);
  const up = generatedAppup(to.name, missing);
  const missingBack = way.down ? mirrored(leftOut(way.down, mirrored(changes))) : NOTHING;
  const down = generatedAppup(to.name, missingBack);
  const refused = [up, down].flatMap((it) => ("refused" in it ? it.refused : []));
  if ("refused" in up || "refused" in down) return { refused };
  return {
    ...way,
    up: behindPoint(way.up, up.up, "last"),
    down: way.down && behindPoint(way.down, down.down, "first"),
    generated: namesIn(missing),
    findings: [
      ...way.findings,
      ...[...new Set([...namesIn(missing), ...namesIn(missingBack)])].map((it) => completed(to.name, it)),
      ...up.findings,
    ],
  };
}

const NOTHING: ModuleChanges = { added: [], deleted: [], changed: [] };

/** The same changes on the way back, where the older version is what is to be. */
const mirrored = ({ added, deleted, changed }: ModuleChanges): ModuleChanges => ({
  added: deleted,
  deleted: added,
  changed,
});

/** The changes that a script does not make. One that restarts the application makes them all. */
function leftOut(script: readonly Instruction[], { added, deleted, changed }: ModuleChanges): ModuleChanges {
  if (script.some(({ kind }) => kind === "restart_application" || kind === "restart")) return NOTHING;
  const low = scriptModules(script.flatMap((it) => (it.kind === "low" ? [it.term] : [])));
  const named = (isGone: boolean): string[] =>
    script.flatMap((it) => ("module" in it && (it.kind === "delete_module") === isGone ? [it.module] : []));
  const loaded = new Set([...named(false), ...low.loaded]);
  const removed = new Set([...named(true), ...low.removed]);
  return {
    added: added.filter(([name]) => !loaded.has(name)),
    deleted: deleted.filter(([name]) => !removed.has(name)),
    changed: changed.filter(({ name }) => !loaded.has(name)),
  };
}

const namesIn = ({ added, deleted, changed }: ModuleChanges): readonly string[] => [
  ...added.map(([name]) => name),
  ...deleted.map(([name]) => name),
  ...changed.map(({ name }) => name),
];

/** Last on the way up, when what it calls is there; first on the way down, while that is there still. */
function behindPoint(
  script: readonly Instruction[],
  more: readonly Instruction[],
  place: "first" | "last",
): readonly Instruction[] {
  const point = script.findIndex(({ kind }) => kind === "point_of_no_return") + 1;
  return place === "last" ? [...script, ...more] : [...script.slice(0, point), ...more, ...script.slice(point)];
}

const completed = (application: string, module: string): Finding => ({
  code: "module_left_out",
  application,
  module,
  text: `${application}.appup leaves ${module} out, which differs: it is done as a generated appup would`,
});
