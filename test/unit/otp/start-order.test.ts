// Orders, compared with those of systools of the installed Erlang.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { startOrder } from "../../../src/otp/start-order.ts";
import { erl } from "./run-erl.ts";

const NAMES = ["a", "b", "c", "d", "e", "f"];
const BASE = ["kernel", "stdlib", "sasl"];

/** Applications of which each needs some whose names are smaller, in any order; never two that need each other. */
const applications = fc
  .tuple(
    fc.shuffledSubarray(NAMES, { minLength: NAMES.length }),
    ...NAMES.map((_, index) => fc.shuffledSubarray(NAMES.slice(0, index))),
  )
  .map(([order, ...needs]) =>
    order.map((name) => ({
      name,
      applications: ["kernel", "stdlib", ...(needs[NAMES.indexOf(name)] ?? [])],
      included: [],
    })),
  );

test("applications start in the order in which systools has them", () => {
  const directory = mkdtempSync(join(tmpdir(), "order-"));
  try {
    const cases = fc.sample(applications, { numRuns: 100, seed: 3 });
    writeFileSync(
      join(directory, "cases"),
      cases.map((it) => `[${it.map(({ name, applications: needs }) => `{${name}, [${needs}]}`)}].\n`).join(""),
    );
    const out = erl(
      `file:set_cwd("${directory}"), {ok, Cases} = file:consult("cases"),
       Base = [begin application:load(A), {ok, V} = application:get_key(A, vsn), {A, V} end || A <- [${BASE}]],
       [begin
          [file:write_file(atom_to_list(N) ++ ".app", io_lib:format("~p.~n", [{application, N, [{vsn, "1"}, {description, ""}, {modules, []}, {registered, []}, {applications, Ns}]}])) || {N, Ns} <- Case],
          file:write_file("r.rel", io_lib:format("~p.~n", [{release, {"r", "1"}, {erts, "1"}, [{N, "1"} || {N, _} <- Case] ++ Base}])),
          {ok, _, Apps, _} = systools_make:get_release("r", ["."|code:get_path()]),
          io:format("~0p~n", [[N || {{N, _}, _} <- Apps]])
        end || Case <- Cases]`,
    );
    const base = BASE.map((name) => ({
      name,
      applications: BASE.slice(0, Math.min(BASE.indexOf(name), 2)),
      included: [],
    }));
    const ours = cases.map((it) => `[${startOrder([...it, ...base]).map(({ name }) => name)}]`);
    expect(ours).toEqual(out.trim().split("\n"));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
