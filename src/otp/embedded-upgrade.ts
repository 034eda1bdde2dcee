// Whether and how an embedded application becomes another version while it runs: as a release of what it has brought into its node.

import { hotUpgrade } from "./hot-upgrade.ts";
import type { ApplicationFacts, ReleaseInventory } from "./inventory.ts";
import { neededBy } from "./needed-applications.ts";
import { privDigests } from "./priv-digest.ts";
import { list } from "./term-shape.ts";
import type { HotOptions, HotUpgrade, Refusal } from "./upgrade.ts";

/** An embedded application, as its node tells of it. */
export type EmbeddedApplication = {
  /** Of it and what it has brought along, with the node's ERTS. */
  inventory: ReleaseInventory;
  /** All applications that run in its node. */
  runs: readonly string[];
  /** What of its own others in the node need, too. */
  shared: readonly string[];
  hasReleaseHandler: boolean;
};

/** `wanted`: what the new version brings along (see broughtInventory). */
export function embeddedUpgrade(
  { inventory: running, runs, shared, hasReleaseHandler }: EmbeddedApplication,
  wanted: ReleaseInventory,
  options: HotOptions,
): { hot: HotUpgrade } | { refused: readonly Refusal[] } {
  if (!hasReleaseHandler) return refused(["its node has no sasl, whose release_handler does it"]);
  const [own, next] = [byName(running), byName(wanted)];
  const inNode = new Set(runs);
  const isNodes = (name: string): boolean => inNode.has(name) && !own.has(name);
  const needed = new Set(
    [...neededBy(wanted.name, (name) => (isNodes(name) ? undefined : next.get(name)?.resource))].filter(
      (name) => !isNodes(name),
    ),
  );
  const changed = [
    ...[...needed].flatMap((name) => {
      if (!own.has(name)) return [`it needs ${name}, which does not run in its node`];
      return next.has(name) ? [] : [`${name} runs with it, and the release does not bring it along`];
    }),
    ...running.applications.flatMap(({ name }) => (needed.has(name) ? [] : [`it needs ${name} no more`])),
  ];
  if (changed.length > 0) return refused(changed);
  const parts = wanted.applications.filter(({ name }) => needed.has(name));
  const answer = hotUpgrade(
    onNode(running, running.applications),
    onNode({ ...wanted, erts: running.erts }, parts),
    options,
  );
  if ("refused" in answer) return answer;
  const theirs = new Set(shared);
  const others = answer.hot.applications.filter(({ name }) => theirs.has(name) && name !== wanted.name);
  return others.length === 0 ? answer : refused(others.map(({ name }) => `${name} is needed by others in its node`));
}

const byName = ({ applications }: ReleaseInventory): ReadonlyMap<string, ApplicationFacts> =>
  new Map(applications.map((it) => [it.name, it]));

const refused = (texts: readonly string[]): { refused: readonly Refusal[] } => ({
  refused: texts.map((text) => ({ application: null, module: null, text })),
});

/** What release_handler stands on is the node's, and the same before and afterwards. */
function onNode(inventory: ReleaseInventory, applications: readonly ApplicationFacts[]): ReleaseInventory {
  const hasIt = applications.some(({ name }) => name === "sasl");
  return { ...inventory, applications: hasIt ? applications : [NODES_SASL, ...applications] };
}

const NODES_SASL: ApplicationFacts = {
  name: "sasl",
  version: "",
  startType: "permanent",
  resource: list([]),
  modules: new Map(),
  ...privDigests([]),
};
