// A node of this machine's Erlang, upgraded by scripts of ours and nothing else.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hotUpgrade } from "../../../../src/otp/hot-upgrade.ts";
import type { ReleaseInventory } from "../../../../src/otp/inventory.ts";
import { applicationDigest } from "../../../../src/otp/module-digest.ts";
import type { HotUpgrade } from "../../../../src/otp/upgrade.ts";
import { formatTerm } from "../../../../src/spec/erlang-term.ts";
import { buildReleases, RELEASES } from "./releases.ts";

let directory = "";
let inventories: Record<string, ReleaseInventory> = {};
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "hot-"));
  inventories = buildReleases(directory, RELEASES);
});
afterAll(() => rmSync(directory, { recursive: true }));

const inventory = (version: string): ReleaseInventory => inventories[version] as ReleaseInventory;

function hot(from: string, to: string, onLinger: "refuse" | "kill" = "refuse"): HotUpgrade {
  const planned = hotUpgrade(inventory(from), inventory(to), { appup: "auto", onLinger });
  if ("refused" in planned) throw new Error(JSON.stringify(planned.refused));
  return planned.hot;
}

/** Writes what release_handler reads below its RELDIR: the release's own files and a relup. */
function offer(reldir: string, version: string, from: string, { up, down }: Pick<HotUpgrade, "up" | "down">): void {
  cpSync(join(directory, version, "releases", version), join(reldir, version), { recursive: true });
  const entry = (script: HotUpgrade["up"] | null): string =>
    script ? `{"${from}", [], ${formatTerm({ list: script })}}` : "";
  writeFileSync(join(reldir, version, "relup"), `{"${version}", [${entry(up)}], [${entry(down)}]}.\n`);
}

/** Boots 1.0.0 and has it run `steps`, each of which answers with a term that is printed on a line of its own. */
function node(reldir: string, steps: readonly string[]): string[] {
  const boot = join(directory, "1.0.0/releases/1.0.0/start");
  const prelude = `
    Root = "${directory}",
    Dirs = fun(V) -> {ok, [{release, _, _, As}]} = file:consult(filename:join([Root, V, "releases", V, "shop.rel"])),
      [{A, AV, filename:join([Root, V, "lib"])} || {A, AV} <- As, not lists:member(A, [kernel, stdlib, sasl])] ++
      [{A, AV, code:lib_dir()} || {A, AV} <- As, lists:member(A, [kernel, stdlib, sasl])] end,
    Rel = fun(V) -> filename:join(["${reldir}", V, "shop.rel"]) end,
    Unpack = fun(V) -> release_handler:set_unpacked(Rel(V), Dirs(V)) end,
    Install = fun(V) -> release_handler:install_release(V) end,
    Ask = fun(S) -> gen_server:call(S, ask) end,
    Shutdown = fun() -> {ok, #{shutdown := Ms}} = supervisor:get_childspec(counter_sup, counter_server), Ms end,
    Digest = fun(Ms) -> binary:encode_hex(erlang:md5([[atom_to_binary(M), " ", string:lowercase(binary:encode_hex(M:module_info(md5))), "\\n"] || M <- lists:sort(Ms)])) end,
    Say = fun(T) -> io:format("~0p~n", [T]) end,
    ok = release_handler:create_RELEASES("${reldir}", "${reldir}", filename:join([Root, "1.0.0/releases/1.0.0/shop.rel"]), Dirs("1.0.0")),
    application:stop(sasl), application:start(sasl)`;
  const script = [prelude, ...steps.map((it) => `Say(${it})`), "halt()."].join(", ");
  const argv = ["-noinput", "-mode", "embedded", "-boot", boot, "-kernel", "logger_level", "critical", "-eval", script];
  const env = { ...process.env, RELDIR: reldir, HOME: directory, ERL_CRASH_DUMP_BYTES: "0" };
  const out = execFileSync("erl", argv, { encoding: "utf8", env, timeout: 60_000 });
  return out.split("\n").filter(Boolean);
}

function reldirFor(name: string): string {
  const reldir = join(directory, name);
  mkdirSync(reldir);
  return reldir;
}

describe("a node", () => {
  test("becomes another release and the former one again, and keeps its processes and their state", () => {
    const upgrade = hot("1.0.0", "1.1.0");
    expect(upgrade.applications).toEqual([
      { name: "counter", from: "1.0.0", to: "1.1.0", origin: "generated" },
      { name: "words", from: "0.9", to: "0.9", origin: "generated" },
      { name: "came", from: null, to: "3", origin: null },
      { name: "went", from: "1", to: null, origin: null },
    ]);
    expect(upgrade).toMatchObject({
      loaded: ["counter_math", "counter_server", "counter_sup", "teller", "words"],
      added: ["came", "counter_added"],
      deleted: ["counter_gone", "went"],
      migrated: ["counter_server", "counter_sup"],
      noWayBack: null,
    });
    const reldir = reldirFor("there-and-back");
    offer(reldir, "1.0.0", "0", { up: [], down: null });
    offer(reldir, "1.1.0", "1.0.0", upgrade);
    const modules = inventory("1.1.0").applications.find(({ name }) => name === "counter")?.modules ?? new Map();
    const said = node(reldir, [
      "Ask(counter_server)",
      "Ask(counter_server)",
      "Ask(teller)",
      "begin Pids = [whereis(P) || P <- [counter_sup, counter_server, teller]], Shutdown() end",
      'element(1, Unpack("1.1.0"))',
      'Install("1.1.0")',
      "Ask(counter_server)",
      "Ask(counter_server)",
      "Ask(teller)",
      "Shutdown()",
      "[words:all(), came:here(), code:is_loaded(counter_gone), code:is_loaded(went), [X || {X, _, _} <- application:which_applications()]]",
      '[lists:suffix(D, code:lib_dir(A)) || {A, D} <- [{counter, "1.1.0/lib/counter-1.1.0"}, {words, "1.1.0/lib/words-0.9"}, {came, "1.1.0/lib/came-3"}]]',
      `Digest([${[...modules.keys()]}])`,
      'Install("1.0.0")',
      "Ask(counter_server)",
      "Ask(teller)",
      "Shutdown()",
      "[words:all(), code:is_loaded(counter_added), counter_gone:here(), went:here(), whereis(came), code:is_loaded(came)]",
      "Pids =:= [whereis(P) || P <- [counter_sup, counter_server, teller]]",
    ]);
    expect(said).toEqual([
      "{old,0}",
      "{old,1}",
      "{one,1}",
      "1000",
      "ok",
      '{ok,"1.0.0",[]}',
      "{new,2,true}",
      "{new,12,true}",
      "{two,2}",
      "2000",
      "[[one,two],true,false,false,[came,sasl,words,counter,stdlib,kernel]]",
      "[true,true,true]",
      `<<"${applicationDigest(modules).toUpperCase()}">>`,
      '{ok,"1.0.0",[]}',
      "{old,22}",
      "{one,3}",
      "1000",
      "[[one],false,true,true,undefined,false]",
      "true",
    ]);
  });

  const lingering = (onLinger: "refuse" | "kill", ...more: string[]): string[] => {
    const reldir = reldirFor(onLinger);
    offer(reldir, "1.0.0", "0", { up: [], down: null });
    offer(reldir, "1.1.0", "1.0.0", hot("1.0.0", "1.1.0", onLinger));
    offer(reldir, "1.2.0", "1.1.0", hot("1.1.0", "1.2.0", onLinger));
    return node(reldir, [
      'element(1, begin Lingers = spawn(counter_math, linger, []), Unpack("1.1.0") end)',
      'Install("1.1.0")',
      "is_process_alive(Lingers)",
      'element(1, Unpack("1.2.0"))',
      'Install("1.2.0")',
      "is_process_alive(Lingers)",
      ...more,
      "begin Ask(counter_server), Ask(counter_server) end",
      "persistent_term:get(told)",
      'file:read_file(filename:join(code:priv_dir(words), "words"))',
    ]);
  };

  test("refuses what would kill a process that runs older code, and does it once that has ended", () => {
    const said = lingering(
      "refuse",
      "begin Lingers ! stop, timer:sleep(100), is_process_alive(Lingers) end",
      'Install("1.2.0")',
    );
    expect(said).toEqual([
      "ok",
      '{ok,"1.0.0",[]}',
      "true",
      "ok",
      "{error,{old_processes,counter_math}}",
      "true",
      "false",
      '{ok,"1.1.0",[]}',
      "{new,110,true}",
      "up",
      '{ok,<<"one\\ntwo\\n">>}',
    ]);
  });

  test("kills it where that was asked for", () => {
    const said = lingering("kill");
    expect(said.slice(0, -1)).toEqual([
      "ok",
      '{ok,"1.0.0",[]}',
      "true",
      "ok",
      '{ok,"1.1.0",[]}',
      "false",
      "{new,110,true}",
      "up",
    ]);
  });

  test("has its way back planned as the way there, the other way round", () => {
    const [there, back] = [hot("1.0.0", "1.1.0"), hot("1.1.0", "1.0.0")];
    expect([back.up, back.down]).toEqual([there.down, there.up]);
    expect(back).toMatchObject({
      added: ["counter_gone", "went"],
      deleted: ["came", "counter_added"],
      loaded: there.loaded,
      migrated: there.migrated,
      applications: there.applications.map(({ from, to, ...it }) => ({ ...it, from: to, to: from })),
    });
  });

  test("finds no way back where the shipped appup has none", () => {
    const { down, noWayBack, applications } = hot("1.1.0", "1.2.0");
    expect([down, noWayBack]).toEqual([null, "counter.appup has no way from 1.2.0 back to 1.1.0"]);
    expect(applications).toEqual([
      { name: "counter", from: "1.1.0", to: "1.2.0", origin: "appup" },
      { name: "words", from: "0.9", to: "0.9", origin: "generated" },
    ]);
    expect(hotUpgrade(inventory("1.2.0"), inventory("1.1.0"), { appup: "auto", onLinger: "refuse" })).toEqual({
      refused: [{ application: null, module: null, text: noWayBack }],
    });
  });
});
