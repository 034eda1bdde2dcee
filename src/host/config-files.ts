import type { AppSpec } from "../spec/app-spec.ts";
import { formatTerm } from "../spec/erlang-term.ts";
import { encodeWord } from "./transfer-alphabet.ts";

/**
 * The files of an app's configuration directory: env.config, an Erlang configuration file (config(4)); os_env, a line
 * `NAME VALUE` a variable; vm_args, a line an argument of the VM, both in the transfer alphabet. os_env holds secrets in
 * clear text.
 */
export function configFiles(spec: AppSpec, secrets: ReadonlyMap<string, string>): Map<string, string> {
  const pairs = Object.entries(spec.env).map(([key, term]) => `${formatTerm({ atom: key })},${formatTerm(term)}`);
  const env = `[{${formatTerm({ atom: spec.name })},[${pairs.map((pair) => `{${pair}}`).join(",\n  ")}]}].\n`;
  const osEnv = Object.entries(spec.os_env).map(([name, value]) => {
    const text = "secret" in value ? secrets.get(value.secret) : value.value;
    if (text === undefined) throw new Error(`secret ${"secret" in value ? value.secret : name} was not checked before`);
    return `${name} ${encodeWord(text)}\n`;
  });
  return new Map([
    ["env.config", env],
    ["os_env", osEnv.join("")],
    [
      "vm_args",
      vmArguments(spec)
        .map((argument) => `${encodeWord(argument)}\n`)
        .join(""),
    ],
  ]);
}

/** The spec's own come last: they win over what the limits came to. */
function vmArguments({ vm_config: { scheduler_limit: limit, extra_args = [] } = {} }: AppSpec): string[] {
  return [...(limit === undefined ? [] : ["+S", `${limit}:${limit}`]), ...extra_args];
}
