// What runs a module: whether processes keep its state, by its behaviours or, where it names none, by its callbacks.
import type { ModuleFacts } from "./inventory.ts";

/** `stateful`: the callback module of a process, or the module of a special process (sys(3)). */
export type ModuleRole = "supervisor" | "stateful" | "plain";

const SUPERVISORS = ["supervisor", "Elixir.Supervisor", "Elixir.DynamicSupervisor"];
const SERVERS = [
  "gen_server",
  "gen_statem",
  "gen_event",
  "gen_fsm",
  "Elixir.GenServer",
  "Elixir.GenEvent",
  "Elixir.GenStage",
];

export function moduleRole({ behaviours, exports, calls }: ModuleFacts): ModuleRole {
  if (behaviours.some((it) => SUPERVISORS.includes(it))) return "supervisor";
  if (behaviours.some((it) => SERVERS.includes(it))) return "stateful";
  const has = (...names: string[]): boolean => names.every((it) => exports.includes(it));
  if (has("init/1", "handle_call/3") || has("init/1", "callback_mode/0") || has("init/1", "handle_event/2"))
    return "stateful";
  if (has("system_code_change/4")) return "stateful";
  return has("init/1") && calls.some((it) => SUPERVISORS.includes(it)) ? "supervisor" : "plain";
}

const CODE_CHANGE = ["code_change/3", "code_change/4", "system_code_change/4"];

/** Whether its processes can be told to change their state. */
export const canChangeCode = ({ exports }: ModuleFacts): boolean => exports.some((it) => CODE_CHANGE.includes(it));

const KEEPERS = ["ets", "persistent_term", "Elixir.Agent"];

/** Whether something outlives its calls: a process' state, or what lies in a table. */
export const keepsState = (module: ModuleFacts): boolean =>
  moduleRole(module) === "stateful" || module.calls.some((it) => KEEPERS.includes(it));
