import { didYouMean } from "../core/did-you-mean.ts";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { HostSelector } from "./app-spec.ts";
import type { SpecDocument } from "./document.ts";
import type { Host } from "./host.ts";
import type { SourcedSpec } from "./parse-app.ts";

/** Whether a selector takes a host: no selector takes every one, labels must all match. */
export function selects(selector: HostSelector, host: Pick<Host, "name" | "labels">): boolean {
  if (selector === null) return true;
  if ("names" in selector) return selector.names.includes(host.name);
  return Object.entries(selector.labels).every(([label, value]) => host.labels[label] === value);
}

/** Names in the list at a path that no host bears. */
export function unknownHosts(
  document: SpecDocument,
  path: readonly string[],
  names: readonly string[],
  hosts: readonly Host[],
): Problem[] {
  const known = hosts.map((host) => host.name);
  return names.flatMap((name, index) =>
    known.includes(name)
      ? []
      : [problem("unknown_host", document.at([...path, index]), { host: name, suggestion: didYouMean(name, known) })],
  );
}

/** Names that no host bears, and label sets that no host of the environment matches, at the spec's line. */
export function hostSelectionProblems({ spec, document }: SourcedSpec, hosts: readonly Host[]): Problem[] {
  const selector = spec.hosts;
  if (selector !== null && "names" in selector) return unknownHosts(document, ["hosts"], selector.names, hosts);
  if (hosts.some((host) => selects(selector, host))) return [];
  const words = Object.entries(selector?.labels ?? {}).map(([label, value]) => `${label}=${value}`);
  return [
    problem("no_host_matches", document.at(["hosts"]), { app: spec.name, selector: words.join(", ") || "every host" }),
  ];
}
