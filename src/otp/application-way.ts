// The way of one application from a release to another: its own appup's, or one that is made for it.
import type { ApplicationFile } from "./application-file.ts";
import { applicationOf } from "./application-file.ts";
import { instructionsFor, readAppup } from "./appup.ts";
import { generatedAppup } from "./generate-appup.ts";
import type { Instruction } from "./instruction.ts";
import type { ApplicationFacts, ReleaseInventory } from "./inventory.ts";
import type { ModuleChanges } from "./module-changes.ts";
import { isSameCode, moduleChanges } from "./module-changes.ts";
import { keepsState } from "./module-role.ts";
import type { ApplicationUpgrade, Finding, HotOptions, Refusal } from "./upgrade.ts";

/** One application that differs; of the two one may be missing. */
export type ApplicationWay = {
  readonly upgrade: ApplicationUpgrade;
  readonly up: readonly Instruction[];
  /** Null where only a restart leads back, with `noWayBack` saying why. */
  readonly down: readonly Instruction[] | null;
  readonly noWayBack: string | null;
  readonly findings: readonly Finding[];
  /** Modules whose instructions are none that people wrote. */
  readonly generated: readonly string[];
};

type Refused = { refused: readonly Refusal[] };

export type WayContext = {
  readonly to: ReleaseInventory;
  readonly options: HotOptions;
  readonly standIns: ReadonlySet<string>;
};

/** An application that only the newer release has, or only the older one. */
export function wholeWay(application: ApplicationFacts, kind: "added" | "removed"): ApplicationWay {
  const { name, version, startType } = application;
  // Without a module nothing else would put it into the code path.
  const path = application.modules.size === 0 ? [pathOf(application)] : [];
  const add: readonly Instruction[] = [...path, { kind: "add_application", application: name, startType }];
  const remove: readonly Instruction[] = [{ kind: "remove_application", application: name }];
  const [from, to] = kind === "added" ? [null, version] : [version, null];
  const [up, down] = kind === "added" ? [add, remove] : [remove, add];
  return { upgrade: { name, from, to, origin: null }, up, down, noWayBack: null, findings: [], generated: [] };
}

/** An application that both releases have. */
export function changedWay(
  from: ApplicationFacts,
  to: ApplicationFacts,
  context: WayContext,
): ApplicationWay | Refused {
  return shippedWay(from, to, context) ?? madeWay(from, to, context);
}

/** By the appup that comes with the newer version; null where it has none for the older one. */
function shippedWay(
  from: ApplicationFacts,
  to: ApplicationFacts,
  context: WayContext,
): ApplicationWay | Refused | null {
  const term = context.to.appups.get(to.name);
  if (!term || from.version === to.version) return null;
  const appup = readAppup(term);
  if ("error" in appup) return refused(to.name, `${to.name}.appup ${appup.error}`);
  const up = instructionsFor(appup.up, from.version);
  if (up === null) return null;
  if ("error" in up) return refused(to.name, `${to.name}.appup: ${up.error}`);
  const down = instructionsFor(appup.down, from.version);
  const isDown = down !== null && !("error" in down);
  return {
    upgrade: { name: to.name, from: from.version, to: to.version, origin: "appup" },
    up,
    down: isDown ? down : null,
    noWayBack: isDown
      ? null
      : `${to.name}.appup ${down === null ? `has no way from ${to.version} back to ${from.version}` : down.error}`,
    findings: [],
    generated: [],
  };
}

function madeWay(from: ApplicationFacts, to: ApplicationFacts, context: WayContext): ApplicationWay | Refused {
  const { name } = to;
  const changes = moduleChanges(from, to, context.standIns);
  const upgrade = { name, from: from.version, to: to.version, origin: "generated" } as const;
  // Where no code differs there is nothing to instruct, whoever would have to write it.
  if (context.options.appup === "shipped" && !isSameCode(changes)) return refused(name, noAppup(from, to));
  const generated = generatedAppup(name, changes);
  const refusals = [...refusalsOf(from, to), ...("refused" in generated ? generated.refused : [])];
  if (refusals.length > 0 || "refused" in generated) return { refused: refusals };
  // Its directory is another one in any case, and priv is looked for in it.
  const moved = from.priv === to.priv ? null : pathOf;
  return {
    upgrade,
    up: [...(moved ? [moved(to)] : []), ...generated.up],
    down: [...(moved ? [moved(from)] : []), ...generated.down],
    noWayBack: null,
    findings: [...(isSameCode(changes) ? [] : doubtsOf({ from, to, changes }, context)), ...generated.findings],
    generated: generated.up.flatMap((it) => ("module" in it ? [it.module] : [])),
  };
}

type Changed = { from: ApplicationFacts; to: ApplicationFacts; changes: ModuleChanges };

/** Whoever writes appups thinks of some versions, and of code_change for those; who writes none for a library thinks of a restart. */
function doubtsOf({ from, to, changes }: Changed, context: WayContext): Finding[] {
  const { name, version } = to;
  if (from.version === version) return [];
  if (context.to.appups.has(name)) {
    const text = `${name}.appup of ${version} does not know ${from.version}; its code_change may not either`;
    return [{ code: "version_unknown", application: name, module: null, text }];
  }
  if (!isNeeded(to, context.to) || !changes.changed.some(({ from: old }) => keepsState(old))) return [];
  const text = `${name} ${from.version} → ${version} brings no appup, and what it keeps while it runs may have another form: rehearse it`;
  return [{ code: "state_untold", application: name, module: null, text }];
}

/** A library, then, and not what the release is made for. */
const isNeeded = ({ name }: ApplicationFacts, { applications }: ReleaseInventory): boolean =>
  applications.some(({ resource }) => {
    const file = applicationOf(resource);
    return !("error" in file) && [...file.applications, ...file.included].includes(name);
  });

const noAppup = (from: ApplicationFacts, to: ApplicationFacts): string =>
  from.version === to.version
    ? `${to.name} ${to.version} has other code than the running ${to.version}, which no appup can describe`
    : `${to.name} ${to.version} has no appup from ${from.version}`;

function refusalsOf(from: ApplicationFacts, to: ApplicationFacts): Refusal[] {
  const refuse = (text: string): Refusal => ({ application: to.name, module: null, text });
  const [old, next] = [startModule(from), startModule(to)];
  return [
    ...(from.libraries === to.libraries ? [] : [refuse(`${to.name} has other native libraries in priv`)]),
    ...(old === next ? [] : [refuse(`${to.name} starts with ${old ?? "no module"} → ${next ?? "no module"}`)]),
  ];
}

function startModule({ resource }: ApplicationFacts): ApplicationFile["startModule"] {
  const file = applicationOf(resource);
  return "error" in file ? null : file.startModule;
}

/** Reads no module, and yet has the application's directory take the place of the other version's in the code path. */
const pathOf = ({ name, version }: ApplicationFacts): Instruction => ({
  kind: "load_object_code",
  application: name,
  version,
  modules: [],
});

const refused = (application: string, text: string): Refused => ({ refused: [{ application, module: null, text }] });
