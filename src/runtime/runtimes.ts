import type { AppSpec, Strategy } from "../spec/app-spec.ts";
import { embedded } from "./embedded.ts";
import { hot } from "./hot.ts";
import { restart } from "./restart.ts";
import type { Runtime } from "./runtime.ts";

/** The runtime of each strategy of apps with a VM of their own, by the word that users type. */
const runtimes: Partial<Readonly<Record<Strategy["type"], Runtime>>> = { restart, hot };

/** The runtime of a spec. What has none was refused before it came to a plan. */
export function runtimeOf({ isolation, strategy }: Pick<AppSpec, "isolation" | "strategy">): Runtime {
  if (isolation === "embedded") return embedded;
  const runtime = runtimes[strategy.type];
  if (runtime === undefined) throw new Error(`nothing carries out strategy ${strategy.type}`);
  return runtime;
}
