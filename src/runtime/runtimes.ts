import type { AppSpec, Strategy } from "../spec/app-spec.ts";
import { hot } from "./hot.ts";
import { restart } from "./restart.ts";
import type { Runtime } from "./runtime.ts";

/** The runtime of each strategy, by the word that users type. */
const runtimes: Partial<Readonly<Record<Strategy["type"], Runtime>>> = { restart, hot };

/** The runtime of a strategy. What has none was refused before it came to a plan. */
export function runtimeOf({ strategy }: AppSpec): Runtime {
  const runtime = runtimes[strategy.type];
  if (runtime === undefined) throw new Error(`nothing carries out strategy ${strategy.type}`);
  return runtime;
}
