// Why release_handler could not carry out a script between two releases (sasl, release_handler(3)).
import type { ErlangTerm } from "../spec/erlang-term.ts";
import type { ApplicationFacts, ReleaseInventory } from "./inventory.ts";
import { readInstruction } from "./read-instruction.ts";
import type { Refusal } from "./upgrade.ts";

export function scriptRefusals(
  script: readonly ErlangTerm[],
  from: ReleaseInventory,
  to: ReleaseInventory,
): readonly Refusal[] {
  const [libraries, olds] = [to, from].map(
    ({ applications }) => new Map(applications.map((it) => [it.name, it] as const)),
  );
  return script.flatMap((term) => {
    const instruction = readInstruction(term);
    if ("error" in instruction) return [];
    if (instruction.kind === "low" && instruction.name === "sync_nodes")
      return [refusal(null, null, "sync_nodes waits for nodes that are upgraded at the same moment")];
    if (instruction.kind !== "load_object_code") return [];
    const { application, version, modules } = instruction;
    const library = libraries?.get(application);
    if (library?.version !== version)
      return [
        refusal(application, null, `the script loads ${application} ${version}, which ${to.version} does not have`),
      ];
    return modules.flatMap((it) => moduleRefusals(it, library, olds?.get(application)));
  });
}

/** What is loaded must be there, and its version is read from the file of both: beam_lib:version/1 fails without attributes. */
function moduleRefusals(module: string, to: ApplicationFacts, from: ApplicationFacts | undefined): readonly Refusal[] {
  const next = to.modules.get(module);
  if (!next) return [refusal(to.name, module, `${to.name} ${to.version} has no module ${module}`)];
  const stripped = [to, from].find((it) => it?.modules.get(module)?.vsn === null);
  if (!stripped) return [];
  const text = `${module} of ${stripped.name} ${stripped.version} is stripped of its attributes; release_handler needs its vsn`;
  return [refusal(to.name, module, text)];
}

const refusal = (application: string | null, module: string | null, text: string): Refusal => ({
  application,
  module,
  text,
});
