// Applications that are embedded in a node of this machine's Erlang by the agent's own expressions, and leave it again.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { erl } from "../run-erl.ts";
import { evaluated, expressions } from "./vm.ts";

const EMBEDDED = ["made_code", "embedded", "embedded_words"];

const app = (start: string): string => `
  -behaviour(application). -behaviour(supervisor). -export([start/2, stop/1, init/1]).
  start(_, _) -> ${start}, supervisor:start_link({local, ?MODULE}, ?MODULE, []).
  stop(_) -> ok. init([]) -> {ok, {{one_for_one, 1, 5}, []}}.`;

const MADE = `
  {ok, M, Beam} = compile:forms([{attribute, 1, module, guest_limits}, {attribute, 1, export, [{most, 0}]},
    {function, 1, most, 0, [{clause, 1, [], [], [{integer, 1, 1000}]}]}]),
  {module, M} = code:load_binary(M, "nofile", Beam), application:set_env(guest, found, yes)`;

/** By release: what its application `guest` needs, and its modules. */
const RELEASES: Record<string, { needs: string; modules: Record<string, string> }> = {
  crypto: { needs: "crypto", modules: { guest_app: app("crypto:hash(md5, <<>>)") } },
  onload: {
    needs: "stdlib",
    modules: {
      guest_app: app("true = guest_native:is_loaded()"),
      guest_native: `-on_load(load/0). -export([is_loaded/0]).
        load() -> persistent_term:put(guest_native, true). is_loaded() -> persistent_term:get(guest_native).`,
    },
  },
  // None of its own code is on the stack, which unloading would kill.
  hangs: {
    needs: "stdlib",
    modules: {
      guest_app:
        "-behaviour(application). -export([start/2, stop/1]). start(_, _) -> timer:sleep(infinity). stop(_) -> ok.",
    },
  },
  made: {
    needs: "compiler",
    modules: { guest_app: app(MADE), guest_limits: "-export([most/0]). most() -> none." },
  },
};

let place = "";
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "embed-"));
  for (const [release, { needs, modules }] of Object.entries(RELEASES)) {
    const ebin = join(place, release, "lib/guest-1/ebin");
    mkdirSync(ebin, { recursive: true });
    const keys = `{vsn, "1"}, {registered, []}, {modules, [${Object.keys(modules)}]}, {mod, {guest_app, []}}`;
    const text = `{application, guest, [${keys}, {applications, [kernel, stdlib, ${needs}]}]}.`.replace(
      ", stdlib]",
      "]",
    );
    writeFileSync(join(ebin, "guest.app"), text);
    for (const [name, source] of Object.entries(modules))
      writeFileSync(join(ebin, `${name}.erl`), `-module(${name}).\n${source}\n`);
  }
  erl(
    `[{ok, _} = compile:file(F, [{outdir, filename:dirname(F)}]) || F <- filelib:wildcard("${place}/*/lib/*/ebin/*.erl")]`,
  );
  writeFileSync(join(place, "env.config"), "[].");
});
afterAll(() => rmSync(place, { recursive: true }));

const bound = (
  release: string,
): string => `App = guest, Place = "${place}", Dir = "${place}/${release}", Release = "${release}",
  Config = "c1", EnvFile = "${place}/env.config", IsReturn = false, Timeout = 1000, Down = none, Say = fun(T) -> io:format("~0p~n", [T]) end,`;
const embeddable = (release: string): string => bound(release) + expressions(...EMBEDDED, "embeddable");
const embed = (release: string): string => bound(release) + expressions(...EMBEDDED, "embed");

const node = (argv: readonly string[], ...steps: string[]): string[] => evaluated(place, argv, steps);

test("an application that starts what its node has and does not run can be deployed again", () => {
  const runs = 'io:format("~p~n", [lists:keymember(crypto, 1, application:which_applications())]).';
  const gone = `App = guest, Place = "${place}", ${expressions(...EMBEDDED, "unembed")}`;
  const said = node(
    [],
    embeddable("crypto"),
    embed("crypto"),
    runs,
    embeddable("crypto"),
    gone,
    embed("crypto"),
    gone,
    runs,
  );
  expect(said).toEqual(["fits", "embedded", "true", "fits", "gone", "embedded", "gone", "false"]);
});

test("code that acts when it is loaded is embedded in a node that loads no code by itself", () => {
  expect(node(["-mode", "embedded"], embeddable("onload"), embed("onload"))).toEqual(["fits", "embedded"]);
});

test("an application whose start hangs is gone from its node, and another version starts there", () => {
  const starting = 'io:format("~p~n", [proplists:get_value(starting, application:info())]).';
  expect(node([], embed("hangs"), starting, embed("onload"))).toEqual([
    "failed",
    "application guest has not started within 1000 ms",
    "[]",
    "embedded",
  ]);
});

test("what an application compiled while it ran leaves the node with it", () => {
  const most = 'io:format("~p~n", [guest_limits:most()]).';
  expect(node([], embed("made"), most, embeddable("made"), embed("onload"), embed("made"), most)).toEqual([
    "embedded",
    "1000",
    "fits",
    "embedded",
    "embedded",
    "1000",
  ]);
});
