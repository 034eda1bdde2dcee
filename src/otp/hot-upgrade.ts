// Whether and how a running release can become another one without a restart: a pure function of both.
import type { ReleaseInventory } from "./inventory.ts";
import { withPurging } from "./purging.ts";
import { releaseRefusals } from "./release-refusals.ts";
import { releaseWays } from "./release-ways.ts";
import type { ScriptModules } from "./script-modules.ts";
import { scriptModules } from "./script-modules.ts";
import type { ApplicationUpgrade, Finding, HotOptions, HotUpgrade, Refusal } from "./upgrade.ts";
import { isOlder } from "./version-order.ts";

/**
 * Whether and how `from`, which runs, becomes `to`; or all reasons why it can't. Where `to` is the older one, the scripts are
 * those of the way that leads here, the other way round: only the newer code knows how to turn states back. Of versions that have
 * no order the wanted one counts as the newer.
 */
export function hotUpgrade(
  from: ReleaseInventory,
  to: ReleaseInventory,
  options: HotOptions,
): { hot: HotUpgrade } | { refused: readonly Refusal[] } {
  const refusals = releaseRefusals(from, to);
  const isDowngrade = isOlder(to.version, from.version);
  const ways = isDowngrade ? releaseWays(to, from, options) : releaseWays(from, to, options);
  if ("refused" in ways) {
    const said = new Set(refusals.map(({ application }) => application).filter((it) => it !== null));
    return { refused: [...refusals, ...ways.refused.filter((it) => !said.has(it.application ?? ""))] };
  }
  if (refusals.length > 0) return { refused: refusals };
  const [up, down] = isDowngrade ? [ways.down, ways.up] : [ways.up, ways.down];
  if (up === null)
    return { refused: [{ application: null, module: null, text: ways.noWayBack ?? "there is no way back" }] };
  return {
    hot: {
      up: withPurging(up, options.onLinger),
      down: down && withPurging(down, options.onLinger),
      noWayBack: isDowngrade ? null : ways.noWayBack,
      isDowngrade,
      applications: isDowngrade ? ways.applications.map(backwards) : ways.applications,
      ...modulesOf(scriptModules(up), from),
      supervisors: ways.supervisors,
      consolidated: differing(from.consolidated, to.consolidated),
      findings: [...ways.findings, ...madeFindings(from)],
    },
  };
}

/** What was compiled while it ran goes on as it is, by whatever code it was made. */
const madeFindings = ({ made }: ReleaseInventory): readonly Finding[] =>
  [...made].map(([application, modules]) => ({
    code: "made_at_runtime",
    application,
    module: null,
    text: `${application} compiled code while it ran, which stays as it is: ${modules.toSorted().join(", ")}`,
  }));

const backwards = ({ name, from, to, origin }: ApplicationUpgrade): ApplicationUpgrade => ({
  name,
  from: to,
  to: from,
  origin,
});

function modulesOf(
  script: ScriptModules,
  from: ReleaseInventory,
): Pick<HotUpgrade, "loaded" | "added" | "deleted" | "migrated" | "suspended"> {
  const had = new Set(from.applications.flatMap(({ modules }) => [...modules.keys()]));
  const loaded = [...script.loaded].filter((it) => !script.removed.has(it)).sort();
  return {
    loaded: loaded.filter((it) => had.has(it)),
    added: loaded.filter((it) => !had.has(it)),
    deleted: [...script.removed].sort(),
    migrated: [...script.changed].sort(),
    suspended: [...script.touched].sort(),
  };
}

function differing(from: ReleaseInventory["consolidated"], to: ReleaseInventory["consolidated"]): readonly string[] {
  return [...new Set([...from.keys(), ...to.keys()])].filter((it) => from.get(it)?.md5 !== to.get(it)?.md5).sort();
}
