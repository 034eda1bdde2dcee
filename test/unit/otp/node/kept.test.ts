// What an application set and compiled while it ran, against the agent's own expressions on a node of this machine's Erlang.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseInspection } from "../../../../src/host/inspection.ts";
import { hotUpgrade } from "../../../../src/otp/hot-upgrade.ts";
import type { ReleaseInventory } from "../../../../src/otp/inventory.ts";
import type { HotUpgrade } from "../../../../src/otp/upgrade.ts";
import { formatTerm } from "../../../../src/spec/erlang-term.ts";
import { erl } from "../run-erl.ts";
import { buildReleases, type Sources } from "./releases.ts";

const expressions = (...names: string[]): string =>
  names
    .map((name) => readFileSync(new URL(`../../../../src/host/agent/erl/${name}.erl`, import.meta.url), "utf8"))
    .join("");

/** Compiles `shop_limits` and sets what no file can hold, as it starts. */
const APP = `
  -behaviour(application). -behaviour(supervisor). -export([start/2, stop/1, init/1, config_change/3]).
  start(_, _) ->
    {ok, M, Beam} = compile:forms([{attribute, 1, module, shop_limits}, {attribute, 1, export, [{most, 0}]},
      {function, 1, most, 0, [{clause, 1, [], [], [{integer, 1, 1000}]}]}]),
    {module, M} = code:load_binary(M, "compiled by shop", Beam),
    application:set_env(shop, found, yes),
    application:set_env(shop, ssl, [{verify, verify_peer}, #{deep => {self(), fun(X) -> X end}}, {url, "db"}]),
    supervisor:start_link({local, shop_app}, ?MODULE, []).
  stop(_) -> ok.
  config_change(Changed, New, Removed) -> persistent_term:put(told, {Changed, New, Removed}), ok.
  init([]) -> {ok, {#{}, []}}.`;

const sources = (version: string, most: string): Sources => ({
  shop: {
    version,
    mod: "shop_app",
    modules: {
      shop_app: APP,
      shop_limits: `-export([most/0]). most() -> ${most}.`,
      shop_words: `-export([all/0]). all() -> "${version}".`,
    },
  },
});

let place = "";
let compilerDirectory = "";
let inventories: Record<string, ReleaseInventory> = {};
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "kept-"));
  inventories = buildReleases(place, { "1.0.0": sources("1.0.0", "none"), "1.1.0": sources("1.1.0", "many") });
  compilerDirectory = erl("io:put_chars(code:lib_dir(compiler, ebin))");
  for (const [name, env] of Object.entries({ one: "{greeting, hello}, {old, 1}", two: "{greeting, bye}, {found, no}" }))
    writeFileSync(join(place, `${name}.config`), `[{shop, [${env}]}].`);
});
afterAll(() => rmSync(place, { recursive: true }));

const hot = (): HotUpgrade => {
  const planned = hotUpgrade(running(node(INSPECT)), inventories["1.1.0"] as ReleaseInventory, OPTIONS);
  if ("refused" in planned) throw new Error(JSON.stringify(planned.refused));
  return planned.hot;
};

const OPTIONS = { appup: "auto", onLinger: "refuse" } as const;

const running = (lines: readonly string[]): ReleaseInventory => {
  const said = parseInspection(lines, inventories["1.1.0"] as ReleaseInventory, "1.0.0");
  if (said === null || "error" in said) throw new Error(said?.error);
  // Of Erlang's own these releases have no code.
  const files = (inventories["1.0.0"] as ReleaseInventory).applications.slice(0, 3);
  return { ...said, applications: [...files, ...said.applications.slice(3)] };
};

const INSPECT = `Known = [], ${expressions("made_code", "application_facts", "inspect")}`;
const HOT = ["hot_processes", "release_files", "hot_words"];

let runs = 0;

/** Boots 1.0.0 with one.config and evaluates; each expression has bindings of its own, as one of erl_call has. */
function node(...steps: string[]): string[] {
  runs += 1;
  const [reldir, root] = [join(place, `reldir-${runs}`), join(place, "1.0.0")];
  mkdirSync(reldir);
  const setup = `
    {ok, [{release, _, _, Apps}]} = file:consult("${root}/releases/1.0.0/shop.rel"),
    Lib = fun(A) -> case lists:member(A, [kernel, stdlib, sasl]) of true -> code:lib_dir(); false -> "${root}/lib" end end,
    ok = release_handler:create_RELEASES("${reldir}", "${reldir}", "${root}/releases/1.0.0/shop.rel",
      [{A, V, Lib(A)} || {A, V} <- Apps]),
    application:stop(sasl), application:start(sasl).`;
  const bound = `
    Say = fun(T) -> io:format("~0p~n", [T]) end, Name = "shop", Op = "op-1", Place = "${place}",
    Form = fun(V, Config) -> {V, "${place}/" ++ V, V, "${place}/" ++ Config ++ ".config"} end,`;
  const files = [setup, ...steps.map((it) => bound + it)].map((text, index) => {
    const file = join(reldir, `step-${index}`);
    writeFileSync(file, text);
    return `"${file}"`;
  });
  const all = `spawn(fun() -> init:notify_when_started(self()) =:= started orelse receive {init, started} -> ok end,
    [case file:eval(F) of ok -> ok; Not -> io:format("~0p~n", [Not]) end || F <- [${files}]], halt() end).`;
  const boot = [
    "-noinput",
    "-boot",
    `${root}/releases/1.0.0/start`,
    "-config",
    `${place}/one`,
    "-pa",
    compilerDirectory,
  ];
  const argv = [...boot, "-kernel", "logger_level", "critical", "-eval", all];
  const env = { ...process.env, RELDIR: reldir, HOME: place, ERL_CRASH_DUMP_BYTES: "0" };
  return execFileSync("erl", argv, { encoding: "utf8", env, timeout: 20_000 }).split("\n").filter(Boolean);
}

const install = (): string => {
  const { up, down } = hot();
  const scripts = `Up = ${formatTerm({ list: up })}, Down = ${formatTerm({ list: down ?? [] })}`;
  return `From = Form("1.0.0", "one"), To = Form("1.1.0", "two"), ${scripts}, Suspended = [], Supervisors = [], Timeout = 1000,
    ${expressions(...HOT, "hot_install")}`;
};

const ENV = `Say(lists:sort([{K, V} || {K, V} <- application:get_all_env(shop), K =/= ssl])).`;
const SSL = `case application:get_env(shop, ssl) of
  {ok, [{verify, verify_peer}, #{deep := {Pid, Fun}}, {url, "db"}]} -> Say({is_pid(Pid), Fun(7)});
  Other -> Say(Other) end.`;

describe("an application that compiles and configures itself", () => {
  test("has made a module, which a plan names and leaves alone", () => {
    const inventory = running(node(INSPECT));
    expect(inventory.made).toEqual(new Map([["shop", ["shop_limits"]]]));
    const files = inventories["1.0.0"] as ReleaseInventory;
    const md5 = (it: ReleaseInventory) =>
      it.applications.find(({ name }) => name === "shop")?.modules.get("shop_limits")?.md5;
    expect(md5(inventory)).toBe(md5(files));
    const { loaded, findings } = hot();
    expect(loaded).toEqual(["shop_words"]);
    expect(findings.map(({ text }) => text)).toEqual([
      "shop compiled code while it ran, which stays as it is: shop_limits",
    ]);
  });

  test("keeps it in an upgrade, and it is no drift", () => {
    const loaded = (version: string) =>
      `Root = "${place}/${version}", Version = "${version}", ${expressions("made_code", "loaded")}`;
    const code = "Say([shop_limits:most(), shop_words:all()]).";
    const said = node(code, loaded("1.0.0"), install(), code, loaded("1.1.0"));
    expect(said).toEqual(['[1000,"1.0.0"]', "end", expect.stringMatching(/^installed \d+$/), '[1000,"1.1.0"]', "end"]);
  });

  test("keeps what it has set but for what the spec changes, of terms that no file holds, too", () => {
    const said = node(
      ENV,
      SSL,
      install(),
      ENV,
      SSL,
      "{C, N, R} = persistent_term:get(told), Say({lists:sort(C), N, R}).",
    );
    expect(said).toEqual([
      "[{found,yes},{greeting,hello},{old,1}]",
      "{true,7}",
      expect.stringMatching(/^installed \d+$/),
      "[{found,no},{greeting,bye}]",
      "{true,7}",
      "{[{found,no},{greeting,bye}],[],[old]}",
    ]);
  });

  test("keeps it where only the spec's env changes, and on the way back", () => {
    const change = `From = Form("1.0.0", "one"), To = Form("1.0.0", "two"), ${expressions(...HOT, "hot_config")}`;
    const back = `To = Form("1.0.0", "one"), Left = "1.0.0", Supervisors = [], IsBetween = false, Timeout = 1000,
      ${expressions(...HOT, "hot_back")}`;
    const said = node(change, ENV, SSL, back, ENV, SSL);
    expect(said).toEqual([
      "reconfigured",
      "[{found,no},{greeting,bye}]",
      "{true,7}",
      "back",
      "[{found,yes},{greeting,hello},{old,1}]",
      "{true,7}",
    ]);
  });
});
