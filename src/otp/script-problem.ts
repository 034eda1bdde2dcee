// What release_handler would stumble over in scripts that people wrote: it looks at none of this before it is half-way.
import type { Instruction } from "./instruction.ts";
import { atomIn, listIn, tupleIn } from "./term-shape.ts";

/** A sentence; null where all fits together: what is loaded was read, what is suspended is resumed, what is stopped is started. */
export function scriptProblem(before: readonly Instruction[], behind: readonly Instruction[]): string | null {
  const read = new Set(before.flatMap((it) => (it.kind === "load_object_code" ? it.modules : [])));
  const missing = (name: string, other: ReadonlySet<string>): string | undefined =>
    modulesOf(behind, name).find((it) => !other.has(it));
  const all = (name: string): ReadonlySet<string> => new Set(modulesOf(behind, name));
  const problems: readonly (readonly [string, string | undefined])[] = [
    ["is loaded, and no load_object_code reads it", missing("load", read)],
    ["is suspended, and not resumed", missing("suspend", all("resume"))],
    ["is resumed, and not suspended", missing("resume", all("suspend"))],
    ["is stopped, and not started", missing("stop", all("start"))],
    ["is started, and not stopped", missing("start", all("stop"))],
  ];
  const found = problems.find(([, module]) => module !== undefined);
  return found ? `${found[1]} ${found[0]}` : null;
}

/** The modules that low-level instructions of one name are about. */
function modulesOf(script: readonly Instruction[], name: string): string[] {
  return script.flatMap((it) => {
    if (it.kind !== "low" || it.name !== name) return [];
    const [, subject] = tupleIn(it.term) ?? [];
    const modules = name === "load" ? [tupleIn(subject)?.[0]] : listIn(subject);
    return (modules ?? []).flatMap((module) => atomIn(module) ?? atomIn(tupleIn(module)?.[0]) ?? []);
  });
}
