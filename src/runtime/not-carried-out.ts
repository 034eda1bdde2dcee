// What the spec language has and this version does not carry out yet. It is refused at its line, never ignored.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { Path } from "../spec/document.ts";
import type { SourcedSpec } from "../spec/parse-app.ts";

export function notCarriedOut({ spec, document }: SourcedSpec): Problem[] {
  const problems: Problem[] = [];
  const refuse = (path: Path, what: string, instead: string): void => {
    problems.push(problem("not_supported", document.at(path), { what, instead }));
  };
  const { source, vm_config, strategy, health, rollout } = spec;

  if (source.type !== "release") {
    const instead = "Build a release tarball, publish it, and use source: {type: release, url: …, sha256: …}.";
    problems.push(problem("unsupported_source", document.at(["source", "type"]), { type: source.type, instead }));
  } else if (/^(github-release|artifact):/.test(source.url))
    refuse(["source", "url"], `source.url ${source.url.split(":")[0]}:`, "Use an https: or a file: url.");
  if (vm_config?.node_prefix !== undefined)
    refuse(
      ["vm_config", "node_prefix"],
      "vm_config.node_prefix",
      "Remove it; a release names its own node, in its vm.args.",
    );

  if (strategy.type !== "restart" && strategy.type !== "hot")
    refuse(["strategy"], `strategy ${strategy.type}`, "Use strategy: restart or hot.");
  if (health.type === "custom") refuse(["health", "type"], "health.type custom", "Use http, tcp or none.");
  else
    for (const field of ["module", "command", "successes", "failures"] as const)
      if (health[field] !== undefined)
        refuse(
          ["health", field],
          `health.${field}`,
          "Remove it; the first healthy answer that holds for min_healthy_time counts.",
        );
  for (const field of ["canary", "batch", "pause"] as const)
    if (rollout[field] !== undefined)
      refuse(
        ["rollout", field],
        `rollout.${field}`,
        "Remove it; all hosts of an app are changed at once, up to the input concurrency.",
      );
  return problems;
}
