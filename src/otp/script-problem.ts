// What release_handler would stumble over in scripts that people wrote: it looks at none of this before it is half-way.
import type { Instruction } from "./instruction.ts";
import { atomIn, listIn, tupleIn } from "./term-shape.ts";

/** A sentence; null where all fits together: what is loaded was read, what is suspended is resumed, what is stopped is started. */
export function scriptProblem(before: readonly Instruction[], behind: readonly Instruction[]): string | null {
  const read = new Set(before.flatMap((it) => (it.kind === "load_object_code" ? it.modules : [])));
  const loaded = modulesOf(behind, "load");
  const [suspended, resumed] = [modulesOf(behind, "suspend"), modulesOf(behind, "resume")];
  const [stopped, started] = [modulesOf(behind, "stop"), modulesOf(behind, "start")];
  const problems: readonly (readonly [string, string | undefined])[] = [
    ["is loaded, and no load_object_code reads it", loaded.find((it) => !read.has(it))],
    ["is suspended, and not resumed", suspended.find((it) => !resumed.includes(it))],
    ["is resumed, and not suspended", resumed.find((it) => !suspended.includes(it))],
    ["is stopped, and not started", stopped.find((it) => !started.includes(it))],
    ["is started, and not stopped", started.find((it) => !stopped.includes(it))],
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
