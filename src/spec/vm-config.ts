// vm_config: what an app's VM may take, and emulator arguments of the spec's own. They reach the VM in ERL_FLAGS, which erlexec
// splits at white space and reads quotes and backslashes in: an argument has none of these, so that it arrives as it is written.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { AppFields } from "./app-fields.ts";
import type { VmConfig } from "./app-spec.ts";
import { defined } from "./defined.ts";
import type { Path, SpecDocument } from "./document.ts";
import { Tagged } from "./document.ts";
import { shown } from "./field-problems.ts";

const ARGUMENTS = ["vm_config", "extra_args"] as const;

/** Visible ASCII without `"`, `'` and `\`. */
const PLAIN = /^[!#-&(-[\]-~]+$/;

/** Flags that somebody else decides (erl(1), init(3), erlexec.c), and where they belong. */
const DECIDED: readonly (readonly [flags: string, instead: string])[] = [
  [
    "name sname setcookie nocookie remsh",
    "Remove it; a release names its own node and cookie, in its vm.args, and Beamline asks it by these.",
  ],
  [
    "proto_dist no_epmd start_epmd epmd epmd_module erl_epmd_port dist_listen",
    "Put it into the release's vm.args, which Beamline looks at before it starts the VM.",
  ],
  [
    "boot boot_var mode loader root bindir home progname path pa pz emu_type emu_flavor",
    "Remove it; what is booted, and from where, is the release's.",
  ],
  ["config configfd args_file", "Remove it; settings come from env, and arguments one by one."],
  ["env", "Use os_env."],
  ["s S run eval", "Remove it; what runs at the start is the release's."],
  [
    "extra - detached heart version make man compile emu_args emu_args_exit emu_name_exit emu_qouted_cmd_exit",
    "Remove it; the VM must run on as the process that was started, with all of its arguments.",
  ],
];

/** +S, +S2:2, +SP and +SP50: what sets the number of schedulers. +SDcpu and +SDio set others. */
const SETS_SCHEDULERS = /^\+S(P|[0-9:]|$)/;

export function vmConfigProblems(document: SpecDocument, { name, vm_config }: AppFields): Problem[] {
  if (vm_config === undefined) return [];
  const { extra_args = [], scheduler_limit } = vm_config;
  return extra_args.flatMap((value, index): Problem[] => {
    const path = [...ARGUMENTS, index];
    const argument = argumentOf(document, path, value);
    const refuse = (expected: string): Problem[] => [
      problem("invalid_value", document.at(path), {
        field: path.join("."),
        expected,
        got: shown(value, document.numeral(path)),
      }),
    ];
    if (argument === undefined) return refuse("text or a number");
    if (!PLAIN.test(argument)) return refuse("visible ASCII without quotes and backslashes, one argument each");
    if (index === 0 && !/^[+-]/.test(argument)) return refuse("an argument that begins with + or -");
    if (scheduler_limit !== undefined && SETS_SCHEDULERS.test(argument))
      return refuse("another flag where vm_config.scheduler_limit is given");
    const instead = insteadOf(argument, name);
    if (instead === undefined) return [];
    return [problem("not_supported", document.at(path), { what: `${argument} in vm_config.extra_args`, instead })];
  });
}

/** Where to put a flag that is not the spec's to give; undefined for all others. `-NAME KEY VALUE` would win over env. */
function insteadOf(argument: string, app: string): string | undefined {
  if (argument === `-${app}`) return "Use env.";
  return DECIDED.find(([flags]) => argument.startsWith("-") && flags.split(" ").includes(argument.slice(1)))?.[1];
}

/** Numbers arrive as they are written. */
function argumentOf(document: SpecDocument, path: Path, value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const isNumber = ["number", "bigint"].includes(typeof value) || (value instanceof Tagged && value.tag === "float");
  return isNumber ? document.numeral(path) : undefined;
}

/** What is asked for; undefined where that is nothing, so that an empty vm_config is none. */
export function vmConfigOf(document: SpecDocument, { vm_config = {} }: AppFields): VmConfig | undefined {
  const { memory_limit, scheduler_limit, node_prefix, extra_args = [] } = vm_config;
  const written = extra_args.map((value, index) => argumentOf(document, [...ARGUMENTS, index], value) ?? "");
  const limits: VmConfig = {
    ...defined({ memory_limit, scheduler_limit, node_prefix }),
    ...(written.length === 0 ? {} : { extra_args: written }),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}
