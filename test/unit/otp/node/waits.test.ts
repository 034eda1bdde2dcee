// Processes that call each other while they change their code, against the agent's own expressions on a node of this machine's Erlang.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ReleaseInventory } from "../../../../src/otp/inventory.ts";
import { buildReleases, type Sources } from "./releases.ts";
import { install, planned, shopNode } from "./vm.ts";

const supervisor = (init: string): string => `
  -behaviour(supervisor). -export([start_link/0, init/1]).
  start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).
  init([]) -> ${init}.`;

/** As ranch 2.1's: the init/1 of a supervisor tells a server of the same application who it is. */
const sources = (version: string, appup?: string): Sources => ({
  shop: {
    version,
    mod: "shop_app",
    ...(appup === undefined ? {} : { appup }),
    modules: {
      shop_app: `-behaviour(application). -export([start/2, stop/1]). start(_, _) -> shop_top:start_link(). stop(_) -> ok.`,
      shop_top: supervisor(`{ok, {#{strategy => rest_for_one}, [#{id => store, start => {shop_store, start_link, []}},
        #{id => desks, start => {shop_desks, start_link, []}, type => supervisor}]}}`),
      shop_desks: supervisor(`ok = shop_store:tell({self(), "${version}"}), {ok, {#{}, []}}`),
      shop_store: `-behaviour(gen_server).
        -export([start_link/0, tell/1, told/0, init/1, handle_call/3, handle_cast/2, code_change/3]).
        start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).
        tell(What) -> gen_server:call(?MODULE, {tell, What}). told() -> gen_server:call(?MODULE, told).
        init([]) -> {ok, {none, "${version}"}}. handle_cast(_, S) -> {noreply, S}.
        handle_call({tell, What}, _, {_, V}) -> {reply, ok, {What, V}};
        handle_call(told, _, {What, _} = S) -> {reply, What, S}.
        code_change(_, S, _) -> {ok, S}.`,
    },
  },
});

const STEPS = `[{update, shop_desks, static, default, {advanced, []}, soft_purge, soft_purge, [shop_store]},
  {update, shop_store, {advanced, []}}]`;
const BOTH_AT_ONCE = `{"1.1.0", [{"1.0.0", ${STEPS}}], [{"1.0.0", ${STEPS}}]}.`;

let place = "";
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "waits-"));
});
afterAll(() => rmSync(place, { recursive: true }));

function built(appup?: string): { place: string; files: Record<string, ReleaseInventory> } {
  const own = mkdtempSync(join(place, "releases-"));
  for (const name of ["one", "two"]) writeFileSync(join(own, `${name}.config`), "[].");
  return { place: own, files: buildReleases(own, { "1.0.0": sources("1.0.0"), "1.1.0": sources("1.1.0", appup) }) };
}

const TOLD = "{Pid, V} = shop_store:told(), Say({Pid =:= whereis(shop_desks), V}).";

test("a supervisor whose init/1 calls a server that changes, too, is asked when that one goes on", () => {
  const { place: own, files } = built();
  const said = shopNode(own, TOLD, install(planned(own, files)), TOLD);
  expect(said).toEqual(['{true,"1.0.0"}', expect.stringMatching(/^installed \d+$/), '{true,"1.1.0"}']);
});

test("where instructions have one wait for the other, the failure says who waited for whom", () => {
  const { place: own, files } = built(BOTH_AT_ONCE);
  const upgrade = planned(own, files);
  expect(upgrade.findings.map(({ text }) => text)).toContain(
    "init/1 of shop_desks is asked while shop_store stands still: if it calls that, both wait; rehearse it",
  );
  // release_handler prints, too.
  const said = shopNode(own, install(upgrade));
  expect(said[said.indexOf("failed") + 1]).toMatch(
    /<[\d.]+> waited for <[\d.]+> \(shop_store\), which stood still until <[\d.]+> would have changed/,
  );
});
