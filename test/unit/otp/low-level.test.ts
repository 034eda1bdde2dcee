// Scripts, compared with what systools of the installed Erlang makes of the same releases and appups.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instructionsFor, readAppup } from "../../../src/otp/appup.ts";
import type { Instruction } from "../../../src/otp/instruction.ts";
import { lowLevelScript } from "../../../src/otp/low-level.ts";
import type { Library } from "../../../src/otp/translation.ts";
import { parseErlangTerms } from "../../../src/spec/erlang/parse-terms.ts";
import { termOfPlaced } from "../../../src/spec/erlang/placed-term.ts";
import type { ErlangTerm } from "../../../src/spec/erlang-term.ts";
import { formatTerm } from "../../../src/spec/erlang-term.ts";
import { erl } from "./run-erl.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "relup-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function termsIn(text: string): ErlangTerm[] {
  const read = parseErlangTerms(text);
  if ("errors" in read) throw new Error(JSON.stringify(read.errors));
  return read.terms.map(termOfPlaced);
}

const library = (name: string, version: string, ...modules: string[]): Library => ({
  name,
  version,
  startType: "permanent",
  modules,
});

/** `came` starts before all that changes, `went` after it. */
const OLD = [
  library("a", "1", "a1", "a2", "a3", "a4", "a_old"),
  library("b", "1", "b1", "b2", "b3"),
  library("went", "1", "w1", "w2"),
];
const NEW = [
  library("came", "1", "c1", "c2"),
  library("a", "2", "a1", "a2", "a3", "a4", "a_new"),
  library("b", "2", "b1", "b2", "b3"),
];
const BASE = ["kernel", "stdlib", "sasl"];

type Appups = { a: string; b: string };

function scriptsBySystools(cases: readonly Appups[]): (ErlangTerm | null)[] {
  const base = erl(
    `[io:format("~s ~s~n", [A, V]) || A <- [kernel, stdlib, sasl], {_, _, V} <- [begin application:load(A), lists:keyfind(A, 1, application:loaded_applications()) end]], io:format("~s", [erlang:system_info(version)])`,
  ).split("\n");
  const erts = base.at(-1);
  const write = (release: string, libraries: readonly Library[]): void => {
    for (const { name, version, modules } of libraries) {
      mkdirSync(join(directory, `${name}-${version}/ebin`), { recursive: true });
      const app = `{application, ${name}, [{vsn, "${version}"}, {description, ""}, {registered, []}, {modules, [${modules}]}, {applications, [${BASE}]}]}.`;
      writeFileSync(join(directory, `${name}-${version}/ebin/${name}.app`), app);
    }
    const all = [
      ...base.slice(0, 3).map((it) => it.split(" ")),
      ...libraries.map(({ name, version }) => [name, version]),
    ];
    const rel = `{release, {"r", "${release}"}, {erts, "${erts}"}, [${all.map(([name, version]) => `{${name}, "${version}"}`)}]}.`;
    writeFileSync(join(directory, `${release}.rel`), rel);
  };
  write("old", OLD);
  write("new", NEW);
  writeFileSync(
    join(directory, "cases"),
    cases.map(({ a, b }) => `{${JSON.stringify(a)}, ${JSON.stringify(b)}}.\n`).join(""),
  );
  const out = join(directory, "out");
  erl(
    `file:set_cwd("${directory}"), {ok, Cases} = file:consult("cases"), Path = filelib:wildcard("${directory}/*/ebin"),
     {ok, Out} = file:open("out", [write]),
     [begin
        file:write_file("a-2/ebin/a.appup", A), file:write_file("b-2/ebin/b.appup", B),
        case systools:make_relup("new", ["old"], ["old"], [noexec, silent, {path, Path}]) of
          {ok, {_, [{_, _, Up}], [{_, _, Down}]}, _, _} -> io:format(Out, "~0tp.~n", [{Up, Down}]);
          _ -> io:format(Out, "error.~n", [])
        end
      end || {A, B} <- Cases]`,
  );
  return termsIn(readFileSync(out, "utf8")).map((it) => ("tuple" in it ? it : null));
}

function scriptsByUs({ a, b }: Appups): ErlangTerm | null {
  const whole = (direction: "up" | "down"): ErlangTerm | null => {
    const scripts = [a, b].map((text) => {
      const appup = readAppup(termsIn(text)[0] as ErlangTerm);
      if ("error" in appup) throw new Error(appup.error);
      return instructionsFor(appup[direction], "1");
    });
    if (!scripts.every((it): it is readonly Instruction[] => Array.isArray(it))) return null;
    const [added, removed] = direction === "up" ? ["came", "went"] : ["went", "came"];
    const read = lowLevelScript({
      direction,
      from: direction === "up" ? OLD : NEW,
      to: direction === "up" ? NEW : OLD,
      scripts: [
        [{ kind: "add_application", application: added, startType: "permanent" }],
        ...scripts,
        [{ kind: "remove_application", application: removed }],
      ],
    });
    return "script" in read ? { list: read.script } : null;
  };
  const [up, down] = [whole("up"), whole("down")];
  return up && down ? { tuple: [up, down] } : null;
}

const purge = fc.constantFrom("soft_purge", "brutal_purge");
const change = fc.constantFrom("soft", "{advanced, []}", "{advanced, {x, 1}}");
const instruction = (module: string, needs: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(
      ...(needs === "[]" ? [`{load_module, ${module}}`, `{update, ${module}}`, `{update, ${module}, supervisor}`] : []),
      `{load_module, ${module}, ${needs}}`,
      `{update, ${module}, ${needs}}`,
    ),
    fc.tuple(purge, purge).map(([p, q]) => `{load_module, ${module}, ${p}, ${q}, ${needs}}`),
    change.map((it) => `{update, ${module}, ${it}, ${needs}}`),
    ...(needs === "[]" ? [change.map((it) => `{update, ${module}, ${it}}`)] : []),
    fc.tuple(change, purge, purge).map(([it, p, q]) => `{update, ${module}, ${it}, ${p}, ${q}, ${needs}}`),
    fc
      .tuple(fc.constantFrom("default", "infinity", "70"), change, purge)
      .map(([t, it, p]) => `{update, ${module}, ${t}, ${it}, ${p}, ${p}, ${needs}}`),
    fc
      .tuple(fc.constantFrom("static", "dynamic"), change, purge)
      .map(([t, it, p]) => `{update, ${module}, ${t}, default, ${it}, ${p}, ${p}, ${needs}}`),
  );

type Needs = (modules: readonly string[]) => fc.Arbitrary<ReadonlyMap<string, readonly string[]>>;

/** Each of some modules needs the next one, in whatever order: what OTP makes of it is no matter of chance. */
const chain: Needs = (modules) =>
  fc
    .tuple(fc.shuffledSubarray([...modules]), fc.nat())
    .map(([shuffled]) => new Map(shuffled.map((it, index) => [it, shuffled.slice(index + 1, index + 2)])));
const anyNeeds: Needs = (modules) =>
  fc
    .tuple(...modules.map(() => fc.subarray([...modules])))
    .map((all) => new Map(modules.map((it, index) => [it, (all[index] ?? []).filter((other) => other !== it)])));

function script(needs: Needs, common: readonly string[], more: readonly string[]): fc.Arbitrary<string> {
  const extras = fc.subarray([...more]);
  return fc.shuffledSubarray([...common]).chain((modules) =>
    needs(modules).chain((map) =>
      fc.tuple(...modules.map((it) => instruction(it, `[${map.get(it) ?? []}]`)), extras).map((parts) => {
        const [optional, ...rest] = [...parts].reverse() as [string[], ...string[]];
        return `[${[...rest.slice(0, 2), ...optional, ...rest.slice(2)].join(", ")}]`;
      }),
    ),
  );
}

const LOW = [
  "{apply, {m, f, [a]}}",
  "{sync_nodes, id, [n@h]}",
  "{stop, [x]}, {start, [x]}",
  "{suspend, [x, {y, 5}]}, {resume, [y, x]}",
];
const appups = (needs: Needs): fc.Arbitrary<Appups> => {
  const a = (up: boolean) =>
    script(
      needs,
      ["a1", "a2", "a3", "a4"],
      [
        up ? "{add_module, a_new}" : "{delete_module, a_new}",
        up ? "{delete_module, a_old}" : "{add_module, a_old}",
        ...LOW,
        `{load_object_code, {a, "${up ? 2 : 1}", [a1, a4]}}, {load, {a1, soft_purge, soft_purge}}`,
      ],
    );
  const b = fc.oneof(
    { weight: 4, arbitrary: script(needs, ["b1", "b2", "b3"], LOW) },
    fc.constantFrom(
      "[{restart_application, b}]",
      "[{apply, {m, f, []}}, point_of_no_return, {load_module, b1}]",
      "[{delete_module, b1}, {load_module, nowhere}]",
      "[{load, {b1, soft_purge, soft_purge}}]",
      "[{suspend, [b1]}]",
    ),
  );
  return fc.tuple(a(true), a(false), b, b).map(([up, down, bUp, bDown]) => ({
    a: `{"2", [{"1", ${up}}], [{<<"^1(\\\\.0)*$">>, ${down}}]}.`,
    b: `{"2", [{"0", []}, {"1", ${bUp}}], [{"1", ${bDown}}]}.`,
  }));
};

const text = (term: ErlangTerm | null): string => (term === null ? "error" : formatTerm(term));

/** With an order where OTP's is one of several: of modules within an instruction, and of loads that follow each other. */
function sorted(term: ErlangTerm | null): string[] {
  if (term === null || !("tuple" in term)) return ["error"];
  return term.tuple.map((it) => {
    const lines = ("list" in it ? it.list : []).map((instruction) => {
      const line = formatTerm(instruction);
      return line.replace(
        /\[(?!\])(.*)\]/,
        (_, items: string) =>
          `[${items
            .split(/,(?![^{]*\})/)
            .sort()
            .join(",")}]`,
      );
    });
    const runs: string[][] = [];
    for (const line of lines) {
      const isLoad = /^\{(load|remove|purge),/.test(line);
      if (isLoad && runs.at(-1)?.[0]?.match(/^\{(load|remove|purge),/)) runs.at(-1)?.push(line);
      else runs.push([line]);
    }
    return runs.map((run) => run.sort().join("\n")).join("\n");
  });
}

describe("a script", () => {
  const count = 100;

  test("is the one that systools makes, where what needs what leaves one order only", () => {
    const cases = fc.sample(appups(chain), { numRuns: count, seed: 1 });
    const theirs = scriptsBySystools(cases).map(text);
    expect(theirs.filter((it) => it !== "error").length).toBeGreaterThan(count / 2);
    expect(theirs.filter((it) => it === "error").length).toBeGreaterThan(5);
    expect(cases.map((it) => text(scriptsByUs(it)))).toEqual(theirs);
  });

  test("has the same instructions in any case, and differs in orders only that OTP leaves to chance", () => {
    const cases = fc.sample(appups(anyNeeds), { numRuns: count, seed: 2 });
    const theirs = scriptsBySystools(cases);
    expect(cases.map((it) => sorted(scriptsByUs(it)))).toEqual(theirs.map(sorted));
  });
});
