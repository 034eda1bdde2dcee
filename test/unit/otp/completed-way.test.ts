// Appups and relups that leave out what differs, and supervisors whose children Beamline looks after.
import { describe, expect, test } from "vitest";
import { hotUpgrade } from "../../../src/otp/hot-upgrade.ts";
import type { ModuleFacts, ReleaseInventory } from "../../../src/otp/inventory.ts";
import { readTermFile } from "../../../src/otp/term-file.ts";
import type { HotOptions } from "../../../src/otp/upgrade.ts";
import type { ErlangTerm } from "../../../src/spec/erlang-term.ts";
import { formatTerm } from "../../../src/spec/erlang-term.ts";

function term(text: string): ErlangTerm {
  const read = readTermFile(new TextEncoder().encode(`${text}.`));
  if ("error" in read) throw new Error(read.error);
  return read.term;
}

const module = (md5: string, more: Partial<ModuleFacts> = {}): ModuleFacts => ({
  md5,
  behaviours: [],
  exports: [],
  calls: [],
  isNative: false,
  vsn: "[1]",
  records: new Map(),
  ...more,
});
const SERVER = { behaviours: ["gen_server"], exports: ["code_change/3"] };
const SUPERVISOR = { behaviours: ["supervisor"], exports: ["init/1"] };

type Wish = { appup?: string; relup?: string; modules: Record<string, ModuleFacts> };

const release = (version: string, { appup, relup, modules }: Wish): ReleaseInventory => ({
  name: "shop",
  version,
  erts: "13.1.5",
  applications: [
    {
      name: "sasl",
      version: "4",
      startType: "permanent",
      resource: term("{a}"),
      modules: new Map(),
      priv: "",
      libraries: "",
    },
    {
      name: "till",
      version,
      startType: "permanent",
      resource: term("{application, till, []}"),
      modules: new Map(Object.entries(modules)),
      priv: "",
      libraries: "",
    },
  ],
  appups: new Map(appup === undefined ? [] : [["till", term(appup)]]),
  relup: relup === undefined ? null : term(relup),
  consolidated: new Map(),
  startFiles: new Map(),
  made: new Map(),
});

const OLD = { till: module("a", SERVER), till_sup: module("a", SUPERVISOR), sums: module("a"), gone: module("a") };
const NEW = { till: module("b", SERVER), till_sup: module("b", SUPERVISOR), sums: module("b"), came: module("b") };
const LOADS = "{load_module, sums}, {update, till_sup, supervisor}";
const HALF = `{"2", [{"1", [{apply, {m, f, []}}, point_of_no_return, ${LOADS}]}], [{"1", [${LOADS}]}]}`;

const upgrade = (from: ReleaseInventory, to: ReleaseInventory, appup: HotOptions["appup"] = "auto") =>
  hotUpgrade(from, to, { appup, onLinger: "refuse" });

function hot(...args: Parameters<typeof upgrade>) {
  const planned = upgrade(...args);
  if ("refused" in planned) throw new Error(JSON.stringify(planned.refused));
  return planned.hot;
}

const leavesOut = (name: string): string =>
  `till.appup leaves ${name} out, which differs: it is done as a generated appup would`;

describe("an appup that leaves out what differs", () => {
  const old = release("1", { modules: OLD });
  const half = release("2", { modules: NEW, appup: HALF });

  test("is completed on both ways, and what is added is told", () => {
    const { up, down, findings, ...it } = hot(old, half);
    expect(it).toMatchObject({ loaded: ["sums", "till", "till_sup"], added: ["came"], deleted: ["gone"] });
    expect(it.applications).toEqual([{ name: "till", from: "1", to: "2", origin: "appup" }]);
    expect(findings.map(({ text }) => text)).toEqual(expect.arrayContaining(["came", "gone", "till"].map(leavesOut)));
    expect(formatTerm({ list: up })).toMatch(/load,\{sums,.*suspend,\[till_sup\].*suspend,\[till\].*remove,\{gone,/);
    expect(formatTerm({ list: down ?? [] })).toMatch(/code_change,down,\[\{till,\[\]\}\].*load,\{sums,/);
  });

  test("is not, where only what is shipped may be used", () => {
    expect(upgrade(old, half, "shipped")).toEqual({
      refused: [{ application: "till", module: "till", text: "till differs, and no instruction loads it" }],
    });
  });

  test("is refused where what it leaves out is native code", () => {
    const native = release("2", { modules: { ...NEW, till: module("b", { isNative: true }) }, appup: HALF });
    expect(upgrade(old, native)).toEqual({
      refused: expect.arrayContaining([expect.objectContaining({ module: "till" })]),
    });
  });

  test("is left as it is where it restarts the application", () => {
    const restarts = '{"2", [{"1", [{restart_application, till}]}], [{"1", [{restart_application, till}]}]}';
    const texts = hot(old, release("2", { modules: NEW, appup: restarts })).findings.map(({ text }) => text);
    expect(texts.filter((it) => it.includes("leaves"))).toEqual([]);
  });
});

test("a relup that leaves out a changed module is none", () => {
  const relup = `{"2", [{"1", [], [{load_object_code, {till, "2", [sums]}}, point_of_no_return, {load, {sums, soft_purge, soft_purge}}]}], []}`;
  expect(upgrade(release("1", { modules: OLD }), release("2", { modules: NEW, relup }))).toEqual({
    refused: ["till", "till_sup"].map((module) => ({
      application: "till",
      module,
      text: `${module} differs, and no instruction loads it`,
    })),
  });
});

describe("children of a supervisor that differs", () => {
  const old = release("1", { modules: OLD });

  test("come and go with it where its instruction is generated", () => {
    const { supervisors, findings } = hot(old, release("2", { modules: { ...NEW, came: module("b", SERVER) } }));
    expect(supervisors).toEqual(["till_sup"]);
    expect(findings).toEqual([]);
  });

  test("are left to an appup that has one for it", () => {
    expect(hot(old, release("2", { modules: NEW, appup: HALF })).supervisors).toEqual([]);
  });

  test("are told of where no supervisor differs", () => {
    const modules = { ...NEW, till_sup: OLD.till_sup, came: module("b", SERVER) };
    expect(hot(old, release("2", { modules })).findings.map(({ text }) => text)).toEqual([
      "came is new, and no supervisor differs that would start a process of it",
    ]);
  });
});
