// Three releases of a shop's counter, built by the Erlang of this machine: each in a directory of its own, as hosts have them.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ReleaseInventory } from "../../../../src/otp/inventory.ts";
import { inventoryOf } from "../../../../src/otp/inventory-of.ts";
import { erl } from "../run-erl.ts";

export type Sources = Record<
  string,
  { version: string; modules: Record<string, string>; appup?: string; mod?: string; priv?: string }
>;

const server = (state: string, body: string): string => `
  -behaviour(gen_server).
  -export([start_link/0, init/1, handle_call/3, handle_cast/2, code_change/3]).
  -record(state, {${state}}).
  start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).
  init([]) -> {ok, #state{}}.
  handle_cast(_, State) -> {noreply, State}.
  ${body}`;

const supervisor = (shutdown: number): string => `
  -behaviour(supervisor).
  -export([init/1]).
  init([]) ->
    {ok, {#{}, [
      #{id => counter_server, start => {counter_server, start_link, []}, shutdown => ${shutdown}},
      #{id => teller, start => {teller, start_link, []}}]}}.`;

const COUNTER_APP = `
  -behaviour(application).
  -export([start/2, stop/1]).
  start(_, _) -> supervisor:start_link({local, counter_sup}, counter_sup, []).
  stop(_) -> ok.`;

/** Its loop calls nothing from outside, so it stays in the code that it was started with. */
const math = (more: string): string => `
  -export([linger/0]).
  ${more}
  linger() -> receive stop -> ok; _ -> linger() end.`;

/** No code_change. */
const teller = (word: string): string => `
  -behaviour(gen_server).
  -export([start_link/0, init/1, handle_call/3, handle_cast/2]).
  start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).
  init([]) -> {ok, 0}.
  handle_cast(_, State) -> {noreply, State}.
  handle_call(_, _, Told) -> {reply, {${word}, Told + 1}, Told + 1}.`;

export const RELEASES: Record<"1.0.0" | "1.1.0" | "1.2.0", Sources> = {
  "1.0.0": {
    counter: {
      version: "1.0.0",
      mod: "counter_app",
      modules: {
        counter_app: COUNTER_APP,
        counter_sup: supervisor(1000),
        counter_server: server(
          "count = 0",
          `handle_call(_, _, #state{count = N} = State) -> {reply, {old, N}, State#state{count = N + 1}}.
           code_change(_, State, _) -> {ok, State}.`,
        ),
        counter_math: math(""),
        counter_gone: "-export([here/0]). here() -> true.",
        teller: teller("one"),
      },
    },
    words: { version: "0.9", modules: { words: "-export([all/0]). all() -> [one]." } },
    went: { version: "1", modules: { went: "-export([here/0]). here() -> true." } },
  },
  "1.1.0": {
    counter: {
      version: "1.1.0",
      mod: "counter_app",
      modules: {
        counter_app: COUNTER_APP,
        counter_sup: supervisor(2000),
        counter_server: server(
          "count = 0, step = 2",
          `handle_call(_, _, #state{count = N, step = S} = State) ->
             {reply, {new, N, counter_added:here()}, State#state{count = counter_math:add(N, S)}}.
           code_change({down, _}, {state, N, _}, []) -> {ok, {state, N}};
           code_change(_, {state, N}, []) -> {ok, {state, N, 10}}.`,
        ),
        counter_math: math("-export([add/2]). add(A, B) -> A + B."),
        counter_added: "-export([here/0]). here() -> true.",
        teller: teller("two"),
      },
    },
    words: { version: "0.9", modules: { words: "-export([all/0]). all() -> [one, two]." } },
    came: {
      version: "3",
      mod: "came",
      modules: {
        came: `
      -behaviour(application). -behaviour(supervisor). -export([start/2, stop/1, init/1, here/0]).
      start(_, _) -> supervisor:start_link({local, came}, came, []). stop(_) -> ok. init([]) -> {ok, {#{}, []}}.
      here() -> is_pid(whereis(came)).`,
      },
    },
  },
  "1.2.0": {
    counter: {
      version: "1.2.0",
      mod: "counter_app",
      appup: `{"1.2.0", [{<<"1\\\\.1\\\\.[0-9]+">>, [{load_module, counter_math}, {apply, {persistent_term, put, [told, up]}}]}], []}.`,
      modules: {
        counter_app: COUNTER_APP,
        counter_sup: supervisor(2000),
        counter_server: server(
          "count = 0, step = 2",
          `handle_call(_, _, #state{count = N, step = S} = State) ->
             {reply, {new, N, counter_added:here()}, State#state{count = counter_math:add(N, S)}}.
           code_change({down, _}, {state, N, _}, []) -> {ok, {state, N}};
           code_change(_, {state, N}, []) -> {ok, {state, N, 10}}.`,
        ),
        counter_math: math("-export([add/2]). add(A, B) -> A + B + 100."),
        counter_added: "-export([here/0]). here() -> true.",
        teller: teller("two"),
      },
    },
    words: { version: "0.9", priv: "one\ntwo\n", modules: { words: "-export([all/0]). all() -> [one, two]." } },
    came: {
      version: "3",
      mod: "came",
      modules: {
        came: `
      -behaviour(application). -behaviour(supervisor). -export([start/2, stop/1, init/1, here/0]).
      start(_, _) -> supervisor:start_link({local, came}, came, []). stop(_) -> ok. init([]) -> {ok, {#{}, []}}.
      here() -> is_pid(whereis(came)).`,
      },
    },
  },
};

/** Builds each release below DIRECTORY/VERSION, for a plain `erl -boot DIRECTORY/VERSION/releases/VERSION/start`. */
export function buildReleases(
  directory: string,
  releases: Readonly<Record<string, Sources>>,
): Record<string, ReleaseInventory> {
  for (const [version, sources] of Object.entries(releases)) writeSources(join(directory, version), version, sources);
  erl(
    `[begin
        Root = "${directory}/" ++ V,
        Rel = Root ++ "/releases/" ++ V ++ "/shop",
        Base = [{A, element(2, {application:load(A), element(2, application:get_key(A, vsn))})} || A <- [kernel, stdlib, sasl]],
        Erts = erlang:system_info(version),
        [begin {ok, _} = compile:file(F, [debug_info, {outdir, filename:dirname(F)}]), ok = file:delete(F) end
         || F <- filelib:wildcard(Root ++ "/lib/*/ebin/*.erl")],
        {ok, [{release, Name, _, Apps}]} = file:consult(Rel ++ ".rel"),
        ok = file:write_file(Rel ++ ".rel", io_lib:format("~p.~n", [{release, Name, {erts, Erts}, Base ++ Apps}])),
        ok = file:write_file(Root ++ "/releases/start_erl.data", Erts ++ " " ++ V),
        {ok, _, _} = systools:make_script(Rel, [silent, local, {path, [Root ++ "/lib/*/ebin"]}, {outdir, filename:dirname(Rel)}]),
        ok = file:rename(Rel ++ ".boot", filename:dirname(Rel) ++ "/start.boot"),
        [begin
           App = atom_to_list(A) ++ ".app",
           To = filename:join([Root, "lib", atom_to_list(A) ++ "-" ++ AV, "ebin", App]),
           ok = filelib:ensure_dir(To),
           {ok, _} = file:copy(filename:join(code:lib_dir(A, ebin), App), To)
         end || {A, AV} <- Base]
      end || V <- [${Object.keys(releases).map((it) => `"${it}"`)}]]`,
  );
  return Object.fromEntries(Object.keys(releases).map((version) => [version, inventoryAt(join(directory, version))]));
}

function writeSources(root: string, version: string, sources: Sources): void {
  for (const [name, { version: own, modules, mod, appup, priv }] of Object.entries(sources)) {
    const ebin = join(root, `lib/${name}-${own}/ebin`);
    mkdirSync(ebin, { recursive: true });
    const keys = `{vsn, "${own}"}, {description, ""}, {registered, []}, {modules, [${Object.keys(modules)}]}, {applications, [kernel, stdlib]}`;
    writeFileSync(join(ebin, `${name}.app`), `{application, ${name}, [${keys}${mod ? `, {mod, {${mod}, []}}` : ""}]}.`);
    if (priv) {
      mkdirSync(join(ebin, "../priv"));
      writeFileSync(join(ebin, "../priv/words"), priv);
    }
    if (appup) writeFileSync(join(ebin, `${name}.appup`), appup);
    for (const [module, text] of Object.entries(modules))
      writeFileSync(join(ebin, `${module}.erl`), `-module(${module}).\n${text}\n`);
  }
  const release = join(root, "releases", version);
  mkdirSync(release, { recursive: true });
  const applications = Object.entries(sources).map(([name, { version: own }]) => `{${name}, "${own}"}`);
  writeFileSync(join(release, "shop.rel"), `{release, {"shop", "${version}"}, {erts, "0"}, [${applications}]}.`);
  writeFileSync(join(release, "sys.config"), "[].");
}

function inventoryAt(root: string): ReleaseInventory {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  const contents = files.map((it) => {
    const path = join(it.parentPath, it.name);
    return [`.${path.slice(root.length)}`, readFileSync(path)] as const;
  });
  const digest = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
  const read = inventoryOf(contents, new Map(contents.map(([path, content]) => [path, digest(content)])));
  if ("unreadable" in read) throw new Error(JSON.stringify(read.unreadable));
  return read.inventory;
}
