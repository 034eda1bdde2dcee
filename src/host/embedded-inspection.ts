// The answer to `inspect_embedded`: see src/host/agent/erl/inspect_embedded.erl, the other side.
import type { EmbeddedApplication } from "../otp/embedded-upgrade.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import { parseInspection } from "./inspection.ts";

/** As parseInspection. Null where it is not in its node. */
export function parseEmbedded(
  lines: readonly string[],
  other: ReleaseInventory,
  version: string,
): EmbeddedApplication | { error: string } | null {
  const said = lines.map((line) => line.split(" "));
  const named = (word: string): string[] => said.flatMap(([first, name = ""]) => (first === word ? [name] : []));
  const versions = new Map(
    said.flatMap(([word, name = "", its = ""]) => (word === "application" ? [[name, its]] : [])),
  );
  const applicationIn = new Map(said.flatMap(([word, name = "", its = ""]) => (word === "lies" ? [[its, name]] : [])));
  // An application's directory may have any name, and one that is alone in its tarball has none.
  const placed = lines.map((line) =>
    line.replace(/^(priv [^\t]*\t\.\/)(?:lib\/([^/]+)\/)?(?=priv\/)/, (_, begin: string, directory?: string) => {
      const name = directory === undefined ? other.name : (applicationIn.get(directory) ?? "");
      return `${begin}lib/${name}-${versions.get(name)}/`;
    }),
  );
  const inventory = parseInspection(placed, other, version);
  if (inventory === null || "error" in inventory) return inventory;
  return {
    inventory,
    runs: named("runs"),
    shared: named("shared"),
    hasReleaseHandler: !named("lacks").includes("sasl"),
  };
}
