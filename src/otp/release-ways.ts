// The scripts between two releases: those that come with the newer one, or else what all of its applications' ways make.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { applicationPairs } from "./application-pairs.ts";
import type { ReleaseInventory } from "./inventory.ts";
import { joinedWays } from "./joined-ways.ts";
import { lintPairs } from "./lint-appup.ts";
import { moduleChanges, standInsOf } from "./module-changes.ts";
import { scriptModules } from "./script-modules.ts";
import { scriptRefusals } from "./script-refusals.ts";
import { shippedRelup } from "./shipped-relup.ts";
import type { HotOptions, Refusal, ReleaseWays } from "./upgrade.ts";

/** From an older release to a newer one, and back. */
export function releaseWays(
  from: ReleaseInventory,
  to: ReleaseInventory,
  options: HotOptions,
): ReleaseWays | { refused: readonly Refusal[] } {
  const ways = relupWays(from, to, options) ?? joinedWays(from, to, options);
  if ("refused" in ways) return ways;
  const standIns = standInsOf(from, to);
  const refused = [...scriptRefusals(ways.up, from, to), ...unloaded(ways.up, from, to, standIns)];
  if (refused.length > 0) return { refused };
  const [back] = ways.down ? [...scriptRefusals(ways.down, to, from), ...unloaded(ways.down, to, from, standIns)] : [];
  return back ? { ...ways, down: null, noWayBack: back.text } : ways;
}

/** What would go on as it was: the host would find it afterwards, and go back. */
function unloaded(
  script: readonly ErlangTerm[],
  from: ReleaseInventory,
  to: ReleaseInventory,
  standIns: ReadonlySet<string>,
): readonly Refusal[] {
  const { loaded } = scriptModules(script);
  return applicationPairs(from, to, standIns).flatMap((pair) =>
    pair.from === null || pair.to === null
      ? []
      : moduleChanges(pair.from, pair.to, standIns)
          .changed.filter(({ name }) => !loaded.has(name))
          .map(({ name }) => ({
            application: pair.to.name,
            module: name,
            text: `${name} differs, and no instruction loads it`,
          })),
  );
}

/** By the relup of the newer release; null where it has none from the older one. */
function relupWays(
  from: ReleaseInventory,
  to: ReleaseInventory,
  { onLinger }: HotOptions,
): ReleaseWays | { refused: readonly Refusal[] } | null {
  if (to.relup === null || from.version === to.version) return null;
  const relup = shippedRelup(to.relup, to.version, from.version);
  if (relup === null) return null;
  if ("error" in relup) return { refused: [{ application: null, module: null, text: relup.error }] };
  const standIns = standInsOf(from, to);
  const pairs = applicationPairs(from, to, standIns);
  const isBack = relup.down !== null && !("error" in relup.down);
  const without = relup.down && "error" in relup.down ? relup.down.error : null;
  return {
    up: relup.up,
    down: relup.down && "error" in relup.down ? null : relup.down,
    noWayBack: isBack ? null : (without ?? `the relup of ${to.version} has no way back to ${from.version}`),
    applications: pairs.map((pair) => ({
      name: (pair.to ?? pair.from).name,
      from: pair.from?.version ?? null,
      to: pair.to?.version ?? null,
      origin: pair.from && pair.to ? "relup" : null,
    })),
    supervisors: [],
    findings: lintPairs(relup.up, pairs, { from, to, standIns, onLinger }),
  };
}
