// What an application set and compiled while it ran, against the agent's own expressions on a node of this machine's Erlang.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReleaseInventory } from "../../../../src/otp/inventory.ts";
import { buildReleases, type Sources } from "./releases.ts";
import { expressions, inspected, install, planned, shopNode } from "./vm.ts";

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
let inventories: Record<string, ReleaseInventory> = {};
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "kept-"));
  inventories = buildReleases(place, { "1.0.0": sources("1.0.0", "none"), "1.1.0": sources("1.1.0", "many") });
  for (const [name, env] of Object.entries({ one: "{greeting, hello}, {old, 1}", two: "{greeting, bye}, {found, no}" }))
    writeFileSync(join(place, `${name}.config`), `[{shop, [${env}]}].`);
});
afterAll(() => rmSync(place, { recursive: true }));

const HOT = ["hot_processes", "release_files", "hot_words"];
const node = (...steps: string[]): string[] => shopNode(place, ...steps);
const upgrade = (): string => install(planned(place, inventories));

const ENV = `Say(lists:sort([{K, V} || {K, V} <- application:get_all_env(shop), K =/= ssl])).`;
const SSL = `case application:get_env(shop, ssl) of
  {ok, [{verify, verify_peer}, #{deep := {Pid, Fun}}, {url, "db"}]} -> Say({is_pid(Pid), Fun(7)});
  Other -> Say(Other) end.`;

describe("an application that compiles and configures itself", () => {
  test("has made a module, which a plan names and leaves alone", () => {
    const inventory = inspected(place, inventories);
    expect(inventory.made).toEqual(new Map([["shop", ["shop_limits"]]]));
    const files = inventories["1.0.0"] as ReleaseInventory;
    const md5 = (it: ReleaseInventory) =>
      it.applications.find(({ name }) => name === "shop")?.modules.get("shop_limits")?.md5;
    expect(md5(inventory)).toBe(md5(files));
    const { loaded, findings } = planned(place, inventories);
    expect(loaded).toEqual(["shop_words"]);
    expect(findings.map(({ text }) => text)).toEqual([
      "shop compiled code while it ran, which stays as it is: shop_limits",
    ]);
  });

  test("keeps it in an upgrade, and it is no drift", () => {
    const loaded = (version: string) =>
      `Root = "${place}/${version}", Version = "${version}", ${expressions("made_code", "loaded")}`;
    const code = "Say([shop_limits:most(), shop_words:all()]).";
    const said = node(code, loaded("1.0.0"), upgrade(), code, loaded("1.1.0"));
    expect(said).toEqual(['[1000,"1.0.0"]', "end", expect.stringMatching(/^installed \d+$/), '[1000,"1.1.0"]', "end"]);
  });

  test("keeps what it has set but for what the spec changes, of terms that no file holds, too", () => {
    const said = node(
      ENV,
      SSL,
      upgrade(),
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
