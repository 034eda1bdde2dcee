// What a node of this machine's Erlang says of itself, against what the files of its release say.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseInspection } from "../../../../src/host/inspection.ts";
import type { ModuleFacts, ReleaseInventory } from "../../../../src/otp/inventory.ts";
import { buildReleases, RELEASES } from "./releases.ts";

const INSPECT = ["made_code", "application_facts", "inspect"]
  .map((name) => readFileSync(new URL(`../../../../src/host/agent/erl/${name}.erl`, import.meta.url), "utf8"))
  .join("");

let directory = "";
let inventories: Record<string, ReleaseInventory> = {};
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "inspect-"));
  inventories = buildReleases(directory, { "1.2.0": RELEASES["1.2.0"] });
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Boots 1.2.0 from the directory of that name, as a host has it, and asks it. */
function inspected(): string[] {
  const root = join(directory, "1.2.0");
  const reldir = mkdtempSync(join(directory, "reldir-"));
  const expressions = `
    {ok, [{release, _, _, Apps}]} = file:consult("${root}/releases/1.2.0/shop.rel"),
    ok = release_handler:create_RELEASES("${reldir}", "${reldir}", "${root}/releases/1.2.0/shop.rel",
      [{A, V, "${root}/lib"} || {A, V} <- Apps]),
    application:stop(sasl), application:start(sasl), Known = [], Place = "${directory}", ${INSPECT}`;
  const boot = ["-noinput", "-mode", "embedded", "-boot", `${root}/releases/1.2.0/start`];
  const argv = [...boot, "-kernel", "logger_level", "critical", "-eval", expressions, "-eval", "halt()."];
  const env = { ...process.env, RELDIR: reldir, HOME: directory, ERL_CRASH_DUMP_BYTES: "0" };
  return execFileSync("erl", argv, { encoding: "utf8", env, timeout: 60_000 }).split("\n").filter(Boolean);
}

const CORE = ["kernel", "stdlib", "sasl"];

const sorted = (modules: ReadonlyMap<string, ModuleFacts> = new Map()) =>
  [...modules].map(([name, { exports, ...facts }]) => ({ name, ...facts, exports: [...exports].sort() }));

test("a node says of itself what its release's files say, whatever former releases lie beside", () => {
  const former = join(directory, "1.2.0/releases/1.1.0");
  mkdirSync(former);
  writeFileSync(join(former, "shop.rel"), '{release, {"shop", "1.1.0"}, {erts, "0"}, [{counter, "1.1.0"}]}.');
  writeFileSync(join(former, "relup"), '{"1.1.0", [], []}.');
  const files = inventories["1.2.0"] as ReleaseInventory;
  const said = parseInspection(inspected(), { ...files, applications: [] }, "1.2.0");
  if (said === null || "error" in said) throw new Error(said?.error);
  expect(said).toMatchObject({ name: "shop", erts: files.erts, relup: null });
  expect(said.applications.map(({ name, version }) => `${name} ${version}`)).toEqual(
    files.applications.map(({ name, version }) => `${name} ${version}`),
  );
  for (const { name, version, startType, modules } of files.applications.slice(CORE.length)) {
    const told = said.applications.find((it) => it.name === name);
    expect(told).toMatchObject({ version, startType });
    expect(sorted(told?.modules)).toEqual(sorted(modules));
    expect(said.appups.get(name)).toEqual(files.appups.get(name));
  }
});
