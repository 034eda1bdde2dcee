import { describe, expect, test } from "vitest";
import { hotUpgrade } from "../../../src/otp/hot-upgrade.ts";
import type { ApplicationFacts, ModuleFacts, ReleaseInventory } from "../../../src/otp/inventory.ts";
import type { HotOptions, HotUpgrade } from "../../../src/otp/upgrade.ts";
import type { ErlangTerm } from "../../../src/spec/erlang-term.ts";
import { formatTerm } from "../../../src/spec/erlang-term.ts";
import { application, plain, release, server, supervisor, termIn, withoutCodeChange } from "./inventories.ts";

type Modules = Readonly<Record<string, ModuleFacts>>;

const OPTIONS: HotOptions = { appup: "auto", onLinger: "refuse" };

function hot(from: ReleaseInventory, to: ReleaseInventory, options: Partial<HotOptions> = {}): HotUpgrade {
  const planned = hotUpgrade(from, to, { ...OPTIONS, ...options });
  if ("refused" in planned) throw new Error(planned.refused.map(({ text }) => text).join("; "));
  return planned.hot;
}

function refusals(from: ReleaseInventory, to: ReleaseInventory, options: Partial<HotOptions> = {}): string[] {
  const planned = hotUpgrade(from, to, { ...OPTIONS, ...options });
  return "refused" in planned ? planned.refused.map(({ text }) => text) : [];
}

/** A counter, of which 1.0.0 has some modules and 1.1.0 others. */
const pair = (from: Modules, to: Modules, appup?: string): [ReleaseInventory, ReleaseInventory] => [
  release("1.0.0", [application("counter", "1.0.0", from)]),
  release("1.1.0", [application("counter", "1.1.0", to)], {
    appups: new Map(appup ? [["counter", termIn(appup)]] : []),
  }),
];

const lines = (script: readonly ErlangTerm[] | null): string[] => (script ?? []).map(formatTerm);
const texts = ({ findings }: HotUpgrade): string[] => findings.map(({ code, text }) => `${code}: ${text}`);

describe("a generated script", () => {
  test("loads what is called before who calls it, around processes that stand still, and mirrors all on the way back", () => {
    const from = { server: server("a"), codec: plain("a"), gone: plain("a"), same: plain("a") };
    const to = {
      server: server("b", { calls: ["codec", "same", "fresh"] }),
      codec: plain("b", { calls: ["lists"] }),
      fresh: plain("b", { calls: ["codec"] }),
      same: plain("a"),
    };
    const { up, down } = hot(...pair(from, to));
    expect(lines(up)).toEqual([
      '{load_object_code,{counter,"1.1.0",[server,fresh,codec]}}',
      "point_of_no_return",
      "{suspend,[server]}",
      "{load,{codec,soft_purge,soft_purge}}",
      "{load,{fresh,soft_purge,soft_purge}}",
      "{load,{server,soft_purge,soft_purge}}",
      "{code_change,up,[{server,[]}]}",
      "{resume,[server]}",
      "{remove,{gone,soft_purge,soft_purge}}",
    ]);
    expect(lines(down)).toEqual([
      '{load_object_code,{counter,"1.0.0",[gone,server,codec]}}',
      "point_of_no_return",
      "{load,{gone,soft_purge,soft_purge}}",
      "{suspend,[server]}",
      "{code_change,down,[{server,[]}]}",
      "{load,{server,soft_purge,soft_purge}}",
      "{load,{codec,soft_purge,soft_purge}}",
      "{resume,[server]}",
      "{remove,{fresh,soft_purge,soft_purge}}",
    ]);
  });

  test("asks supervisors behind the load on both ways", () => {
    const { up, down, migrated } = hot(...pair({ sup: supervisor("a") }, { sup: supervisor("b") }));
    const asked = (direction: string) => [
      "{load,{sup,soft_purge,soft_purge}}",
      "{suspend,[sup]}",
      `{code_change,${direction},[{sup,[]}]}`,
      "{resume,[sup]}",
    ];
    expect(lines(up).slice(2)).toEqual(asked("up"));
    expect(lines(down).slice(2)).toEqual(asked("down"));
    expect(migrated).toEqual(["sup"]);
  });

  test("changes states of special processes, of modules without behaviours, and of Elixir's", () => {
    const modules = (code: string): Modules => ({
      special: plain(code, { exports: ["system_code_change/4"] }),
      machine: plain(code, { exports: ["callback_mode/0", "code_change/4", "init/1"] }),
      "Elixir.Server": plain(code, { behaviours: ["Elixir.GenServer"], exports: ["code_change/3"] }),
      "Elixir.Sup": plain(code, { behaviours: ["Elixir.DynamicSupervisor"] }),
      bare_sup: plain(code, { exports: ["init/1"], calls: ["supervisor"] }),
      codec: plain(code, { exports: ["init/1"] }),
    });
    expect(hot(...pair(modules("a"), modules("b"))).migrated).toEqual([
      "Elixir.Server",
      "Elixir.Sup",
      "bare_sup",
      "machine",
      "special",
    ]);
  });

  test("only loads processes' modules without code_change, and says what of their state is in doubt", () => {
    const from = {
      known: withoutCodeChange("a", "n"),
      same: withoutCodeChange("a", "n"),
      map: withoutCodeChange("a"),
      stripped: server("a", { exports: ["init/1"], records: null }),
    };
    const to = {
      known: withoutCodeChange("b", "n", "step"),
      same: withoutCodeChange("b", "n"),
      map: withoutCodeChange("b"),
      stripped: server("b", { exports: ["init/1"], records: null }),
    };
    const upgrade = hot(...pair(from, to));
    expect(upgrade.migrated).toEqual([]);
    expect(texts(upgrade)).toEqual([
      "record_changed: known has no code_change, and its record changes: state {n} → {n, step}",
      "state_unseen: map has no code_change, and whether its state changes can't be seen",
      "state_unseen: stripped has no code_change, and whether its state changes can't be seen",
    ]);
  });

  test("has the children of a changed supervisor come and go", () => {
    const from = { sup: supervisor("a"), old_worker: server("a") };
    const to = { sup: supervisor("b"), new_worker: server("a") };
    expect(hot(...pair(from, to)).supervisors).toEqual(["sup"]);
  });

  test("is right for other modules under the same version", () => {
    const [from] = pair({ codec: plain("a") }, {});
    const to = release("1.0.0", [application("counter", "1.0.0", { codec: plain("b") })]);
    expect(lines(hot(from, to).up)[0]).toBe('{load_object_code,{counter,"1.0.0",[codec]}}');
    expect(refusals(from, to, { appup: "shipped" })).toEqual([
      "counter 1.0.0 has other code than the running 1.0.0, which no appup can describe",
    ]);
  });

  test("has nothing to instruct where no code differs, not even where appups must be shipped", () => {
    const [from, to] = pair({ codec: plain("a") }, { codec: plain("a") });
    const upgrade = hot(from, to, { appup: "shipped" });
    expect([lines(upgrade.up), lines(upgrade.down)]).toEqual([["point_of_no_return"], ["point_of_no_return"]]);
    expect(upgrade.applications).toEqual([{ name: "counter", from: "1.0.0", to: "1.1.0", origin: "generated" }]);
    expect(hot(from, from)).toEqual({
      up: [termIn("point_of_no_return")],
      down: [termIn("point_of_no_return")],
      noWayBack: null,
      isDowngrade: false,
      applications: [],
      loaded: [],
      added: [],
      deleted: [],
      migrated: [],
      suspended: [],
      supervisors: [],
      consolidated: [],
      findings: [],
    });
  });

  test("leaves consolidated protocols to whoever loads those, and says which differ", () => {
    const [from, to] = pair(
      { "Elixir.Proto": plain("a"), "Elixir.Proto.List": plain("a") },
      { "Elixir.Proto": plain("b"), "Elixir.Proto.List": plain("b") },
    );
    const consolidated = (code: string) => ({ consolidated: new Map([["Elixir.Proto", plain(code)]]) });
    const upgrade = hot({ ...from, ...consolidated("c") }, { ...to, ...consolidated("d") });
    expect([upgrade.loaded, upgrade.consolidated]).toEqual([["Elixir.Proto.List"], ["Elixir.Proto"]]);
  });

  test("starts what is new when all that it needs has been upgraded, and stops what goes, the last started first", () => {
    const lib = (version: string, code: string): ApplicationFacts => application("lib", version, { lib: plain(code) });
    const from = release("1.0.0", [
      lib("1", "a"),
      application("x", "1", { x1: plain("a") }),
      application("y", "1", {}),
    ]);
    const to = release("1.1.0", [lib("2", "b"), application("z", "1", { z1: plain("a") }, { startType: "load" })]);
    const { up, down, applications } = hot(from, to);
    expect(lines(up)).toEqual([
      '{load_object_code,{lib,"2",[lib]}}',
      '{load_object_code,{z,"1",[z1]}}',
      "point_of_no_return",
      "{load,{lib,soft_purge,soft_purge}}",
      "{load,{z1,soft_purge,soft_purge}}",
      "{apply,{application,load,[z]}}",
      "{apply,{application,stop,[y]}}",
      "{apply,{application,unload,[y]}}",
      "{apply,{application,stop,[x]}}",
      "{remove,{x1,soft_purge,soft_purge}}",
      "{apply,{application,unload,[x]}}",
    ]);
    expect(lines(down)).toContain("{apply,{application,start,[x,permanent]}}");
    expect(lines(down)).toContain('{load_object_code,{y,"1",[]}}');
    expect(applications.map(({ name, origin }) => `${name} ${origin}`)).toEqual([
      "lib generated",
      "z null",
      "y null",
      "x null",
    ]);
  });
});

describe("a shipped appup", () => {
  const from = { a: server("a"), b: plain("a"), c: plain("a"), gone: plain("a") };
  const to = { a: server("b"), b: plain("b"), c: plain("a"), fresh: plain("a") };

  test("is what is done, and what it leaves out is said", () => {
    const appup = `{"1.1.0", [{<<"1\\\\.0\\\\.\\\\d+">>, [{update, a, {advanced, x}}, {load_module, c}, {suspend, [who]}, {resume, [who]}]}], [{"1.0.0", []}]}`;
    const upgrade = hot(...pair(from, to, appup));
    expect(upgrade.applications).toEqual([{ name: "counter", from: "1.0.0", to: "1.1.0", origin: "appup" }]);
    expect(lines(upgrade.up)).toContain("{code_change,up,[{a,x}]}");
    // What it leaves out is done as if it were generated.
    expect(lines(upgrade.up)).toEqual(
      expect.arrayContaining(["{load,{b,soft_purge,soft_purge}}", "{remove,{gone,soft_purge,soft_purge}}"]),
    );
    expect(lines(upgrade.down)).toContain("{code_change,down,[{a,[]}]}");
    const completed = "out, which differs: it is done as a generated appup would";
    expect(texts(upgrade)).toEqual([
      `module_left_out: counter.appup leaves fresh ${completed}`,
      `module_left_out: counter.appup leaves gone ${completed}`,
      `module_left_out: counter.appup leaves b ${completed}`,
      `module_left_out: counter.appup leaves a ${completed}`,
      "module_unchanged: c is loaded, and does not differ",
      "module_unknown: no application has the module who",
    ]);
  });

  test("has its purge modes, and its purges, replaced by what was asked for", () => {
    const appup = `{"1.1.0", [{"1.0.0", [{load_module, b, brutal_purge, soft_purge, []}, {purge, [c]}, {delete_module, gone}, {restart_application, counter}]}], []}`;
    const [old, next] = pair(
      { b: plain("a"), c: plain("a") },
      { b: plain("b"), c: plain("a") },
      appup.replace(/, \{delete.*counter\}/, ""),
    );
    expect(lines(hot(old, next).up).slice(2)).toEqual(["{load,{b,soft_purge,soft_purge}}"]);
    expect(texts(hot(old, next))).toEqual([
      "purge_mode: purge of c is left out: it kills what still runs its old code",
    ]);
    const killing = hot(old, next, { onLinger: "kill" });
    expect(lines(killing.up).slice(2)).toEqual(["{load,{b,brutal_purge,brutal_purge}}", "{purge,[c]}"]);
    expect(killing.findings).toEqual([]);
  });

  test("that restarts its application is said to kill what else runs its code", () => {
    const upgrade = hot(
      ...pair({ b: plain("a") }, { b: plain("b") }, '{"1.1.0", [{"1.0.0", [{restart_application, counter}]}], []}'),
    );
    expect(texts(upgrade)).toEqual([
      "purge_mode: counter is restarted, and whatever else still runs its code is killed then",
    ]);
  });

  test("that only loads a process' module whose record changes is in doubt", () => {
    const records = (...fields: string[]) => ({ records: new Map([["state", fields]]) });
    const upgrade = hot(
      ...pair(
        { a: server("a", records("n")) },
        { a: server("b", records("m")) },
        '{"1.1.0", [{"1.0.0", [{load_module, a}]}], []}',
      ),
    );
    expect(texts(upgrade)).toEqual([
      "record_changed: a's record changes: state {n} → {m}; no instruction has its code_change called",
    ]);
    expect(upgrade.noWayBack).toBe("counter.appup has no way from 1.1.0 back to 1.0.0");
  });

  test.each([
    ["restart_new_emulator", "counter 1.0.0 → 1.1.0 asks for restart_new_emulator"],
    ["{load_modul, b}", "counter.appup: no instruction is {load_modul,b}"],
    ["{load_module, b, [c]}", "the appups do not fit: c is needed, and named by no instruction"],
    ["{load_module, b}, {update, b}", "the appups do not fit: b is named by more than one instruction"],
    ["{load_module, nowhere}", "the appups do not fit: no application has the module nowhere"],
    ["{load, {b, soft_purge, soft_purge}}", "the appups do not fit: b is loaded, and no load_object_code reads it"],
    ["{suspend, [a]}", "the appups do not fit: a is suspended, and not resumed"],
    ['{load_object_code, {counter, "1.0.0", [b]}}', "the appups do not fit: counter is loaded as 1.0.0 and as 1.1.0"],
    ['{load_object_code, {counter, "1.1.0", [d]}}', "counter 1.1.0 has no module d"],
    ["{sync_nodes, x, [n@h]}", "sync_nodes waits for nodes that are upgraded at the same moment"],
    ["{load_module, a}, point_of_no_return", "the appups do not fit: load_module before point_of_no_return"],
  ])("is refused with %s", (instructions, text) => {
    const appup = `{"1.1.0", [{"1.0.0", [${instructions}]}], []}`;
    expect(refusals(...pair(from, to, appup))).toEqual([text]);
  });

  test("is needed where none may be generated, and must be for the running version as a whole", () => {
    const needed = ["counter 1.1.0 has no appup from 1.0.0"];
    expect(refusals(...pair(from, to), { appup: "shipped" })).toEqual(needed);
    for (const version of ['"1.0.1"', '<<"1">>', '<<"^1\\\\.0">>', '<<"0\\\\.0">>'])
      expect(refusals(...pair(from, to, `{"1.1.0", [{${version}, []}], []}`), { appup: "shipped" })).toEqual(needed);
    expect(refusals(...pair(from, to, '{"1.1.0", [{<<"(">>, []}], []}'))).toEqual([
      'counter.appup holds the regular expression "(", which can\'t be read',
    ]);
  });
});

describe("a shipped relup", () => {
  const from = { a: plain("a"), b: plain("a") };
  const to = { a: plain("b"), b: plain("b") };
  const with_ = (relup: string): [ReleaseInventory, ReleaseInventory] => {
    const [old, next] = pair(from, to, '{"1.1.0", [{"1.0.0", [restart_emulator]}], []}');
    return [old, { ...next, relup: termIn(relup) }];
  };
  const load = (...modules: string[]): string =>
    `[{load_object_code, {counter, "1.1.0", [${modules}]}}, point_of_no_return${modules
      .map((it) => `, {load, {${it}, brutal_purge, brutal_purge}}`)
      .join("")}]`;
  const SCRIPT = load("a", "b");

  test("wins as a whole, but for its purge modes", () => {
    const upgrade = hot(...with_(`{"1.1.0", [{"1.0.0", "x", ${SCRIPT}}], []}`));
    expect(lines(upgrade.up)[2]).toBe("{load,{a,soft_purge,soft_purge}}");
    expect(upgrade).toMatchObject({
      applications: [{ name: "counter", origin: "relup" }],
      loaded: ["a", "b"],
      down: null,
      noWayBack: "the relup of 1.1.0 has no way back to 1.0.0",
    });
    expect(texts(upgrade)).toEqual([]);
  });

  test("that leaves out what differs is refused: its old code would go on", () => {
    expect(refusals(...with_(`{"1.1.0", [{"1.0.0", "x", ${load("a")}}], []}`))).toEqual([
      "b differs, and no instruction loads it",
    ]);
  });

  test("from another version decides nothing", () => {
    expect(refusals(...with_(`{"1.1.0", [{"0.9", "x", ${SCRIPT}}], []}`))).toEqual([
      "counter 1.0.0 → 1.1.0 asks for restart_emulator",
    ]);
  });

  test.each([
    ["[restart_new_emulator, point_of_no_return]", "relup restarts the emulator"],
    ["[{load_module, a}, point_of_no_return]", "relup has the high-level instruction load_module"],
    ["[]", "relup has no point_of_no_return"],
    [
      "[point_of_no_return, {load, {a, soft_purge, soft_purge}}]",
      "relup: a is loaded, and no load_object_code reads it",
    ],
    ["[point_of_no_return, {loud, a}]", "relup no instruction is {loud,a}"],
  ])("is refused with %s", (script, text) => {
    expect(refusals(...with_(`{"1.1.0", [{"1.0.0", "", ${script}}], []}`))).toEqual([text]);
  });
});

describe("a release that needs a restart", () => {
  test("says all of its reasons", () => {
    const [from, to] = pair({ nif: plain("a", { isNative: true }) }, { nif: plain("b", { isNative: true }) });
    const core = (kernel: string, stdlib: string, startType: string): ApplicationFacts[] => [
      application("kernel", kernel, {}),
      application("stdlib", "4.2", { lists: plain(stdlib) }),
      application("sasl", "4.2", {}, { startType }),
    ];
    const own = (inventory: ReleaseInventory): readonly ApplicationFacts[] => inventory.applications.slice(3);
    expect(
      refusals(
        { ...from, applications: [...core("8.5", "a", "load"), ...own(from)] },
        { ...to, erts: "14.2", applications: [...core("9.0", "b", "permanent"), ...own(to)] },
      ),
    ).toEqual([
      "erts 13.1.5 → 14.2",
      "the running release 1.0.0 does not start sasl, whose release_handler does it",
      "kernel 8.5 → 9.0",
      "stdlib 4.2 has other code",
      "sasl is load → permanent",
      "nif loads native code, or acts when it is loaded",
    ]);
  });

  test.each<[string, Parameters<typeof application>[3], Parameters<typeof application>[3]]>([
    ["counter has other native libraries in priv", { priv: "a", libraries: "a" }, { priv: "b", libraries: "b" }],
    ["counter starts with counter_app → shop_app", { mod: "counter_app" }, { mod: "shop_app" }],
    ["counter starts with no module → shop_app", {}, { mod: "shop_app" }],
    ["counter is permanent → load", {}, { startType: "load" }],
  ])("%s", (text, before, behind) => {
    const from = release("1.0.0", [application("counter", "1", {}, before)]);
    expect(refusals(from, release("1.1.0", [application("counter", "2", {}, behind)]))).toEqual([text]);
  });

  test("or has modules without a version, which release_handler can't load", () => {
    const text = "codec of counter 1.1.0 is stripped of its attributes; release_handler needs its vsn";
    expect(refusals(...pair({ codec: plain("a") }, { codec: plain("b", { vsn: null }) }))).toEqual([text]);
    expect(refusals(...pair({ codec: plain("a", { vsn: null }) }, { codec: plain("a", { vsn: null }) }))).toEqual([]);
  });
});
