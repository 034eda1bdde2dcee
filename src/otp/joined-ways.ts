// The ways of all applications that differ, joined into one script up and one down.
import { applicationOf } from "./application-file.ts";
import type { ApplicationPair } from "./application-pairs.ts";
import { applicationPairs } from "./application-pairs.ts";
import type { ApplicationWay } from "./application-way.ts";
import { changedWay, wholeWay } from "./application-way.ts";
import { completedWay } from "./completed-way.ts";
import type { Instruction } from "./instruction.ts";
import type { ApplicationFacts, ReleaseInventory } from "./inventory.ts";
import { lintPairs } from "./lint-appup.ts";
import { lowLevelScript } from "./low-level.ts";
import { consolidatedIn, standInsOf } from "./module-changes.ts";
import type { Library, Translation } from "./translation.ts";
import type { HotOptions, Refusal, ReleaseWays } from "./upgrade.ts";

type Sides = Pick<Translation, "from" | "to">;

export function joinedWays(
  from: ReleaseInventory,
  to: ReleaseInventory,
  options: HotOptions,
): ReleaseWays | { refused: readonly Refusal[] } {
  const standIns = standInsOf(from, to);
  const pairs = applicationPairs(from, to, standIns);
  const read = pairs.map((pair) => ({ pair, way: wayOf(pair, { to, options, standIns }) }));
  const ways = read.flatMap(({ way }) => ("refused" in way ? [] : [way]));
  const refusals = read.flatMap(({ way }) => ("refused" in way ? way.refused : restartRefusals(way)));
  if (refusals.length > 0) return { refused: refusals };

  const libraries = (applications: readonly ApplicationFacts[]): Library[] =>
    applications.map((it) => libraryOf(it, consolidatedIn(from, to)));
  const sides = { from: libraries(from.applications), to: libraries(to.applications) };
  const up = lowLevelScript({ direction: "up", scripts: ways.map((it) => it.up), ...sides });
  if ("error" in up)
    return { refused: [{ application: null, module: null, text: `the appups do not fit: ${up.error}` }] };
  const shipped = read.flatMap(({ pair, way }) => ("upgrade" in way && way.upgrade.origin === "appup" ? [pair] : []));
  return {
    up: up.script,
    ...wayBack(ways, sides),
    applications: ways.map(({ upgrade }) => upgrade),
    supervisors: ways.flatMap(supervisorsOf).sort(),
    findings: [
      ...ways.flatMap(({ findings }) => findings),
      ...lintPairs(up.script, shipped, { from, to, standIns, onLinger: options.onLinger }),
    ],
  };
}

function wayOf(pair: ApplicationPair, context: Parameters<typeof changedWay>[2]): ReturnType<typeof changedWay> {
  if (pair.from === null) return wholeWay(pair.to, "added");
  if (pair.to === null) return wholeWay(pair.from, "removed");
  const way = changedWay(pair.from, pair.to, context);
  const isWhole = "refused" in way || way.upgrade.origin !== "appup" || context.options.appup === "shipped";
  return isWhole ? way : completedWay(way, pair.from, pair.to, context.standIns);
}

/** Whoever writes an appup says in it which children are started, and which are stopped. */
function supervisorsOf({ up, generated }: ApplicationWay): string[] {
  const ours = new Set(generated);
  return up.flatMap((it) => (it.kind === "update" && it.isStatic && ours.has(it.module) ? [it.module] : []));
}

const restartOf = (script: readonly Instruction[]): string | null =>
  script.flatMap((it) => (it.kind === "restart" ? [it.name] : []))[0] ?? null;

function restartRefusals({ upgrade, up }: ApplicationWay): readonly Refusal[] {
  const { name: application, from, to } = upgrade;
  const name = restartOf(up);
  return name === null ? [] : [{ application, module: null, text: `${application} ${from} → ${to} asks for ${name}` }];
}

/** Down where every application has a way; one that has none takes it from all. */
function wayBack(ways: readonly ApplicationWay[], { from, to }: Sides): Pick<ReleaseWays, "down" | "noWayBack"> {
  const without = ways.flatMap(({ upgrade, down, noWayBack }) => {
    const restart = restartOf(down ?? []);
    return noWayBack ?? (restart ? `${upgrade.name} ${upgrade.to} → ${upgrade.from} asks for ${restart}` : []);
  });
  if (without.length > 0) return { down: null, noWayBack: without.join("; ") };
  const down = lowLevelScript({ direction: "down", scripts: ways.map((it) => it.down ?? []), from: to, to: from });
  return "error" in down
    ? { down: null, noWayBack: `the appups do not fit on the way back: ${down.error}` }
    : { down: down.script, noWayBack: null };
}

/** Its modules in the order of its .app file, as systools takes them; consolidated protocols are loaded from elsewhere. */
function libraryOf(
  { name, version, startType, resource, modules }: ApplicationFacts,
  consolidated: ReadonlySet<string>,
): Library {
  const file = applicationOf(resource);
  const listed = "error" in file ? [] : file.modules.filter((it) => modules.has(it));
  const all = [...new Set([...listed, ...[...modules.keys()].sort()])];
  return { name, version, startType, modules: all.filter((it) => !consolidated.has(it)) };
}
