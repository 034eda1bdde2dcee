// A VM of this machine's Erlang that evaluates the agent's own expressions, as a host's does.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseInspection } from "../../../../src/host/inspection.ts";
import { hotUpgrade } from "../../../../src/otp/hot-upgrade.ts";
import type { ReleaseInventory } from "../../../../src/otp/inventory.ts";
import type { HotUpgrade } from "../../../../src/otp/upgrade.ts";
import { formatTerm } from "../../../../src/spec/erlang-term.ts";
import { erl } from "../run-erl.ts";

/** Expressions of the agent by their names, joined as it joins them. */
export const expressions = (...names: string[]): string =>
  names
    .map((name) => readFileSync(new URL(`../../../../src/host/agent/erl/${name}.erl`, import.meta.url), "utf8"))
    .join("");

const INSPECT = `Known = [], ${expressions("made_code", "application_facts", "inspect")}`;

/** Evaluates in one VM, each in bindings of its own, as calls of erl_call are; answers with the lines that are printed. */
export function evaluated(directory: string, argv: readonly string[], steps: readonly string[]): string[] {
  const own = mkdtempSync(join(directory, "steps-"));
  const files = steps.map((text, index) => {
    const file = join(own, String(index));
    writeFileSync(file, text);
    return `"${file}"`;
  });
  const all = `spawn(fun() -> init:notify_when_started(self()) =:= started orelse receive {init, started} -> ok end,
    [case file:eval(F) of ok -> ok; Not -> io:format("~0p~n", [Not]) end || F <- [${files}]], halt() end).`;
  const quiet = ["-noinput", "-kernel", "logger_level", "critical", ...argv, "-eval", all];
  const env = { ...process.env, RELDIR: join(directory, "reldir"), HOME: directory, ERL_CRASH_DUMP_BYTES: "0" };
  return execFileSync("erl", quiet, { encoding: "utf8", env, timeout: 60_000 }).split("\n").filter(Boolean);
}

/** Boots 1.0.0 below `place` with one.config, as a release of `shop` that is known to its release_handler. */
export function shopNode(place: string, ...steps: string[]): string[] {
  const [reldir, root] = [join(place, "reldir"), join(place, "1.0.0")];
  mkdirSync(reldir, { recursive: true });
  const setup = `
    [file:del_dir_r(D) || D <- filelib:wildcard("${reldir}/*"), filelib:is_dir(D)],
    {ok, [{release, _, _, Apps}]} = file:consult("${root}/releases/1.0.0/shop.rel"),
    Lib = fun(A) -> case lists:member(A, [kernel, stdlib, sasl]) of true -> code:lib_dir(); false -> "${root}/lib" end end,
    ok = release_handler:create_RELEASES("${reldir}", "${reldir}", "${root}/releases/1.0.0/shop.rel",
      [{A, V, Lib(A)} || {A, V} <- Apps]),
    application:stop(sasl), application:start(sasl).`;
  const bound = `
    Say = fun(T) -> io:format("~0p~n", [T]) end, Name = "shop", Op = "op-1", Place = "${place}",
    Form = fun(V, Config) -> {V, "${place}/" ++ V, V, "${place}/" ++ Config ++ ".config"} end,`;
  const compiler = erl("io:put_chars(code:lib_dir(compiler, ebin))");
  const argv = ["-boot", `${root}/releases/1.0.0/start`, "-config", `${place}/one`, "-pa", compiler];
  return evaluated(place, argv, [setup, ...steps.map((it) => bound + it)]);
}

/** What a node says that runs 1.0.0. */
export function inspected(place: string, files: Record<string, ReleaseInventory>): ReleaseInventory {
  const said = parseInspection(shopNode(place, INSPECT), files["1.1.0"] as ReleaseInventory, "1.0.0");
  if (said === null || "error" in said) throw new Error(said?.error);
  // Of Erlang's own these releases have no code.
  const core = (files["1.0.0"] as ReleaseInventory).applications.slice(0, 3);
  return { ...said, applications: [...core, ...said.applications.slice(3)] };
}

/** How that becomes 1.1.0. */
export function planned(place: string, files: Record<string, ReleaseInventory>): HotUpgrade {
  const options = { appup: "auto", onLinger: "refuse" } as const;
  const answer = hotUpgrade(inspected(place, files), files["1.1.0"] as ReleaseInventory, options);
  if ("refused" in answer) throw new Error(JSON.stringify(answer.refused));
  return answer.hot;
}

/** What does that on a host, with two.config. */
export function install({ up, down, suspended, supervisors }: HotUpgrade): string {
  const scripts = `Up = ${formatTerm({ list: up })}, Down = ${formatTerm({ list: down ?? [] })}`;
  return `From = Form("1.0.0", "one"), To = Form("1.1.0", "two"), ${scripts}, Suspended = [${suspended}],
    Supervisors = [${supervisors}], Timeout = 1000,
    ${expressions("hot_processes", "release_files", "hot_words", "hot_install")}`;
}
