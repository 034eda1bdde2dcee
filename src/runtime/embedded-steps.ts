// The steps by which an embedded application becomes another version while it runs.
import type { Present, Target } from "./runtime.ts";
import type { HotScript } from "./steps.ts";
import { ranBefore, versionBefore } from "./steps.ts";
import type { OldCode, Unnumbered } from "./transaction.ts";

/** Undone by becoming what it was, or by a stop and a start of that, and proving it healthy. */
export function embedHot(
  { release, config }: Target,
  from: Present,
  node: string,
  { down, replacedTwice: _, ...script }: HotScript,
): Unnumbered {
  const was = ranBefore(from);
  const { health: check } = from.recorded.spec;
  const { suspended, supervisors } = script;
  const back = { down, suspended, supervisors, timeoutMs: check.start_timeout };
  return {
    action: { verb: "embed_hot", release: release.directory, config, from: was, node, ...script },
    undo: {
      kind: "act",
      actions: [
        { verb: "unembed_hot", ...was, left: release.directory, node, ...back },
        { verb: "health", release: was.release, version: versionBefore(was.release, from), check, node },
      ],
    },
  };
}

/** After the gate. Nothing where no code was replaced. */
export function purge(node: string, { oldCode, lingerTimeoutMs, onLinger }: OldCode): Unnumbered[] {
  if (oldCode.length === 0) return [];
  return [
    {
      action: { verb: "purge", node, oldCode, lingerTimeoutMs, onLinger },
      undo: { kind: "nothing-to-undo", because: "what it ends runs code that no version wants" },
    },
  ];
}
