import type { AppSpec } from "../spec/app-spec.ts";
import { restart } from "./restart.ts";
import type { Runtime } from "./runtime.ts";

/** The runtime of each strategy, by the word that users type. */
export const runtimes: Readonly<Record<AppSpec["strategy"]["type"], Runtime>> = { restart };
