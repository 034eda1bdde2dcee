import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { readApplicationFile } from "../../../src/otp/application-file.ts";
import { instructionsFor, readAppup, scriptOf } from "../../../src/otp/appup.ts";
import { readTermFile } from "../../../src/otp/term-file.ts";
import { termIn } from "./inventories.ts";
import { erl } from "./run-erl.ts";

const installed = (kind: string): string[] =>
  erl(
    `[io:format("~ts~n", [F]) || D <- [code:lib_dir(), "/usr/lib/elixir/lib"], F <- filelib:wildcard(D ++ "/*/ebin/*.${kind}")]`,
  )
    .split("\n")
    .filter(Boolean);

describe("what came with Erlang and Elixir", () => {
  test("has appups that are read, down to every instruction", () => {
    const paths = installed("appup");
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths) {
      const read = readTermFile(readFileSync(path));
      const appup = "term" in read ? readAppup(read.term) : read;
      if ("error" in appup) throw new Error(`${path}: ${appup.error}`);
      for (const { script } of [...appup.up, ...appup.down]) expect(scriptOf(script)).toBeInstanceOf(Array);
    }
  });

  test("has .app files that are read", () => {
    const paths = installed("app");
    expect(paths.length).toBeGreaterThan(30);
    for (const path of paths)
      expect(readApplicationFile(readFileSync(path))).toMatchObject({ name: basename(path, ".app") });
  });
});

describe("an appup", () => {
  const appup = readAppup(
    termIn(
      `{"2.0", [{"1.1", [{apply, {m, exact, []}}]}, {<<"1\\\\.[0-9]+">>, [[{apply, {m, any, []}}]]}, {"1.2", [bad]}], []}`,
    ),
  );
  const up = (version: string) => {
    if ("error" in appup) throw new Error(appup.error);
    const read = instructionsFor(appup.up, version);
    return read === null || "error" in read ? read : read.map((it) => "term" in it && it.term);
  };

  test("has the first entry that is the whole version, or matches it as a whole", () => {
    expect(up("1.1")).toEqual([termIn("{apply, {m, exact, []}}")]);
    expect(up("1.2")).toEqual([termIn("{apply, {m, any, []}}")]);
    for (const version of ["1.2.1", "11.2", "2.0", ""]) expect(up(version)).toBeNull();
  });

  test("has the run wait for no expression that a backtracking engine would never be done with", () => {
    const read = readAppup(
      termIn('{"2.0", [{<<"(1+)+$">>, []}, {<<"((1|1|11)*){9}x">>, []}, {<<"[0-9!]+">>, []}], []}'),
    );
    if ("error" in read) throw new Error(read.error);
    expect(instructionsFor(read.up, `${"1".repeat(90)}!`)).toEqual([]);
  });

  test("matches as re(3) does: the first way counts, not the longest", () => {
    const read = readAppup(termIn('{"2.0", [{<<"1|1\\\\.2">>, []}, {<<"^1\\\\.[[:digit:]]+$">>, []}], []}'));
    if ("error" in read) throw new Error(read.error);
    expect(["1", "1.2", "1.3", "1.x"].map((it) => instructionsFor(read.up, it))).toEqual([[], [], [], null]);
    expect(instructionsFor(read.up.slice(0, 1), "1.2")).toBeNull();
  });

  test.each([
    ["{a, [], []}", "holds no {Vsn, [{UpFromVsn, _}], [{DownToVsn, _}]}"],
    ['{"1", [], x}', "holds no list of {Vsn, Instructions}"],
    ['{"1", [x], []}', "holds an entry that is no {Vsn, Instructions}"],
    ['{"1", [], [{x, []}]}', "holds an entry whose version is neither text nor a regular expression"],
    ['{"1", [{<<"1(?=x)">>, []}], []}', 'holds the regular expression "1(?=x)", which can\'t be read'],
    [
      '{"1", [], [{<<"((1{9}){9}){9}">>, []}]}',
      'holds the regular expression "((1{9}){9}){9}", whose counts make more than 100 copies',
    ],
    [
      `{"1", [{<<"(${"1".repeat(90)}){9}">>, []}], []}`,
      `holds the regular expression "(${"1".repeat(39)}…", which is too large`,
    ],
    [
      `{"1", [{<<"${"1".repeat(101)}">>, []}], []}`,
      `holds the regular expression "${"1".repeat(40)}…", which is longer than 100 characters`,
    ],
    [`{"1", [${'{"1", []},'.repeat(200)} {"2", []}], []}`, "holds 201 entries, more than 200"],
  ])("is refused: %s", (text, error) => {
    expect(readAppup(termIn(text))).toEqual({ error });
  });

  test.each([
    "{update, m, hard}",
    "{update, m, soft, default, []}",
    "{update, m, 0, soft, soft_purge, soft_purge, []}",
    "{update, m, odd, default, soft, soft_purge, soft_purge, []}",
    "{load_module, m, soft_purge, []}",
    "{load_module, m, purge, purge, []}",
    "{load_module, [m]}",
    "{add_module, m, x}",
    "{delete_module, m, [], []}",
    "{add_application, a, always}",
    "{remove_application, a, now}",
    "{load_object_code, {a, v, [m]}}",
    "{load, m}",
    "{remove, {m, soft_purge, none}}",
    "{code_change, sideways, [{m, x}]}",
    "{code_change, [m]}",
    "{suspend, [{m, 1, 2}]}",
    "{apply, {m, f, a}}",
    "{sync_nodes, id, 1}",
    "{purge, m}",
    "mnesia_backup",
    "{unknown, m}",
  ])("has no instruction %s", (text) => {
    expect(scriptOf(termIn(`[${text}]`))).toEqual({ error: expect.stringMatching(/^no instruction is /) });
  });
});
