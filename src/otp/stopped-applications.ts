// Which applications a script stops, whether they start again or not: who is connected to one is cut off.
import type { ErlangTerm } from "../spec/erlang-term.ts";
import { atomIn, listIn, tupleIn } from "./term-shape.ts";

/** Of low-level instructions: `{apply, {application, stop, [Name]}}` (sasl, appup(4)). */
export const stoppedApplications = (script: readonly ErlangTerm[]): string[] =>
  script.flatMap((instruction) => {
    const [word, call] = tupleIn(instruction) ?? [];
    const [module, name, list] = tupleIn(call ?? { list: [] }) ?? [];
    const isStop = atomIn(word) === "apply" && atomIn(module) === "application" && atomIn(name) === "stop";
    const application = isStop ? atomIn(listIn(list)?.[0]) : null;
    return application === null ? [] : [application];
  });
