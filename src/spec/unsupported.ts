// What the spec language has and this version does not carry out yet. It is refused at its line, never ignored.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { AppFields } from "./app-spec.ts";
import type { Path, SpecDocument } from "./document.ts";

export function unsupportedFields(document: SpecDocument, fields: AppFields): Problem[] {
  const problems: Problem[] = [];
  const refuse = (path: Path, what: string, instead: string): void => {
    problems.push(problem("not_supported", document.at(path), { what, instead }));
  };

  const type = fields.source?.type ?? "hex";
  if (type !== "release") {
    const instead =
      type === "mesh"
        ? "Beamline has no mesh; publish the release and use source.type release."
        : "Build a release tarball, publish it, and use source: {type: release, url: …, sha256: …}.";
    problems.push(problem("unsupported_source", document.at(["source", "type"]), { type, instead }));
  } else if (fields.source?.url === undefined) {
    problems.push(problem("missing_field", document.at(["source"]), { field: "source.url" }));
  }
  if (fields.source?.ref !== undefined && type === "release")
    refuse(["source", "ref"], "source.ref with source.type release", "Remove it; url and version name the release.");
  if (fields.isolation === "embedded")
    refuse(["isolation"], "isolation: embedded", "Use isolation: vm with a release.");
  if (fields.vm_config?.node_prefix !== undefined)
    refuse(
      ["vm_config", "node_prefix"],
      "vm_config.node_prefix",
      "Remove it; a release names its own node, in its vm.args.",
    );

  const strategy = typeof fields.strategy === "object" ? fields.strategy.type : fields.strategy;
  if (strategy !== undefined && strategy !== "restart")
    refuse(["strategy"], `strategy ${strategy}`, "Use strategy: restart.");
  else if (typeof fields.strategy === "object")
    for (const option of Object.keys(fields.strategy).filter((key) => key !== "type"))
      refuse(["strategy", option], `strategy.${option}`, "Remove it; restart has no options.");
  if (fields.health?.type === "custom") refuse(["health", "type"], "health.type custom", "Use http, tcp or none.");
  for (const field of ["module", "command", "successes", "failures"] as const)
    if (fields.health?.[field] !== undefined)
      refuse(
        ["health", field],
        `health.${field}`,
        "Remove it; the first healthy answer that holds for min_healthy_time counts.",
      );
  for (const field of ["canary", "batch", "pause"] as const)
    if (fields.rollout?.[field] !== undefined)
      refuse(
        ["rollout", field],
        `rollout.${field}`,
        "Remove it; all hosts of an app are changed at once, up to the input concurrency.",
      );
  return problems;
}
